import { SlotColumn, type SlotImage } from '../functions/aggregates/slots.ts';
import type { Column, RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { orderOf, type SortColumn } from './row-order.ts';
import type { Compare } from './sorted-numbers.ts';

export interface RankedRowsImage {
  readonly limit: number;
  readonly free: readonly number[];
  readonly index: KeyIndexImage | undefined;
  readonly counts: Int32Array;
  readonly columns: readonly SlotImage[];
}

/**
 * Rows by number, in columns. Where rows may be taken back, equal rows have one number and a count of how often they
 * are there. A number that was let go is given again from the next batch on.
 */
export class RankedRows {
  readonly #columns: readonly SlotColumn[];
  readonly #index: KeyIndex | undefined;
  #limit = 0;
  #free: number[] = [];
  #released: number[] = [];
  #counts = new Int32Array(0);

  constructor(types: readonly DataType[], retracts: boolean) {
    this.#columns = types.map((t) => new SlotColumn(t));
    this.#index = retracts ? new KeyIndex(types, { nulls: true }) : undefined;
  }

  /** Copies the rows of a batch; the number of each. */
  store({ columns, length }: RowBatch): Int32Array {
    const numbers = new Int32Array(length);
    if (this.#index === undefined) {
      for (let row = 0; row < length; row++) numbers[row] = this.#free.pop() ?? this.#limit++;
    } else {
      this.#index.assign(columns, length, undefined, numbers);
      this.#limit = this.#index.limit;
    }
    const capacity = this.#counts.length;
    if (this.#limit > capacity) {
      const counts = new Int32Array(Math.max(this.#limit, capacity * 2, 64));
      counts.set(this.#counts);
      this.#counts = counts;
      for (const each of this.#columns) each.grow(counts.length);
    }
    const rows = Int32Array.from({ length }, (_, i) => i);
    for (const [c, each] of this.#columns.entries()) each.scatter(numbers, rows, length, columns[c]!);
    return numbers;
  }

  /** How many different rows there are. */
  get size(): number {
    return this.#index?.count ?? this.#limit - this.#free.length;
  }

  countOf(number: number): number {
    return this.#counts[number]!;
  }

  /** One more, or one less, of a row. */
  count(number: number, by: 1 | -1): void {
    this.#counts[number]! += by;
  }

  /** The number is not needed after this batch, unless the row is there still or again. */
  release(number: number): void {
    this.#released.push(number);
  }

  /** Ends a batch. */
  forgetReleased(): void {
    for (const number of new Set(this.#released)) {
      if (this.#counts[number]! > 0) continue;
      for (const each of this.#columns) each.clear(number);
      if (this.#index === undefined) this.#free.push(number);
      else this.#index.remove(number);
    }
    this.#released = [];
  }

  /** Columns of rows, in the order of their numbers. */
  gather(numbers: Int32Array): Column[] {
    return this.#columns.map((each) => each.gather(numbers, numbers.length));
  }

  /** The order of two rows by columns. */
  compare(types: readonly DataType[], order: readonly SortColumn[]): Compare {
    return orderOf(this.#columns, types, order);
  }

  snapshot(): RankedRowsImage {
    return {
      limit: this.#limit,
      free: [...this.#free],
      index: this.#index?.snapshot(),
      counts: this.#counts.slice(0, this.#limit),
      columns: this.#columns.map((each) => each.snapshot(this.#limit)),
    };
  }

  restore({ limit, free, index, counts, columns }: RankedRowsImage): void {
    this.#limit = limit;
    this.#free = [...free];
    if (index !== undefined) this.#index?.restore(index);
    this.#counts = counts.slice();
    for (const [i, each] of this.#columns.entries()) each.restore(columns[i]!);
  }
}
