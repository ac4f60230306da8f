import { type Command, Option } from 'commander';
import type { Connector, Format, OptionDeclaration } from '../engine/index.ts';
import { UsageError } from './exit.ts';

type Described = Connector | Format;

export function addConnectors(program: Command): void {
  program
    .command('connectors')
    .summary('the reference of connectors and formats')
    .description('Prints the connectors and formats, or one of them with its options and metadata columns.')
    .argument('[name]', 'one connector or format')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'json', 'markdown']).default('text'),
    )
    .action(async (name: string | undefined, flags: { format: 'text' | 'json' | 'markdown' }) => {
      const { registry } = await import('../connectors/index.ts');
      const all: readonly Described[] = [...registry.connectors, ...registry.formats];
      let chosen = all;
      if (name !== undefined) {
        chosen = all.filter((each) => each.name === name);
        if (chosen.length === 0) {
          const { suggest } = await import('../engine/index.ts');
          const near = suggest(
            name,
            all.map((each) => each.name),
          );
          throw new UsageError(`no connector or format '${name}'`, near && `did you mean '${near}'?`);
        }
      }
      process.stdout.write(print(chosen, flags.format, name !== undefined));
    });
}

function print(list: readonly Described[], format: 'text' | 'json' | 'markdown', details: boolean): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(list.map(asData), undefined, 2)}\n`;
    case 'markdown':
      return connectorsMarkdown(list);
    case 'text':
      return details ? list.map(detailText).join('\n') : listText(list);
  }
}

function roles(each: Described): string {
  const reads = 'createSource' in each || 'createDecoder' in each;
  const writes = 'createSink' in each || 'createEncoder' in each;
  return reads && writes ? 'source and sink' : reads ? 'source' : 'sink';
}

function isFormat(each: Described): each is Format {
  return 'createDecoder' in each || 'createEncoder' in each;
}

/** Options of a format are written with its name in front. */
function optionsOf(each: Described): [string, OptionDeclaration][] {
  return Object.entries(each.options).map(([key, o]) => [isFormat(each) ? `${each.name}.${key}` : key, o]);
}

function requirement({ required, default: standard }: OptionDeclaration): string {
  if (required === true) return 'required';
  if (required !== undefined && required !== false) return `required for a ${required}`;
  return standard === undefined ? '' : `default '${standard}'`;
}

function asData(each: Described) {
  return {
    name: each.name,
    kind: isFormat(each) ? 'format' : 'connector',
    roles: roles(each),
    doc: each.doc,
    options: optionsOf(each).map(([key, o]) => ({
      key,
      type: o.kind,
      doc: o.doc,
      ...(o.values === undefined ? {} : { values: o.values }),
      ...(o.default === undefined ? {} : { default: o.default }),
      required: o.required ?? false,
      secret: o.secret,
      inFlink: o.ours !== true,
    })),
    ...('metadata' in each && each.metadata !== undefined
      ? {
          metadata: Object.entries(each.metadata).map(([key, { doc, readable, writable }]) => ({
            key,
            doc,
            readable,
            writable,
          })),
        }
      : {}),
  };
}

function listText(list: readonly Described[]): string {
  const width = Math.max(...list.map((each) => each.name.length));
  return list
    .map((each) => `${each.name.padEnd(width)}  ${isFormat(each) ? 'format' : roles(each)}: ${each.doc}\n`)
    .join('');
}

function detailText(each: Described): string {
  const options = optionsOf(each).map(([key, o]) => {
    const notes = [requirement(o), o.role === undefined ? '' : `only as a ${o.role}`, o.ours ? 'not in Flink' : ''];
    const values = o.values === undefined ? '' : `\n      one of ${o.values.map((v) => `'${v}'`).join(', ')}`;
    const note = notes.filter((n) => n !== '').join(', ');
    return `  '${key}'  ${o.kind}${note === '' ? '' : ` (${note})`}\n      ${o.doc}${values}\n`;
  });
  const metadata =
    'metadata' in each && each.metadata !== undefined
      ? `\nmetadata columns\n${Object.entries(each.metadata)
          .map(([key, m]) => `  '${key}'  ${m.readable ? 'R' : ''}${m.writable ? 'W' : ''}  ${m.doc}\n`)
          .join('')}`
      : '';
  return `${each.name}: ${each.doc}\n\noptions\n${options.join('')}${metadata}`;
}

/** The whole reference as one Markdown page. */
export function connectorsMarkdown(list: readonly Described[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const section = (each: Described) => {
    const rows = optionsOf(each).map(
      ([key, o]) =>
        `| \`${key}\` | ${o.kind} | ${cell(requirement(o))} | ${cell(o.doc)}${o.values === undefined ? '' : ` One of ${o.values.map((v) => `\`${v}\``).join(', ')}.`}${o.ours ? ' Not in Flink.' : ''} |`,
    );
    const metadata =
      'metadata' in each && each.metadata !== undefined
        ? `\n| metadata | | what it is |\n|---|---|---|\n${Object.entries(each.metadata)
            .map(([key, m]) => `| \`${key}\` | ${m.readable ? 'R' : ''}${m.writable ? 'W' : ''} | ${cell(m.doc)} |`)
            .join('\n')}\n`
        : '';
    return `## ${each.name}\n\n${each.doc} (${isFormat(each) ? 'format' : roles(each)})\n\n| option | type | | what it does |\n|---|---|---|---|\n${rows.join('\n')}\n${metadata}`;
  };
  return `# Connectors and formats\n\nMade by \`cryptopipe connectors --format markdown\`.\n\n${list.map(section).join('\n')}`;
}
