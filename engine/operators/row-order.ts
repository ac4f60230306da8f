import type { SlotColumn } from '../functions/aggregates/slots.ts';
import { compareValues } from '../functions/compare-values.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import type { Compare } from './sorted-numbers.ts';

/** A column that rows are ordered by. */
export interface SortColumn {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The order of two rows of `rows`, columns by the number of a row, by some of the columns. */
export function orderOf(
  rows: readonly SlotColumn[],
  types: readonly DataType[],
  order: readonly SortColumn[],
): Compare {
  const steps = order.map(({ column, descending, nullsFirst }) => {
    const slots = rows[column]!;
    const t = types[column]!;
    const sign = descending ? -1 : 1;
    return (a: number, b: number): number => {
      const { nulls, values } = slots;
      if (nulls[a] === 1 || nulls[b] === 1) {
        return nulls[a] === nulls[b] ? 0 : (nulls[a] === 1) === nullsFirst ? -1 : 1;
      }
      return sign * compareValues(t, values[a] as Scalar, values[b] as Scalar);
    };
  });
  if (steps.length === 1) return steps[0]!;
  return (a, b) => {
    for (const step of steps) {
      const found = step(a, b);
      if (found !== 0) return found;
    }
    return 0;
  };
}
