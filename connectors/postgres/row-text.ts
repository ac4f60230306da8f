import { type Column, valueAt } from '../../engine/types/batch.ts';
import type { Field } from '../../engine/types/data-type.ts';
import { textOf } from '../../engine/types/text.ts';

const LONGEST = 60;
const temporal = new Set(['DATE', 'TIMESTAMP', 'TIMESTAMP_LTZ']);

function unitOf({ type }: Field): string {
  if (type.kind === 'DATE') return 'days';
  return 'precision' in type && type.precision > 6 ? 'ns' : 'µs';
}

/** A value for messages: strings quoted, long ones cut. */
export function valueText(field: Field, column: Column, row: number): string {
  const { kind } = field.type;
  const text = textOf(field.type, valueAt(field.type, column, row));
  if (text === null) return 'NULL';
  // What Flink prints for years beyond four digits is no year.
  if (temporal.has(kind) && !/^\d{4}-/.test(text)) return `${column.values[row]} ${unitOf(field)} since 1970`;
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
  return kind === 'CHAR' || kind === 'VARCHAR' ? JSON.stringify(cut) : cut;
}

/** `symbol = "BTC", price = NULL` of the chosen columns, all by default. */
export function rowText(
  fields: readonly Field[],
  columns: readonly Column[],
  row: number,
  chosen: readonly number[] = fields.map((_, i) => i),
): string {
  return chosen.map((i) => `${fields[i]!.name} = ${valueText(fields[i]!, columns[i]!, row)}`).join(', ');
}
