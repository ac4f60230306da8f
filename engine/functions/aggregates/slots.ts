import { allocate, type Column, type ColumnValues } from '../../types/batch.ts';
import type { DataType } from '../../types/data-type.ts';

/** A column that grows, with a place for each slot; NULL bytes beside it. Cleared places are zero and NULL. */
export class SlotColumn {
  readonly #type: DataType;
  values: ColumnValues;
  /** 1: no value. */
  nulls: Uint8Array = new Uint8Array(0);

  constructor(t: DataType) {
    this.#type = t;
    this.values = allocate(t, 0);
  }

  grow(capacity: number): void {
    const before = this.nulls.length;
    if (capacity <= before) return;
    const nulls = new Uint8Array(capacity).fill(1, before);
    nulls.set(this.nulls);
    this.nulls = nulls;
    if (Array.isArray(this.values)) return;
    const values = allocate(this.#type, capacity) as Uint8Array;
    values.set(this.values as Uint8Array);
    this.values = values;
  }

  clear(slot: number): void {
    this.nulls[slot] = 1;
    if (Array.isArray(this.values)) this.values[slot] = undefined;
    else if (this.values instanceof BigInt64Array) this.values[slot] = 0n;
    else this.values[slot] = 0;
  }

  /** Takes the values of `rows` of a column to `slots`, one by one. */
  scatter(slots: Int32Array, rows: Int32Array, length: number, from: Column): void {
    scatterValues(this.values, from.values, slots, rows, length);
    for (let i = 0; i < length; i++) this.nulls[slots[i]!] = from.nulls === undefined ? 0 : from.nulls[rows[i]!]!;
  }

  gather(slots: Int32Array, length: number): Column {
    const values = allocate(this.#type, length) as unknown[];
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (this.nulls[slot] === 1) {
        nulls ??= new Uint8Array(length);
        nulls[i] = 1;
      } else values[i] = this.values[slot];
    }
    return nulls === undefined ? { values } : { values, nulls };
  }

  /** The value of one slot, whether or not it counts as NULL. */
  save(slot: number): SavedSlot {
    return [this.values[slot], this.nulls[slot]!];
  }

  load(slot: number, [value, isNull]: SavedSlot): void {
    (this.values as unknown[])[slot] = value;
    this.nulls[slot] = isNull;
  }

  snapshot(limit: number): SlotImage {
    return { values: this.values.slice(0, limit), nulls: this.nulls.slice(0, limit) };
  }

  restore({ values, nulls }: SlotImage): void {
    this.nulls = nulls.slice();
    this.values = values.slice();
  }
}

export type SavedSlot = readonly [value: unknown, isNull: number];

export interface SlotImage {
  readonly values: ColumnValues;
  readonly nulls: Uint8Array;
}

/** One loop per storage: each stays monomorphic. */
function scatterValues(
  to: ColumnValues,
  from: ColumnValues,
  slots: Int32Array,
  rows: Int32Array,
  length: number,
): void {
  if (to instanceof BigInt64Array) {
    const values = from as BigInt64Array;
    for (let i = 0; i < length; i++) to[slots[i]!] = values[rows[i]!]!;
  } else if (to instanceof Float64Array) {
    const values = from as Float64Array;
    for (let i = 0; i < length; i++) to[slots[i]!] = values[rows[i]!]!;
  } else if (to instanceof Int32Array) {
    const values = from as Int32Array;
    for (let i = 0; i < length; i++) to[slots[i]!] = values[rows[i]!]!;
  } else {
    const values = from as unknown[];
    const target = to as unknown[];
    for (let i = 0; i < length; i++) target[slots[i]!] = values[rows[i]!];
  }
}
