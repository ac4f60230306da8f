import type { RowBatch } from '../types/batch.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { gatherBatch } from '../types/gather.ts';
import { mapNested, type Nesting } from './nesting.ts';

/** Where a row has a NULL that is not allowed: `path` of what is NULL, e.g. 'price' or 'quote.price'; undefined if none. */
type FindNull = (row: number) => string | undefined;

/**
 * Holds the NOT NULL columns of a sink, and what is NOT NULL within its columns as far as `nesting` reaches: rows with a
 * NULL there are dropped, or `violated` (which throws) is told the place. Undefined where nothing is NOT NULL.
 */
export function enforceNotNull(
  columns: readonly { readonly name: string; readonly type: DataType }[],
  nesting: Nesting,
  drop: boolean,
  violated: (path: string) => never,
): ((batch: RowBatch) => RowBatch) | undefined {
  const nested = columns.map(({ name, type }) => findNullWithin(type, name, nesting));
  if (columns.every(({ type }, c) => type.nullable && nested[c] === undefined)) return undefined;
  return (batch) => {
    const finders = columns.flatMap(({ name, type }, c): FindNull[] => {
      const { nulls, values } = batch.columns[c]!;
      const within = nested[c];
      const own = type.nullable || nulls === undefined ? [] : [(row: number) => (nulls[row] === 1 ? name : undefined)];
      if (within === undefined) return own;
      return [...own, (row) => (nulls?.[row] === 1 ? undefined : within(values[row] as Scalar))];
    });
    if (finders.length === 0) return batch;
    const kept = new Int32Array(batch.length);
    let length = 0;
    for (let row = 0; row < batch.length; row++) {
      const path = firstNull(finders, row);
      if (path === undefined) kept[length++] = row;
      else if (!drop) violated(path);
    }
    return length === batch.length ? batch : gatherBatch(batch, kept, length);
  };
}

function firstNull(finders: readonly FindNull[], row: number): string | undefined {
  for (const find of finders) {
    const path = find(row);
    if (path !== undefined) return path;
  }
  return undefined;
}

function findNullWithin(type: DataType, column: string, nesting: Nesting) {
  let found: string | undefined;
  const visit = mapNested(type, column, nesting, (t, path) => {
    if (t.nullable || path === column) return undefined;
    return (value) => {
      if (value === null) found ??= path;
      return value;
    };
  });
  if (visit === undefined) return undefined;
  return (value: Scalar): string | undefined => {
    found = undefined;
    visit(value);
    return found;
  };
}
