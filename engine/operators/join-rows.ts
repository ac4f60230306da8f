import { SlotColumn, type SlotImage } from '../functions/aggregates/slots.ts';
import type { Column, RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { gather } from '../types/gather.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';

/** One input of a join. */
export interface JoinInput {
  /** Of the columns that are remembered, the first of the input's. */
  readonly types: readonly DataType[];
  /** Its columns that must equal those of the other input, in the order of its. */
  readonly keys: readonly number[];
  readonly keyTypes: readonly DataType[];
  /** Where rows are taken back: the columns that tell which one, else all; absent where rows only come. */
  readonly identity?: readonly number[];
  /** Whether it matters how many rows of the other input a row meets. */
  readonly counted: boolean;
  /** Whether rows are forgotten one by one. */
  readonly forgets?: boolean;
}

export interface JoinRowsImage {
  readonly limit: number;
  readonly index: KeyIndexImage | undefined;
  readonly free: Int32Array;
  readonly columns: readonly SlotImage[];
  readonly heads: Int32Array;
  readonly links: Readonly<Record<'next' | 'matches' | 'counts' | 'previous' | 'keys', Int32Array>>;
}

/** The rows of one key of a join, the newest first. */
export interface SavedRows {
  readonly columns: readonly Column[];
  readonly counts: Int32Array;
  readonly matches: Int32Array;
}

/**
 * The rows of one input of a join: columns by row number, and for each number of a join key a chain of its rows. Row
 * and key numbers in `heads` and `next` are stored plus one, 0 ends a chain.
 */
export class JoinRows {
  readonly #input: JoinInput;
  readonly #index: KeyIndex | undefined;
  readonly #columns: readonly SlotColumn[];
  /** Whether rows leave their chains. */
  readonly #leaves: boolean;
  #limit = 0;
  #capacity = 0;
  /** Numbers of rows that were forgotten. */
  #free: number[] = [];
  /** First row of each key. */
  heads = new Int32Array(0);
  /** The next row of the same key. */
  next = new Int32Array(0);
  /** How often a row is there, where it may be taken back: equal rows are one. */
  #counts = new Int32Array(0);
  /** How many rows of the other input a row is in a pair with, where that matters. */
  matches = new Int32Array(0);
  #previous = new Int32Array(0);
  #keys = new Int32Array(0);
  /** The row numbers of the current batch, and its rows that are remembered. */
  #slots = new Int32Array(0);
  #stored = new Int32Array(0);
  #storedSlots = new Int32Array(0);
  #storedCount = 0;

  constructor(input: JoinInput) {
    this.#input = input;
    const identity = input.identity?.map((i) => input.types[i]!);
    this.#index = identity && new KeyIndex(identity, { nulls: true });
    this.#leaves = this.#index !== undefined || input.forgets === true;
    this.#columns = input.types.map((t) => new SlotColumn(t));
    this.#growRows(64);
  }

  /** Makes room for the chains of keys with numbers below `keyLimit`. */
  grow(keyLimit: number): void {
    if (this.heads.length < keyLimit) this.heads = grown(this.heads, Math.max(64, keyLimit * 2));
  }

  /** Makes ready for the rows of a batch; `keyLimit`: all numbers of keys are below. */
  begin(batch: RowBatch, keyLimit: number): void {
    this.grow(keyLimit);
    if (this.#slots.length < batch.length) {
      this.#slots = new Int32Array(batch.length);
      this.#stored = new Int32Array(batch.length);
      this.#storedSlots = new Int32Array(batch.length);
    }
    this.#storedCount = 0;
    const { identity } = this.#input;
    if (this.#index === undefined) {
      this.#growRows(this.#limit + batch.length);
      return;
    }
    const columns = identity!.map((i) => batch.columns[i]!);
    this.#index.assign(columns, batch.length, undefined, this.#slots);
    this.#limit = this.#index.limit;
    this.#growRows(this.#limit);
  }

  /** The key of a row that is forgotten one day. */
  keyOf(slot: number): number {
    return this.#keys[slot]!;
  }

  /** How often a row is there. */
  countOf(slot: number): number {
    return this.#index === undefined ? 1 : this.#counts[slot]!;
  }

  /** Whether a row of the current batch is there already. */
  has(row: number): boolean {
    return this.#counts[this.#slots[row]!]! > 0;
  }

  /** Remembers a row of the current batch under a key; its number. */
  add(row: number, key: number, matches: number): number {
    const slot = this.#index === undefined ? (this.#free.pop() ?? this.#limit++) : this.#slots[row]!;
    const first = this.heads[key]!;
    if (this.#index !== undefined && this.#counts[slot]!++ > 0) return slot;
    if (this.#leaves) {
      this.#previous[slot] = 0;
      this.#keys[slot] = key;
      if (first > 0) this.#previous[first - 1] = slot + 1;
    }
    this.next[slot] = first;
    this.heads[key] = slot + 1;
    if (this.#input.counted) this.matches[slot] = matches;
    this.#stored[this.#storedCount] = row;
    this.#storedSlots[this.#storedCount++] = slot;
    return slot;
  }

  /** Takes back a row of the current batch that is there. */
  remove(row: number): void {
    const slot = this.#slots[row]!;
    if (--this.#counts[slot]! === 0) this.#unlink(slot);
  }

  /** Forgets a row between two batches; its key, -1 where the row went before. */
  forget(slot: number): number {
    if (this.#index !== undefined && !(this.#counts[slot]! > 0)) return -1;
    this.#unlink(slot);
    for (const column of this.#columns) column.clear(slot);
    if (this.#index === undefined) this.#free.push(slot);
    else {
      this.#counts[slot] = 0;
      this.#index.remove(slot);
    }
    return this.#keys[slot]!;
  }

  #unlink(slot: number): void {
    const before = this.#previous[slot]!;
    const after = this.next[slot]!;
    if (before === 0) this.heads[this.#keys[slot]!] = after;
    else this.next[before - 1] = after;
    if (after > 0) this.#previous[after - 1] = before;
  }

  /** Ends a batch: its columns are copied, the numbers of rows that went are free. */
  end(batch: RowBatch): void {
    for (const [c, column] of this.#columns.entries()) {
      column.scatter(this.#storedSlots, this.#stored, this.#storedCount, batch.columns[c]!);
    }
    if (this.#index === undefined) return;
    for (let row = 0; row < batch.length; row++) {
      const slot = this.#slots[row]!;
      if (this.#counts[slot] !== 0) continue;
      // -1 until the number is given again: a batch may name a row twice.
      this.#counts[slot] = -1;
      for (const column of this.#columns) column.clear(slot);
      this.#index.remove(slot);
    }
    for (let row = 0; row < batch.length; row++) {
      const slot = this.#slots[row]!;
      if (this.#counts[slot] === -1) this.#counts[slot] = 0;
    }
  }

  /** Column `c` of the rows `slots`; NULL where that is negative. */
  column(c: number, slots: Int32Array, length: number): Column {
    const { values, nulls } = this.#columns[c]!;
    return gatherOptional({ values, nulls }, slots, length);
  }

  /** How many different rows there are. */
  get size(): number {
    return this.#index?.count ?? this.#limit - this.#free.length;
  }

  /** Between two batches: the rows of a key, which the numbers of `slotsOf` belong to. */
  save(key: number): SavedRows {
    const slots = Int32Array.from(this.slotsOf(key));
    return {
      columns: this.#columns.map((column) => column.gather(slots, slots.length)),
      counts: Int32Array.from(slots, (slot) => this.countOf(slot)),
      matches: this.#input.counted ? Int32Array.from(slots, (slot) => this.matches[slot]!) : new Int32Array(0),
    };
  }

  /** Takes what `save` gave under a key that has no rows. The numbers of the rows, the newest first. */
  load(key: number, { columns, counts, matches }: SavedRows): Int32Array {
    const { length } = counts;
    // The chain grows at its head.
    const rows = Int32Array.from({ length }, (_, i) => length - 1 - i);
    const batch = { length, columns: columns.map((column) => gather(column, rows, length)) };
    this.begin(batch, key + 1);
    const slots = new Int32Array(length);
    for (let row = 0; row < length; row++) {
      const from = rows[row]!;
      const slot = this.add(row, key, matches[from] ?? 0);
      if (this.#index !== undefined) this.#counts[slot] = counts[from]!;
      slots[from] = slot;
    }
    this.end(batch);
    return slots;
  }

  /** The numbers of a key's rows, the newest first. */
  slotsOf(key: number): number[] {
    const slots: number[] = [];
    for (let at = this.heads[key] ?? 0; at > 0; at = this.next[at - 1]!) slots.push(at - 1);
    return slots;
  }

  /** By number, 1: there is such a row; of the keys with numbers below `keyLimit`. */
  live(keyLimit: number): Uint8Array {
    const live = new Uint8Array(this.#limit);
    for (let key = 0; key < keyLimit; key++) for (const slot of this.slotsOf(key)) live[slot] = 1;
    return live;
  }

  snapshot(keyLimit: number): JoinRowsImage {
    const limit = this.#limit;
    return {
      limit,
      index: this.#index?.snapshot(),
      free: Int32Array.from(this.#free),
      columns: this.#columns.map((column) => column.snapshot(limit)),
      heads: this.heads.slice(0, keyLimit),
      links: {
        next: this.next.slice(0, limit),
        matches: this.matches.slice(0, limit),
        counts: this.#counts.slice(0, limit),
        previous: this.#previous.slice(0, limit),
        keys: this.#keys.slice(0, limit),
      },
    };
  }

  restore({ limit, index, free, columns, heads, links }: JoinRowsImage): void {
    if (index !== undefined) this.#index!.restore(index);
    this.#limit = limit;
    this.#free = [...free];
    this.heads = heads.slice();
    this.#capacity = 0;
    for (const [c, column] of this.#columns.entries()) column.restore(columns[c]!);
    this.next = links.next.slice();
    this.matches = links.matches.slice();
    this.#counts = links.counts.slice();
    this.#previous = links.previous.slice();
    this.#keys = links.keys.slice();
    this.#growRows(Math.max(64, limit));
    if (this.#leaves && links.keys.length < limit) this.#linkBack();
  }

  /** The image is of a time when rows did not leave their chains. */
  #linkBack(): void {
    for (let key = 0; key < this.heads.length; key++) {
      let previous = 0;
      for (const slot of this.slotsOf(key)) {
        this.#keys[slot] = key;
        this.#previous[slot] = previous;
        previous = slot + 1;
      }
    }
  }

  #growRows(limit: number): void {
    if (limit <= this.#capacity) return;
    const capacity = Math.max(limit, this.#capacity * 2);
    for (const column of this.#columns) column.grow(capacity);
    this.next = grown(this.next, capacity);
    if (this.#input.counted) this.matches = grown(this.matches, capacity);
    if (this.#index !== undefined) this.#counts = grown(this.#counts, capacity);
    if (this.#leaves) {
      this.#previous = grown(this.#previous, capacity);
      this.#keys = grown(this.#keys, capacity);
    }
    this.#capacity = capacity;
  }
}

/** The values of a column at `places`; NULL where a place is negative. The column has one place at least. */
export function gatherOptional(column: Column, places: Int32Array, length: number): Column {
  let nulls: Uint8Array | undefined;
  let from = places;
  for (let i = 0; i < length; i++) {
    if (places[i]! >= 0) continue;
    if (nulls === undefined) {
      nulls = new Uint8Array(length);
      from = places.slice(0, length);
    }
    nulls[i] = 1;
    from[i] = 0;
  }
  const { values, nulls: own } = gather(column, from, length);
  if (own === undefined) return nulls === undefined ? { values } : { values, nulls };
  let any = 0;
  for (let i = 0; i < length; i++) {
    if (nulls?.[i] === 1) own[i] = 1;
    any |= own[i]!;
  }
  return any === 0 ? { values } : { values, nulls: own };
}

function grown(from: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}
