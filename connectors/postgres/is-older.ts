import type { ColumnValues } from '../../engine/types/batch.ts';
import type { DataType } from '../../engine/types/data-type.ts';
import { generate } from '../../engine/types/generate.ts';
import { microsOf } from './micros.ts';

/** Kinds of types that say which of two rows is newer; strings do not: each database sorts them its own way. */
const ORDERED: ReadonlySet<DataType['kind']> = new Set<DataType['kind']>([
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMP_LTZ',
]);

/** Whether values of a type tell newer rows from older ones. */
export function tellsAge(t: DataType): boolean {
  return ORDERED.has(t.kind);
}

/** Whether `values[row]` stands before `others[at]` as PostgreSQL orders them: NaN last; NULL is before everything. */
export type IsOlder = (
  values: ColumnValues,
  nulls: Uint8Array | undefined,
  row: number,
  others: ColumnValues,
  otherNulls: Uint8Array | undefined,
  at: number,
) => boolean;

/** The comparison for a type that `tellsAge`, specialized to its storage. Nanoseconds count as far as they are stored. */
export function isOlder(t: DataType): IsOlder {
  const nanoseconds = (t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ') && t.precision > 6;
  const read = (value: string) => (nanoseconds ? `microsOf(${value})` : value);
  return generate<IsOlder>(
    { microsOf },
    `return function (values, nulls, row, others, otherNulls, at) {
    if (otherNulls !== undefined && otherNulls[at] === 1) return false;
    if (nulls !== undefined && nulls[row] === 1) return true;
    const a = ${read('values[row]')}, b = ${read('others[at]')};
    return a < b || (b !== b && a === a);
  };`,
  );
}
