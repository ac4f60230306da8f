import type { ColumnValues } from '../../engine/types/batch.ts';
import { generate } from '../../engine/types/generate.ts';

/** Copies `from[rows[i]]` to `to[slots[i]]` for i below `count`. */
export type CopyRows = (
  from: ColumnValues,
  to: ColumnValues,
  rows: Int32Array,
  slots: Int32Array,
  count: number,
) => void;

/** A copy loop of its own for each column, so that each stays specialized to one kind of array. */
export function copyRows(): CopyRows {
  return generate<CopyRows>(
    {},
    `return function (from, to, rows, slots, count) {
    for (let i = 0; i < count; i++) to[slots[i]] = from[rows[i]];
  };`,
  );
}
