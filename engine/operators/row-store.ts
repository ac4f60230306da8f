import { SlotColumn, type SlotImage } from '../functions/aggregates/slots.ts';
import type { Column, RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { orderOf, type SortColumn } from './row-order.ts';
import type { Compare } from './sorted-numbers.ts';

export interface RowStoreImage {
  readonly limit: number;
  readonly free: readonly number[];
  readonly columns: readonly SlotImage[];
}

/** Rows that are kept for a while, in typed columns; each has a number until it is removed, which is given again. */
export class RowStore {
  readonly #columns: readonly SlotColumn[];
  #free: number[] = [];
  #limit = 0;
  #capacity = 0;

  constructor(types: readonly DataType[]) {
    this.#columns = types.map((t) => new SlotColumn(t));
  }

  /** Keeps the rows `rows` of a batch; answers their numbers, in that order. */
  add({ columns }: Pick<RowBatch, 'columns'>, rows: Int32Array): Int32Array {
    const slots = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) slots[i] = this.#free.pop() ?? this.#limit++;
    if (this.#limit > this.#capacity) {
      this.#capacity = Math.max(this.#limit, this.#capacity * 2, 64);
      for (const column of this.#columns) column.grow(this.#capacity);
    }
    for (const [c, column] of this.#columns.entries()) column.scatter(slots, rows, rows.length, columns[c]!);
    return slots;
  }

  remove(slots: Iterable<number>): void {
    for (const slot of slots) {
      for (const column of this.#columns) column.clear(slot);
      this.#free.push(slot);
    }
  }

  /** The rows with these numbers. */
  gather(slots: Int32Array): readonly Column[] {
    return this.#columns.map((column) => column.gather(slots, slots.length));
  }

  /** The order of two rows, by their numbers. */
  compare(types: readonly DataType[], order: readonly SortColumn[]): Compare {
    return orderOf(this.#columns, types, order);
  }

  snapshot(): RowStoreImage {
    const columns = this.#columns.map((column) => column.snapshot(this.#limit));
    return { limit: this.#limit, free: [...this.#free], columns };
  }

  restore({ limit, free, columns }: RowStoreImage): void {
    this.#limit = limit;
    this.#capacity = limit;
    this.#free = [...free];
    for (const [c, column] of this.#columns.entries()) column.restore(columns[c]!);
  }
}
