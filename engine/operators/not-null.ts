import type { RowBatch } from '../types/batch.ts';
import { gatherBatch } from './gather.ts';

/**
 * Holds the NOT NULL columns of a sink: rows with a NULL in one of `columns` are dropped, or `violated` (which throws)
 * is told the first such column.
 */
export function enforceNotNull(
  columns: readonly number[],
  drop: boolean,
  violated: (column: number) => never,
): (batch: RowBatch) => RowBatch {
  return (batch) => {
    const maps = columns.flatMap((column) => {
      const nulls = batch.columns[column]!.nulls;
      return nulls === undefined ? [] : [{ column, nulls }];
    });
    if (maps.length === 0) return batch;
    const kept = new Int32Array(batch.length);
    let length = 0;
    for (let i = 0; i < batch.length; i++) {
      const found = maps.find(({ nulls }) => nulls[i] === 1);
      if (found === undefined) kept[length++] = i;
      else if (!drop) violated(found.column);
    }
    return length === batch.length ? batch : gatherBatch(batch, kept, length);
  };
}
