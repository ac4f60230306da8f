import { type Column, valueAt } from './batch.ts';
import type { Field, Scalar } from './data-type.ts';
import { textOf } from './text.ts';

/** A row as the UTF-8 of a JSON object, `chosen` columns of it: numbers that a double holds, booleans, else texts. */
export function rowJson(
  fields: readonly Field[],
  columns: readonly Column[],
  row: number,
  chosen: readonly number[] = fields.map((_, i) => i),
): Uint8Array {
  const members = chosen.map((i) => [fields[i]!.name, member(fields[i]!, valueAt(fields[i]!.type, columns[i]!, row))]);
  return Buffer.from(JSON.stringify(Object.fromEntries(members)));
}

function member(field: Field, value: Scalar): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  return typeof value === 'number' && /INT|DOUBLE|FLOAT/.test(field.type.kind) && Number.isFinite(value)
    ? value
    : textOf(field.type, value);
}
