import { type Column, columnOf, valueAt } from '../../types/batch.ts';
import type { DataType, Scalar } from '../../types/data-type.ts';
import { type Accumulators, type AggregateRows, isRetraction } from '../aggregate.ts';
import { equalValues, hasIdentity } from '../compare-values.ts';

export interface ValueListsProgram {
  /** Of the one argument. */
  readonly element: DataType;
  readonly result: DataType;
  /** Whether NULL is a value of the list like others. */
  readonly keepNulls: boolean;
  /** The value of a group; the list must not be kept. */
  finish(list: readonly Scalar[]): Scalar;
}

/** All values of each group in the order in which they came; one that is taken back is the first that equals it. */
export class ValueLists implements Accumulators {
  readonly #program: ValueListsProgram;
  readonly #lists: Scalar[][] = [];

  constructor(program: ValueListsProgram) {
    this.#program = program;
  }

  grow(capacity: number): void {
    while (this.#lists.length < capacity) this.#lists.push([]);
  }

  clear(slot: number): void {
    this.#lists[slot] = [];
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    const { element, keepNulls } = this.#program;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      const value = valueAt(element, columns[0]!, row);
      if (value === null && !keepNulls) continue;
      const list = this.#lists[slots[i]!]!;
      if (kinds !== undefined && isRetraction(kinds[row]!)) this.#remove(list, value);
      else list.push(value);
    }
  }

  merge(from: number, to: number): void {
    const list = this.#lists[to]!;
    for (const value of this.#lists[from]!) list.push(value);
  }

  values(slots: Int32Array, length: number): Column {
    const { result, finish } = this.#program;
    return columnOf(
      result,
      Array.from({ length }, (_, i) => finish(this.#lists[slots[i]!]!)),
    );
  }

  save(slot: number): unknown {
    return [...this.#lists[slot]!];
  }

  load(slot: number, saved: unknown): void {
    this.#lists[slot] = saved as Scalar[];
  }

  snapshot(limit: number): unknown {
    return this.#lists.slice(0, limit).map((list) => [...list]);
  }

  restore(image: unknown): void {
    const lists = image as readonly (readonly Scalar[])[];
    this.#lists.length = 0;
    for (const list of lists) this.#lists.push([...list]);
  }

  #remove(list: Scalar[], value: Scalar): void {
    const { element } = this.#program;
    const at =
      value === null || hasIdentity(element)
        ? list.indexOf(value)
        : list.findIndex((each) => each !== null && equalValues(element, each, value));
    if (at >= 0) list.splice(at, 1);
  }
}
