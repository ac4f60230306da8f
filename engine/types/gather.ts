import type { Column, ColumnValues, RowBatch } from './batch.ts';

/** The first `length` rows of `selected`, in that order, copied. */
export function gather(column: Column, selected: Int32Array, length: number): Column {
  const values = gatherValues(column.values, selected, length);
  return column.nulls === undefined ? { values } : { values, nulls: gatherBytes(column.nulls, selected, length) };
}

/** As `gather`, for all columns and the kinds of a batch. */
export function gatherBatch(batch: RowBatch, selected: Int32Array, length: number): RowBatch {
  const columns = batch.columns.map((column) => gather(column, selected, length));
  return batch.kinds === undefined
    ? { length, columns }
    : { length, columns, kinds: gatherBytes(batch.kinds, selected, length) };
}

/** One loop per storage: each stays monomorphic. */
function gatherValues(values: ColumnValues, selected: Int32Array, length: number): ColumnValues {
  if (values instanceof BigInt64Array) {
    const result = new BigInt64Array(length);
    for (let j = 0; j < length; j++) result[j] = values[selected[j]!]!;
    return result;
  }
  if (values instanceof Float64Array) {
    const result = new Float64Array(length);
    for (let j = 0; j < length; j++) result[j] = values[selected[j]!]!;
    return result;
  }
  if (values instanceof Int32Array) {
    const result = new Int32Array(length);
    for (let j = 0; j < length; j++) result[j] = values[selected[j]!]!;
    return result;
  }
  if (values instanceof Uint8Array) return gatherBytes(values, selected, length);
  const result: unknown[] = new Array(length);
  for (let j = 0; j < length; j++) result[j] = values[selected[j]!];
  return result;
}

export function gatherBytes(values: Uint8Array, selected: Int32Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  for (let j = 0; j < length; j++) result[j] = values[selected[j]!]!;
  return result;
}
