import type { DataType, Scalar } from './data-type.ts';

export type ColumnValues = Uint8Array | Int32Array | Float64Array | BigInt64Array | unknown[];

/**
 * One column of a batch in the storage of its type (see data-type.ts). `nulls[i]` is 1 where row i is NULL;
 * the value there is undefined. Absent: no NULLs. Arrays may be longer than the batch.
 */
export interface Column {
  readonly values: ColumnValues;
  readonly nulls?: Uint8Array;
}

/** Row kinds of a changelog. */
export const RowKind = { insert: 0, updateBefore: 1, updateAfter: 2, delete: 3 } as const;

/**
 * Rows as columns. Nobody writes to a batch once it was handed on, neither who made it nor who got it: columns that pass
 * through unchanged are shared. `kinds` absent: all inserts.
 */
export interface RowBatch {
  readonly length: number;
  readonly columns: readonly Column[];
  readonly kinds?: Uint8Array;
  /**
   * From sources that read several splits: whose rows stand up to `end` (exclusive), in order. Absent: of one split. Kept
   * by projections, for event time; whoever leaves rows out or moves them drops it.
   */
  readonly splits?: readonly { readonly split: string; readonly end: number }[];
}

/** Fresh storage for `capacity` values of a type. */
export function allocate(t: DataType, capacity: number): ColumnValues {
  switch (t.kind) {
    case 'BOOLEAN':
      return new Uint8Array(capacity);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return new Int32Array(capacity);
    case 'FLOAT':
    case 'DOUBLE':
      return new Float64Array(capacity);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return new BigInt64Array(capacity);
    case 'DECIMAL':
      return t.precision <= 18 ? new BigInt64Array(capacity) : new Array(capacity);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return t.precision <= 6 ? new BigInt64Array(capacity) : new Array(capacity);
    default:
      return new Array(capacity);
  }
}

/** The scalar at row i. */
export function valueAt(t: DataType, column: Column, i: number): Scalar {
  if (column.nulls !== undefined && column.nulls[i] === 1) return null;
  const value = column.values[i];
  return (t.kind === 'BOOLEAN' ? value === 1 : value) as Scalar;
}

/** A column of the given scalars. */
export function columnOf(t: DataType, scalars: readonly Scalar[]): Column {
  const values = allocate(t, scalars.length);
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < scalars.length; i++) {
    const scalar = scalars[i]!;
    if (scalar === null) {
      nulls ??= new Uint8Array(scalars.length);
      nulls[i] = 1;
    } else {
      (values as unknown[])[i] = t.kind === 'BOOLEAN' ? (scalar ? 1 : 0) : scalar;
    }
  }
  return nulls === undefined ? { values } : { values, nulls };
}

/** A batch from rows of scalars; slow, for tests and small sources. */
export function batchOf(types: readonly DataType[], rows: readonly (readonly Scalar[])[]): RowBatch {
  return {
    length: rows.length,
    columns: types.map((t, c) =>
      columnOf(
        t,
        rows.map((row) => row[c] ?? null),
      ),
    ),
  };
}

/** Rows of scalars from a batch; slow, for tests and printing. */
export function rowsOf(types: readonly DataType[], batch: RowBatch): Scalar[][] {
  return Array.from({ length: batch.length }, (_, i) => types.map((t, c) => valueAt(t, batch.columns[c]!, i)));
}

/** The numbers at `slots`, in that order. */
export function gatherNumbers(
  from: Int32Array | Float64Array | BigInt64Array,
  slots: Int32Array,
  length: number,
): Int32Array | Float64Array | BigInt64Array {
  if (from instanceof BigInt64Array) {
    const to = new BigInt64Array(length);
    for (let j = 0; j < length; j++) to[j] = from[slots[j]!]!;
    return to;
  }
  const to = from instanceof Int32Array ? new Int32Array(length) : new Float64Array(length);
  for (let j = 0; j < length; j++) to[j] = from[slots[j]!]!;
  return to;
}
