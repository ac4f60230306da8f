import { Argument, type Command } from 'commander';

type Shell = 'bash' | 'zsh' | 'fish';

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('the script that completes commands and flags in a shell')
    .description(
      'Prints a completion script. bash: source <(cryptopipe completion bash); zsh: the same with zsh; ' +
        'fish: cryptopipe completion fish | source',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });
}

interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly long: string; readonly summary: string; readonly values: readonly string[] }[];
  /** What its argument may be, where that is known. */
  readonly values: readonly string[];
}

function commandsOf(program: Command): Completed[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: command.options.map((option) => ({
      long: option.long!,
      summary: option.description,
      values: option.argChoices ?? [],
    })),
    values: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  }));
}

/** Completes commands, flags, their values and, where nothing else is known, files. */
function completionScript(program: Command, shell: Shell): string {
  const commands = commandsOf(program);
  switch (shell) {
    case 'bash':
      return bashScript(commands);
    case 'zsh':
      // zsh runs functions that were written for bash; it brings what is needed.
      return `#compdef cryptopipe\nautoload -Uz compinit bashcompinit\nwhence compdef >/dev/null || compinit -u\nbashcompinit\n${bashScript(commands)}`;
    case 'fish':
      return fishScript(commands);
  }
}

function bashScript(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, values }) => {
    const flags = [...options.map(({ long }) => long), '--help'];
    const choices = options
      .filter((option) => option.values.length > 0)
      .map((option) => `      ${name}:${option.long}) words="${option.values.join(' ')}" ;;\n`);
    return {
      choices: choices.join(''),
      words: `        ${name}) if [[ $current == -* ]]; then words="${flags.join(' ')}"; else words="${values.join(' ')}"; fi ;;\n`,
    };
  });
  return `_cryptopipe() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=
  if [[ $COMP_CWORD -eq 1 ]]; then
    words="${commands.map(({ name }) => name).join(' ')}"
  else
    case "\${COMP_WORDS[1]}:$previous" in
${cases.map(({ choices }) => choices).join('')}      *) case "\${COMP_WORDS[1]}" in
${cases.map(({ words }) => words).join('')}      esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _cryptopipe cryptopipe
`;
}

function fishScript(commands: readonly Completed[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ name, summary, options, values }) => {
    const inside = `complete -c cryptopipe -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c cryptopipe -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
      ...(values.length === 0 ? [] : [`${inside} -f -a ${quote(values.join(' '))}`]),
      ...options.map((option) => {
        const choices = option.values.length === 0 ? '' : ` -x -a ${quote(option.values.join(' '))}`;
        return `${inside} -l ${option.long.slice(2)} -d ${quote(option.summary)}${choices}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}
