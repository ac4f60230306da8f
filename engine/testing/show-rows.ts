import type { Field, Scalar } from '../types/data-type.ts';
import { typeText } from '../types/data-type.ts';
import { textOf } from '../types/text.ts';

/** A line of names and types, then a line a row, sorted: sources are read side by side, rows have no order. */
export function showRows(fields: readonly Field[], rows: readonly (readonly Scalar[])[], timeZone: string): string {
  const header = fields.map(({ name, type }) => `${name} ${typeText(type)}`).join(', ');
  const lines = rows.map((row) =>
    fields.map(({ type }, i) => valueText(textOf(type, row[i] ?? null, timeZone))).join(' | '),
  );
  return [header, ...lines.sort()].join('\n');
}

/** Texts that could be taken for something else stand in quotes. */
function valueText(text: string | null): string {
  if (text === null) return 'NULL';
  const plain = text !== '' && text !== 'NULL' && text.trim() === text && !/[|\n\r\t']/.test(text);
  return plain
    ? text
    : `'${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}'`;
}
