import { type Command, Option } from 'commander';
import type { AggregateFunction, ScalarFunction } from '../engine/index.ts';
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
      const { aggregateFunctions, functions, suggest } = await import('../engine/index.ts');
      const all = [...new Set(functions.values()), ...new Set(aggregateFunctions.values())].map(entryOf);
      let chosen = all;
      if (name !== undefined) {
        const wanted = name.toUpperCase();
        const found = all.find((each) => each.name === wanted || each.aliases.includes(wanted));
        if (found === undefined) {
          const near = suggest(name, [...functions.keys(), ...aggregateFunctions.keys()]);
          throw new UsageError(`no function '${name}'`, near === undefined ? undefined : `did you mean '${near}'?`);
        }
        chosen = [found];
      }
      process.stdout.write(print(chosen, flags.format, name !== undefined));
    });
}

/** A function as the reference shows it. */
export interface FunctionEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly family: string;
  readonly doc: string;
  readonly syntax: readonly string[];
  /** SQL and its value; null for NULL. */
  readonly examples: readonly { readonly sql: string; readonly value: string | null }[];
}

/** What the reference shows of a declaration; the example of an aggregate is a whole query. */
export function entryOf(f: ScalarFunction | AggregateFunction): FunctionEntry {
  const { name, aliases = [], doc, syntax } = f;
  if ('family' in f) return { name, aliases, family: f.family, doc, syntax, examples: f.examples };
  const examples = f.examples.map(({ sql, rows, value }) => ({ sql: exampleQuery(sql, rows), value }));
  return { name, aliases, family: 'aggregate', doc, syntax, examples };
}

function exampleQuery(sql: string, rows: string): string {
  const columns = /\bb\b/.test(sql) ? 'a, b' : 'a';
  return `SELECT ${sql} FROM (VALUES ${rows}) AS t (${columns})`;
}

function print(list: readonly FunctionEntry[], format: 'text' | 'json' | 'markdown', details: boolean): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(list, undefined, 2)}\n`;
    case 'markdown':
      return functionsMarkdown(list);
    case 'text':
      return details ? list.map(detailText).join('\n') : listText(list);
  }
}

function byFamily(list: readonly FunctionEntry[]): [string, FunctionEntry[]][] {
  const families = new Map<string, FunctionEntry[]>();
  for (const each of list) families.set(each.family, [...(families.get(each.family) ?? []), each]);
  return [...families];
}

function listText(list: readonly FunctionEntry[]): string {
  return byFamily(list)
    .map(([family, members]) => {
      const width = Math.max(...members.map((f) => f.syntax[0]!.length));
      return `${family}\n${members.map((f) => `  ${f.syntax[0]!.padEnd(width)}  ${f.doc}`).join('\n')}\n`;
    })
    .join('\n');
}

function detailText({ syntax, doc, examples }: FunctionEntry): string {
  return `${syntax.join('\n')}\n\n${doc}\n\n${examples.map((e) => `  ${e.sql} → ${e.value ?? 'NULL'}`).join('\n')}\n`;
}

/** The whole reference as one Markdown page. */
export function functionsMarkdown(list: readonly FunctionEntry[]): string {
  const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
  const row = (f: FunctionEntry) =>
    `| ${f.syntax.map(code).join('<br>')} | ${f.doc.replaceAll('|', '\\|')} | ${f.examples
      .map((e) => `${code(e.sql)} → ${e.value === null ? 'NULL' : e.value === '' ? '(empty)' : code(e.value)}`)
      .join('<br>')} |`;
  const section = ([family, members]: [string, FunctionEntry[]]) =>
    `## ${family}\n\n| syntax | what it does | examples |\n|---|---|---|\n${members.map(row).join('\n')}\n`;
  return `# Functions and operators\n\nMade by \`cryptopipe functions --format markdown\`.\n\n${byFamily(list).map(section).join('\n')}`;
}
