import type { Span } from '../diagnostics/diagnostic.ts';
import { functions } from '../functions/index.ts';
import { typeText } from '../types/data-type.ts';
import { framesAt } from './clause.ts';
import { completeOptions } from './complete-option.ts';
import { type Place, placeAt } from './place.ts';
import { occurrencesAt } from './rename.ts';
import type { SourceFile } from './source-file.ts';
import { tablesHere } from './tables-here.ts';

export interface Hover {
  readonly span: Span;
  /** Markdown. */
  readonly text: string;
}

/** What is known about the name, function or option at `offset`. */
export function hover(file: SourceFile, offset: number): Hover | undefined {
  return hoverName(file, offset) ?? hoverWord(file, offset);
}

function hoverName(file: SourceFile, offset: number): Hover | undefined {
  const found = occurrencesAt(file, offset);
  if (found === undefined) return undefined;
  const { at, named } = found;
  const { kind, name, whole } = named.table ?? named;
  if (kind !== 'column') return { span: at, text: code(file.text.slice(whole.start, whole.end)) };
  const type = typeOf(file, offset, at, name);
  return { span: at, text: code(type === undefined ? name : `${name} ${type}`) };
}

/** The type of a column where it is used, or as its table declares it. */
function typeOf(file: SourceFile, offset: number, at: Span, name: string): string | undefined {
  const statement = file.statementAt(offset);
  if (statement === undefined) return undefined;
  const types = new Map<string, string>();
  const catalog = file.observe(statement, (node, { type }) => {
    // The alias of an item follows its expression.
    if (node.span.end === at.end || /^\s+AS\s+$/i.test(file.text.slice(node.span.end, at.start))) {
      types.set('found', typeText(type));
    }
  });
  if (types.size > 0) return types.get('found');
  const object = 'name' in statement && statement.name?.kind === 'name' ? catalog.find(statement.name) : undefined;
  const fields =
    object === undefined ? [] : object.kind === 'view' ? object.relation.fields : object.definition.columns;
  const type = fields.find((field) => field.name === name)?.type;
  if (type !== undefined) return typeText(type);
  const place = placeAt(file.text, at.end);
  const here = place && tablesHere(file, place).flatMap((table) => table.fields);
  const known = here?.find((field) => field.name === name)?.type;
  return known === undefined ? undefined : typeText(known);
}

function hoverWord(file: SourceFile, offset: number): Hover | undefined {
  const end = offset + /^[\w.-]*/.exec(file.text.slice(offset, offset + 200))![0].length;
  const place = placeAt(file.text, end);
  if (place === undefined) return undefined;
  if (place.inside === 'string') return hoverOption(file, place);
  const word = file.text.slice(place.replaced.start, place.replaced.end);
  const definition = functions.get(word.toUpperCase());
  if (definition === undefined || definition.callable === false) return undefined;
  const examples = definition.examples.slice(0, 3).map(({ sql, value }) => `- \`${sql}\` → \`${value ?? 'NULL'}\``);
  return {
    span: place.replaced,
    text: [code(definition.syntax.join('\n')), definition.doc, examples.join('\n')]
      .filter((t) => t !== '')
      .join('\n\n'),
  };
}

function hoverOption(file: SourceFile, place: Place): Hover | undefined {
  const frame = framesAt(place).at(-1)!;
  if (frame.kind !== 'options') return undefined;
  const text = file.text.slice(place.replaced.start, place.replaced.end);
  const bare: Place = { ...place, replaced: { start: place.replaced.start, end: place.replaced.start } };
  const found = completeOptions(file, bare, frame).find(({ label }) => label === text);
  if (found?.doc === undefined) return undefined;
  return {
    span: place.replaced,
    text: [`**${text}**`, found.detail ?? '', found.doc].filter((t) => t !== '').join('\n\n'),
  };
}

function code(text: string): string {
  return `\`\`\`sql\n${text}\n\`\`\``;
}
