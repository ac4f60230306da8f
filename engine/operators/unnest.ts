import { type Column, columnOf, type RowBatch, valueAt } from '../types/batch.ts';
import { type DataType, type Field, type Scalar, type as types } from '../types/data-type.ts';
import { gather, gatherBytes } from '../types/gather.ts';

export interface UnnestProgram {
  /** The type of the collection, which is the last column of the input. */
  readonly collection: DataType;
  readonly ordinality: boolean;
  /** Keep rows whose collection is NULL or empty, with NULLs. */
  readonly outer: boolean;
  /** Of rows with elements, as they leave, which elements count: those where this BOOLEAN is TRUE. Absent: all. */
  readonly test?: (batch: RowBatch) => Column;
}

/**
 * Each row with each element of the collection in its last column: the output has the other columns, then the
 * element's (a ROW's fields, a MAP's key and value), then the 1-based ordinality. A NULL where a ROW is expected is no
 * element, as in Flink, but counts for the ordinality.
 */
export function unnest({ collection, ordinality, outer, test }: UnnestProgram): (batch: RowBatch) => RowBatch {
  const elements = elementTypes(collection);
  const spread = isSpread(collection);
  const expand = (batch: RowBatch, alone: boolean, passes?: Column): RowBatch => {
    const source = batch.columns.at(-1)!;
    const rows: number[] = [];
    const values: Scalar[][] = elements.map(() => []);
    const ordinals: (number | null)[] = [];
    let pair = 0;
    const add = (row: number, element: readonly Scalar[], ordinal: number | null) => {
      if (ordinal !== null && passes !== undefined) {
        const at = pair++;
        if (passes.values[at] !== 1 || passes.nulls?.[at] === 1) return;
      }
      rows.push(row);
      for (let c = 0; c < values.length; c++) values[c]!.push(element[c] ?? null);
      ordinals.push(ordinal);
    };
    for (let i = 0; i < batch.length; i++) {
      const value = valueAt(collection, source, i);
      const before = rows.length;
      let ordinal = 0;
      if (value !== null) {
        for (const element of elementsOf(collection, value)) {
          ordinal++;
          if (!spread) add(i, [element], ordinal);
          else if (element !== null) add(i, element as readonly Scalar[], ordinal);
        }
      }
      if (alone && rows.length === before) add(i, [], null);
    }
    const selected = Int32Array.from(rows);
    const columns: Column[] = batch.columns.slice(0, -1).map((column) => gather(column, selected, rows.length));
    for (const [c, t] of elements.entries()) columns.push(columnOf(t, values[c]!));
    if (ordinality) columns.push(columnOf(types.int(), ordinals));
    return batch.kinds === undefined
      ? { length: rows.length, columns }
      : { length: rows.length, columns, kinds: gatherBytes(batch.kinds, selected, rows.length) };
  };
  if (test === undefined) return (batch) => expand(batch, outer);
  return (batch) => {
    const all = expand(batch, false);
    return expand(batch, outer, all.length === 0 ? { values: [] } : test(all));
  };
}

function isSpread(t: DataType): boolean {
  return t.kind === 'MAP' || ((t.kind === 'ARRAY' || t.kind === 'MULTISET') && t.element.kind === 'ROW');
}

function elementTypes(t: DataType): DataType[] {
  switch (t.kind) {
    case 'ARRAY':
    case 'MULTISET':
      return t.element.kind === 'ROW' ? t.element.fields.map((field: Field) => field.type) : [t.element];
    case 'MAP':
      return [t.key, t.value];
    default:
      throw new Error(`${t.kind} cannot be unnested`);
  }
}

function* elementsOf(t: DataType, value: Scalar): Iterable<Scalar> {
  if (t.kind === 'ARRAY') yield* value as readonly Scalar[];
  else if (t.kind === 'MAP') for (const [key, item] of value as ReadonlyMap<Scalar, Scalar>) yield [key, item];
  else {
    for (const [element, count] of value as ReadonlyMap<Scalar, number>) {
      for (let n = 0; n < count; n++) yield element;
    }
  }
}
