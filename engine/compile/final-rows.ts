import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, rowsOf } from '../types/batch.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { KeyIndex } from '../types/key-index.ts';

/** The rows that a changelog with the whole rows leaves, in the order in which they came first. */
export class FinalRows {
  readonly #types: readonly DataType[];
  readonly #index: KeyIndex;
  readonly #counts: number[] = [];

  constructor(types: readonly DataType[]) {
    this.#types = types;
    this.#index = new KeyIndex(types, { nulls: true });
  }

  take({ columns, length, kinds }: RowBatch): void {
    const slots = new Int32Array(length);
    this.#index.assign(columns, length, undefined, slots);
    for (let row = 0; row < length; row++) {
      const slot = slots[row]!;
      const by = kinds !== undefined && isRetraction(kinds[row]!) ? -1 : 1;
      this.#counts[slot] = (this.#counts[slot] ?? 0) + by;
    }
  }

  rows(): Scalar[][] {
    const slots = Int32Array.from(
      this.#counts.flatMap((count, slot) => new Array<number>(Math.max(0, count)).fill(slot)),
    );
    const columns = this.#types.map((_, i) => this.#index.gather(i, slots, slots.length));
    return rowsOf(this.#types, { length: slots.length, columns });
  }
}
