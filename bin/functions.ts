import { type Command, Option } from 'commander';
import type { ScalarFunction } from '../engine/index.ts';
import { UsageError } from './exit.ts';

export function addFunctions(program: Command): void {
  program
    .command('functions')
    .summary('the reference of the SQL functions')
    .description('Prints the functions and operators, or one of them with its examples.')
    .argument('[name]', 'one function')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'json', 'markdown']).default('text'),
    )
    .action(async (name: string | undefined, flags: { format: 'text' | 'json' | 'markdown' }) => {
      const { functions, suggest } = await import('../engine/index.ts');
      const all = [...new Set(functions.values())];
      let chosen = all;
      if (name !== undefined) {
        const found = functions.get(name.toUpperCase());
        if (found === undefined) {
          const near = suggest(name, functions.keys());
          throw new UsageError(`no function '${name}'`, near === undefined ? undefined : `did you mean '${near}'?`);
        }
        chosen = [found];
      }
      process.stdout.write(print(chosen, flags.format, name !== undefined));
    });
}

function print(list: readonly ScalarFunction[], format: 'text' | 'json' | 'markdown', details: boolean): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(list.map(asData), undefined, 2)}\n`;
    case 'markdown':
      return functionsMarkdown(list);
    case 'text':
      return details ? list.map(detailText).join('\n') : listText(list);
  }
}

function asData({ name, aliases = [], family, doc, syntax, examples }: ScalarFunction) {
  return { name, aliases, family, doc, syntax, examples };
}

function byFamily(list: readonly ScalarFunction[]): [string, ScalarFunction[]][] {
  const families = new Map<string, ScalarFunction[]>();
  for (const each of list) families.set(each.family, [...(families.get(each.family) ?? []), each]);
  return [...families];
}

function listText(list: readonly ScalarFunction[]): string {
  return byFamily(list)
    .map(([family, members]) => {
      const width = Math.max(...members.map((f) => f.syntax[0]!.length));
      return `${family}\n${members.map((f) => `  ${f.syntax[0]!.padEnd(width)}  ${f.doc}`).join('\n')}\n`;
    })
    .join('\n');
}

function detailText({ syntax, doc, examples }: ScalarFunction): string {
  return `${syntax.join('\n')}\n\n${doc}\n\n${examples.map((e) => `  ${e.sql} → ${e.value ?? 'NULL'}`).join('\n')}\n`;
}

/** The whole reference as one Markdown page. */
export function functionsMarkdown(list: readonly ScalarFunction[]): string {
  const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
  const row = (f: ScalarFunction) =>
    `| ${f.syntax.map(code).join('<br>')} | ${f.doc.replaceAll('|', '\\|')} | ${f.examples
      .map((e) => `${code(e.sql)} → ${e.value === null ? 'NULL' : e.value === '' ? '(empty)' : code(e.value)}`)
      .join('<br>')} |`;
  const section = ([family, members]: [string, ScalarFunction[]]) =>
    `## ${family}\n\n| syntax | what it does | examples |\n|---|---|---|\n${members.map(row).join('\n')}\n`;
  return `# Functions and operators\n\nMade by \`cryptopipe functions --format markdown\`.\n\n${byFamily(list).map(section).join('\n')}`;
}
