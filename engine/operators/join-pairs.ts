import type { Column, RowBatch } from '../types/batch.ts';
import { gather } from '../types/gather.ts';
import type { JoinRows } from './join-rows.ts';

/** A condition on pairs beyond the equality of keys, with the columns that it reads. */
export interface PairCondition {
  /** Columns of the left and of the right input, in the order in which the condition has them. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** BOOLEAN, over a batch with those columns. */
  test(batch: RowBatch): Column;
}

/** The remembered rows of the other input that each row of a batch meets: those of row i lie from `starts[i]`. */
export interface Pairs {
  readonly starts: Int32Array;
  readonly slots: Int32Array;
}

/** Finds the pairs of a batch of the left (0) or right (1) input; rows with the key -1 have none. */
export class PairFinder {
  readonly #condition: PairCondition | undefined;
  #starts = new Int32Array(0);
  #rows = new Int32Array(0);
  #slots = new Int32Array(256);

  constructor(condition: PairCondition | undefined) {
    this.#condition = condition;
  }

  find(batch: RowBatch, input: number, keys: Int32Array, other: JoinRows): Pairs {
    const { length } = batch;
    if (this.#starts.length <= length) this.#starts = new Int32Array(length + 1);
    const starts = this.#starts;
    let n = 0;
    const { heads, next } = other;
    for (let row = 0; row < length; row++) {
      starts[row] = n;
      const key = keys[row]!;
      if (key < 0) continue;
      for (let slot = heads[key]!; slot > 0; slot = next[slot - 1]!) {
        if (n === this.#slots.length) this.#grow();
        this.#slots[n++] = slot - 1;
      }
    }
    starts[length] = n;
    if (this.#condition !== undefined && n > 0) this.#keep(this.#condition, batch, input, other);
    return { starts, slots: this.#slots };
  }

  /** Leaves only the pairs that pass. */
  #keep(condition: PairCondition, batch: RowBatch, input: number, other: JoinRows): void {
    const { length } = batch;
    const starts = this.#starts;
    const total = starts[length]!;
    if (this.#rows.length < total) this.#rows = new Int32Array(this.#slots.length);
    for (let row = 0; row < length; row++) this.#rows.fill(row, starts[row], starts[row + 1]);
    const own = (c: number) => gather(batch.columns[c]!, this.#rows, total);
    const others = (c: number) => other.column(c, this.#slots, total);
    const left = condition.left.map(input === 0 ? own : others);
    const right = condition.right.map(input === 0 ? others : own);
    const { values, nulls } = condition.test({ length: total, columns: [...left, ...right] });
    let n = 0;
    for (let row = 0; row < length; row++) {
      const end = starts[row + 1]!;
      let i = starts[row]!;
      starts[row] = n;
      for (; i < end; i++) if (values[i] === 1 && nulls?.[i] !== 1) this.#slots[n++] = this.#slots[i]!;
    }
    starts[length] = n;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}
