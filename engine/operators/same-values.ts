import { equalValues, hasIdentity } from '../functions/compare-values.ts';
import type { Column } from '../types/batch.ts';
import type { DataType, Scalar } from '../types/data-type.ts';

/** Whether a row of one column has the value of a row of another: NULL is NULL, and NaN is NaN. */
export function sameValues(t: DataType, a: Column, row: number, b: Column, other: number): boolean {
  const isNull = a.nulls?.[row] === 1;
  if (isNull !== (b.nulls?.[other] === 1)) return false;
  if (isNull) return true;
  const x = a.values[row];
  const y = b.values[other];
  return hasIdentity(t) ? Object.is(x, y) || x === y : equalValues(t, x as Scalar, y as Scalar);
}
