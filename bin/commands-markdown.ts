import type { Command } from 'commander';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The commands with their flags as a Markdown page. */
export function commandsMarkdown(program: Command): string {
  const sections = program.commands.map((command) => {
    const help = command.createHelp();
    const options = command.options.map((option) => {
      const choices =
        option.argChoices === undefined ? '' : ` One of ${option.argChoices.map((c) => `\`${c}\``).join(', ')}.`;
      const standard = typeof option.defaultValue === 'string' ? ` Default \`${option.defaultValue}\`.` : '';
      return `| \`${option.flags}\` | ${cell(option.description)}.${choices}${standard} |`;
    });
    const table = options.length === 0 ? '' : `\n| flag | |\n|---|---|\n${options.join('\n')}\n`;
    return `## ${command.name()}\n\n\`${help.commandUsage(command)}\`\n\n${command.description()}\n${table}`;
  });
  return `# Commands\n\n${program.description()}\n\n${sections.join('\n')}`;
}
