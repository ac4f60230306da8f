import type { Field, Scalar } from '../types/data-type.ts';
import { typeText } from '../types/data-type.ts';
import { textOf } from '../types/text.ts';

/** A line of names and types, then a line a row, sorted: sources are read side by side, rows have no order. */
export function showRows(fields: readonly Field[], rows: readonly (readonly Scalar[])[], timeZone: string): string {
  return [header(fields), ...rows.map((row) => rowText(fields, row, timeZone)).sort()].join('\n');
}

/** A change of a row; `kind` is 0 for +I, 1 for -U, 2 for +U, 3 for -D, as in batches. */
export interface Change {
  readonly kind: number;
  readonly row: readonly Scalar[];
}

/** The same for changes: those of one key, or of equal rows where there is none, in the order in which they came. */
export function showChanges(
  fields: readonly Field[],
  changes: readonly Change[],
  primaryKey: readonly number[] | undefined,
  timeZone: string,
): string {
  const lines = changes.map(({ kind, row }) => {
    const text = rowText(fields, row, timeZone);
    const key =
      primaryKey === undefined
        ? text
        : rowText(
            primaryKey.map((i) => fields[i]!),
            primaryKey.map((i) => row[i]!),
            timeZone,
          );
    return { key, text: `${['+I', '-U', '+U', '-D'][kind]} ${text}` };
  });
  lines.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return [header(fields), ...lines.map(({ text }) => text)].join('\n');
}

function header(fields: readonly Field[]): string {
  return fields.map(({ name, type }) => `${name} ${typeText(type)}`).join(', ');
}

function rowText(fields: readonly Field[], row: readonly Scalar[], timeZone: string): string {
  return showTexts(fields.map(({ type }, i) => textOf(type, row[i] ?? null, timeZone)));
}

/** The line of a row whose values are texts already, as CAST(… AS STRING) gives them; null for NULL. */
export function showTexts(values: readonly (string | null)[]): string {
  return values.map(valueText).join(' | ');
}

/** Texts that could be taken for something else stand in quotes. */
function valueText(text: string | null): string {
  if (text === null) return 'NULL';
  const plain = text !== '' && text !== 'NULL' && text.trim() === text && !/[|\n\r\t']/.test(text);
  return plain
    ? text
    : `'${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}'`;
}
