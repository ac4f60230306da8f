import { allocate, type Column, type ColumnValues, type RowBatch, RowKind } from '../../engine/types/batch.ts';
import type { DataType } from '../../engine/types/data-type.ts';
import { KeyIndex } from '../../engine/types/key-index.ts';
import { type CopyRows, copyRows } from './copy-rows.ts';
import { type IsOlder, isOlder } from './is-older.ts';
import { microsOf } from './micros.ts';

/**
 * Rows that wait for a commit, as columns. With a key the last row of each key wins as rows come in, so that three keys
 * take three rows of memory however many messages there were. With a column `newest`, a row that is older there than what
 * its key holds is left out; where they are equal the later wins.
 */
export class RowBuffer {
  readonly #types: readonly DataType[];
  readonly #key: readonly number[];
  readonly #index: KeyIndex | undefined;
  readonly #newest: number | undefined;
  readonly #isOlder: IsOlder | undefined;
  readonly #copies: readonly CopyRows[];
  #columns: ColumnValues[];
  #nulls: (Uint8Array | undefined)[];
  #deleted: Uint8Array;
  #deletes = false;
  #capacity = 0;
  #count = 0;
  #bytes = 0;
  /** Per slot, the row of the current batch that wins there; -1: none. */
  #winners: Int32Array;
  #slots = new Int32Array(0);
  #touched = new Int32Array(0);
  #rows = new Int32Array(0);

  /** `key`: indexes of the key's columns, empty for a table without. `newest`: index of a column that `tellsAge`. */
  constructor(types: readonly DataType[], key: readonly number[], newest?: number) {
    this.#types = types;
    this.#key = key;
    this.#index =
      key.length === 0
        ? undefined
        : new KeyIndex(
            key.map((i) => types[i]!),
            { text: nanosecondsText, oneZero: true },
          );
    this.#newest = newest;
    this.#isOlder = newest === undefined ? undefined : isOlder(types[newest]!);
    this.#copies = types.map(() => copyRows());
    this.#columns = types.map((t) => allocate(t, 0));
    this.#nulls = types.map(() => undefined);
    this.#deleted = new Uint8Array(0);
    this.#winners = new Int32Array(0);
  }

  /** Rows that a commit would write or delete. */
  get count(): number {
    return this.#count;
  }

  /** Roughly what the strings and byte strings of the rows take. */
  get bytes(): number {
    return this.#bytes;
  }

  get columns(): readonly Column[] {
    return this.#columns.map((values, i) => {
      const nulls = this.#nulls[i];
      return nulls === undefined ? { values } : { values, nulls };
    });
  }

  /** The slots to write and those to delete by key. */
  partition(): { readonly written: Int32Array; readonly deleted: Int32Array } {
    const written = new Int32Array(this.#count);
    const deleted = new Int32Array(this.#deletes ? this.#count : 0);
    let w = 0;
    let d = 0;
    for (let slot = 0; slot < this.#count; slot++) {
      if (this.#deletes && this.#deleted[slot] === 1) deleted[d++] = slot;
      else written[w++] = slot;
    }
    return { written: written.subarray(0, w), deleted: deleted.subarray(0, d) };
  }

  /** Takes the rows of a batch where `skip` is not 1. Key columns hold no NULL there. */
  add(batch: RowBatch, skip: Uint8Array | undefined): void {
    this.#makeRoom(batch.length);
    const length = this.#index === undefined ? this.#append(batch, skip) : this.#reduce(this.#index, batch, skip);
    for (let i = 0; i < this.#types.length; i++) this.#copy(i, batch.columns[i]!, length);
  }

  clear(): void {
    this.#index?.clear();
    // Strings must not outlive their commit; numbers are written over.
    for (const values of this.#columns) if (Array.isArray(values)) values.length = 0;
    this.#count = 0;
    this.#bytes = 0;
    this.#deletes = false;
  }

  #append(batch: RowBatch, skip: Uint8Array | undefined): number {
    let n = 0;
    for (let row = 0; row < batch.length; row++) {
      if (skip !== undefined && skip[row] === 1) continue;
      this.#rows[n] = row;
      this.#touched[n] = this.#count + n;
      n++;
    }
    this.#count += n;
    return n;
  }

  #reduce(index: KeyIndex, batch: RowBatch, skip: Uint8Array | undefined): number {
    const winners = this.#winners;
    const touched = this.#touched;
    index.assign(
      this.#key.map((i) => batch.columns[i]!),
      batch.length,
      skip,
      this.#slots,
    );
    const n = this.#newest === undefined ? this.#takeLast(batch, skip) : this.#takeNewest(this.#newest, batch, skip);
    for (let i = 0; i < n; i++) {
      const slot = touched[i]!;
      this.#rows[i] = winners[slot]!;
      winners[slot] = -1;
    }
    if (batch.kinds !== undefined || this.#deletes) this.#markDeleted(batch.kinds, n);
    this.#count = index.count;
    return n;
  }

  /** Fills `winners` with the last row of each key and `touched` with their slots; returns how many. */
  #takeLast(batch: RowBatch, skip: Uint8Array | undefined): number {
    const slots = this.#slots;
    const winners = this.#winners;
    let n = 0;
    for (let row = 0; row < batch.length; row++) {
      if (skip !== undefined && skip[row] === 1) continue;
      const slot = slots[row]!;
      if (winners[slot]! < 0) this.#touched[n++] = slot;
      winners[slot] = row;
    }
    return n;
  }

  /** The same with the newest row of each key, where it is not older than the one that the buffer holds. */
  #takeNewest(newest: number, batch: RowBatch, skip: Uint8Array | undefined): number {
    const slots = this.#slots;
    const winners = this.#winners;
    const older = this.#isOlder!;
    const { values, nulls } = batch.columns[newest]!;
    const held = this.#columns[newest]!;
    const heldNulls = this.#nulls[newest];
    const { kinds } = batch;
    let n = 0;
    for (let row = 0; row < batch.length; row++) {
      if (skip !== undefined && skip[row] === 1) continue;
      const slot = slots[row]!;
      // What an update replaces is no deletion: its new row counts alone.
      if (kinds?.[row] === RowKind.updateBefore && kinds[row + 1] === RowKind.updateAfter && slots[row + 1] === slot) {
        continue;
      }
      const winner = winners[slot]!;
      if (winner >= 0) {
        if (older(values, nulls, row, values, nulls, winner)) continue;
      } else {
        if (slot < this.#count && older(values, nulls, row, held, heldNulls, slot)) continue;
        this.#touched[n++] = slot;
      }
      winners[slot] = row;
    }
    return n;
  }

  #markDeleted(kinds: Uint8Array | undefined, n: number): void {
    for (let i = 0; i < n; i++) {
      // The +U of an update comes in the same batch or under another key: a -U that is the last of its key is a delete.
      const kind = kinds === undefined ? RowKind.insert : kinds[this.#rows[i]!]!;
      const gone = kind === RowKind.delete || kind === RowKind.updateBefore;
      if (gone && !this.#deletes) {
        this.#deletes = true;
        this.#deleted.fill(0);
      }
      this.#deleted[this.#touched[i]!] = gone ? 1 : 0;
    }
  }

  #copy(i: number, column: Column, n: number): void {
    const to = this.#columns[i]!;
    this.#copies[i]!(column.values, to, this.#rows, this.#touched, n);
    if (Array.isArray(to)) this.#bytes += sizeOf(to, this.#touched, n);
    let nulls = this.#nulls[i];
    if (column.nulls === undefined && nulls === undefined) return;
    if (nulls === undefined) {
      nulls = new Uint8Array(this.#capacity);
      this.#nulls[i] = nulls;
    }
    for (let r = 0; r < n; r++) {
      nulls[this.#touched[r]!] = column.nulls === undefined ? 0 : column.nulls[this.#rows[r]!]!;
    }
  }

  #makeRoom(length: number): void {
    if (this.#slots.length < length) {
      this.#slots = new Int32Array(length);
      this.#touched = new Int32Array(length);
      this.#rows = new Int32Array(length);
    }
    const needed = this.#count + length;
    if (needed <= this.#capacity) return;
    const capacity = Math.max(needed, this.#capacity * 2);
    this.#columns = this.#columns.map((values, i) =>
      Array.isArray(values) ? values : grown(values, allocate(this.#types[i]!, capacity)),
    );
    this.#nulls = this.#nulls.map((nulls) =>
      nulls === undefined ? undefined : grown(nulls, new Uint8Array(capacity)),
    );
    this.#deleted = grown(this.#deleted, new Uint8Array(capacity));
    this.#winners = grown(this.#winners, new Int32Array(capacity).fill(-1));
    this.#capacity = capacity;
  }
}

function grown<T extends ColumnValues>(from: T, to: T): T {
  (to as Uint8Array).set(from as Uint8Array);
  return to;
}

function sizeOf(values: readonly unknown[], slots: Int32Array, n: number): number {
  let size = 0;
  for (let i = 0; i < n; i++) size += (values[slots[i]!] as { readonly length?: number } | undefined)?.length ?? 16;
  return size;
}

/** Nanoseconds that round to the same microsecond are the same key in PostgreSQL. */
function nanosecondsText(t: DataType): ((value: bigint) => string) | undefined {
  const nanoseconds = (t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ') && t.precision > 6;
  return nanoseconds ? (value) => String(microsOf(value)) : undefined;
}
