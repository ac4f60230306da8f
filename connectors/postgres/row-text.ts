import { type Column, valueAt } from '../../engine/types/batch.ts';
import type { Field } from '../../engine/types/data-type.ts';
import { textOf } from '../../engine/types/text.ts';

const LONGEST = 60;

/** A value for messages: strings quoted, long ones cut. */
export function valueText(field: Field, column: Column, row: number): string {
  const { kind } = field.type;
  const text = textOf(field.type, valueAt(field.type, column, row)) ?? 'NULL';
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
