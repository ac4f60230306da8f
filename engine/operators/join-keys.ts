import type { RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';

/** Numbers the join keys of all inputs of a join. A key with NULL has none, unless `nulls`: NULL equals nothing. */
export class JoinKeys {
  readonly #index: KeyIndex;
  readonly #nulls: boolean;
  #slots = new Int32Array(0);

  constructor(types: readonly DataType[], { nulls = false } = {}) {
    this.#index = new KeyIndex(types, { nulls });
    this.#nulls = nulls;
  }

  /** All numbers of keys are below. */
  get limit(): number {
    return this.#index.limit;
  }

  /** For who moves keys out of memory. */
  get index(): KeyIndex {
    return this.#index;
  }

  /** The number of each row's key, -1 where a column of it is NULL; valid until the next call. */
  of(batch: RowBatch, columns: readonly number[]): Int32Array {
    const { length } = batch;
    if (this.#slots.length < length) this.#slots = new Int32Array(length);
    let skip: Uint8Array | undefined;
    for (const index of columns) {
      const { nulls } = batch.columns[index]!;
      if (nulls === undefined || this.#nulls) continue;
      skip ??= new Uint8Array(length);
      for (let row = 0; row < length; row++) skip[row]! |= nulls[row]!;
    }
    const keys = columns.map((index) => batch.columns[index]!);
    this.#index.assign(keys, length, skip, this.#slots);
    if (skip !== undefined) for (let row = 0; row < length; row++) if (skip[row] === 1) this.#slots[row] = -1;
    return this.#slots;
  }

  /** Forgets those of a batch's keys that `isUsed` denies, each told to `forget` before; `slots` as `of` gave them. */
  release(
    slots: Int32Array,
    length: number,
    isUsed: (key: number) => boolean,
    forget: (key: number) => void = () => undefined,
  ): void {
    let gone: Set<number> | undefined;
    for (let row = 0; row < length; row++) {
      const key = slots[row]!;
      if (key < 0 || isUsed(key) || gone?.has(key) === true) continue;
      gone ??= new Set();
      gone.add(key);
      forget(key);
      this.#index.remove(key);
    }
  }

  /** Forgets a key. */
  remove(key: number): void {
    this.#index.remove(key);
  }

  snapshot(): KeyIndexImage {
    return this.#index.snapshot();
  }

  restore(image: KeyIndexImage): void {
    this.#index.restore(image);
  }
}
