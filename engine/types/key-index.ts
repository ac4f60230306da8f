import { type Assign, generateAssign, type KeyKind, type KeyStore } from './assign-keys.ts';
import { type Column, type ColumnValues, gatherNumbers } from './batch.ts';
import type { DataType } from './data-type.ts';

import { textWriter } from './text.ts';

export interface KeyIndexOptions {
  /** NULL is a value of the key like any other; where absent, rows with NULL are to be skipped. */
  readonly nulls?: boolean;
  /** -0 and 0 are one key, as for PostgreSQL; where absent they are two, as for Flink's groups and joins. */
  readonly oneZero?: boolean;
  /** How values of a type are told apart where not by their own identity or text; undefined: as usual. */
  readonly text?: (t: DataType) => ((value: never) => string) | undefined;
}

/** All that a `KeyIndex` holds, as plain data for a checkpoint. */
export interface KeyIndexImage {
  readonly count: number;
  readonly keys: readonly KeyStore[];
  readonly values: readonly (readonly unknown[] | undefined)[];
  readonly nulls: readonly (Uint8Array | undefined)[];
  readonly hashes: Int32Array;
  readonly free: Int32Array;
}

/**
 * Numbers the distinct keys of rows as they come: 0, 1, 2, … The number of a removed key goes to the next new one. An
 * open-addressing hash table over columns, without an object or a joined string per row; the loop is generated for the
 * kinds of the key's columns. A key of no columns is one key.
 */
export class KeyIndex {
  readonly #types: readonly DataType[];
  readonly #kinds: readonly KeyKind[];
  readonly #texts: readonly ((value: never) => string)[];
  readonly #assign: Assign;
  readonly #nullable: boolean;
  readonly #oneZero: boolean;
  /** For each key column the keys by number: int32 (halves of 64-bit values side by side), doubles or strings. */
  #keys: KeyStore[];
  /** The values behind keys that are compared by a text. */
  #values: (unknown[] | undefined)[];
  #nulls: (Uint8Array | undefined)[];
  #hashes = new Int32Array(0);
  #table = new Int32Array(0);
  #free = new Int32Array(0);
  #zeros = new Uint8Array(0);
  /** Numbers given so far, and those of them that are free again. */
  readonly #counts = new Int32Array(2);

  constructor(types: readonly DataType[], options: KeyIndexOptions = {}) {
    this.#types = types;
    const texts = types.map((t) => options.text?.(t));
    this.#kinds = types.map((t, i) => (texts[i] === undefined ? keyKind(t) : 'text'));
    this.#texts = types.map((t, i) => texts[i] ?? (this.#kinds[i] === 'text' ? keyText(t) : String));
    this.#nullable = options.nulls ?? false;
    this.#oneZero = options.oneZero ?? false;
    this.#assign = generateAssign(this.#kinds, this.#nullable, this.#oneZero);
    this.#keys = this.#kinds.map((kind) => keyStore(kind, 0));
    this.#values = this.#kinds.map((kind) => (kind === 'text' ? [] : undefined));
    this.#nulls = types.map(() => (this.#nullable ? new Uint8Array(0) : undefined));
  }

  /** How many keys there are. */
  get count(): number {
    return this.#counts[0]! - this.#counts[1]!;
  }

  /** All numbers of keys are below. */
  get limit(): number {
    return this.#counts[0]!;
  }

  /** By number, 1 where a key has it, else 0. */
  live(): Uint8Array {
    const live = new Uint8Array(this.limit).fill(1);
    for (const number of this.#free.subarray(0, this.#counts[1]!)) live[number] = 0;
    return live;
  }

  /** Writes into `slots` the number of the key of each row; rows where `skip` is 1 have none. */
  assign(columns: readonly Column[], length: number, skip: Uint8Array | undefined, slots: Int32Array): void {
    this.#makeRoom(this.#counts[0]! + length);
    if (this.#zeros.length < length) this.#zeros = new Uint8Array(length);
    const sources = columns.map((column, i) => this.#source(i, column, length, skip));
    const nulls = columns.map((column) => column.nulls ?? this.#zeros);
    const raw = columns.map((column) => column.values);
    this.#assign(
      { sources, nulls, raw, keys: this.#keys, keyNulls: this.#nulls, values: this.#values, hashes: this.#hashes },
      this.#table,
      this.#free,
      this.#counts,
      length,
      skip,
      slots,
    );
  }

  /** A key as bytes that no other key has, whatever its number. */
  bytesOf(slot: number): Buffer {
    let length = 0;
    for (const [i, kind] of this.#kinds.entries()) {
      const store = this.#keys[i]!;
      const isNull = this.#nulls[i]?.[slot] === 1;
      const text = Array.isArray(store) && !isNull ? store[slot]! : '';
      length = roomFor(length, text.length * 2 + 16);
      keyBytes[length++] = isNull ? 1 : 0;
      if (isNull) continue;
      if (Array.isArray(store)) {
        length = keyBytes.writeUInt32LE(text.length, length);
        length += keyBytes.write(text, length, 'utf16le');
      } else if (kind === 'double') {
        // One key, one form: see the hash.
        const value = store[slot]!;
        const form = Number.isNaN(value) ? Number.NaN : this.#oneZero ? value + 0 : value;
        length = keyBytes.writeDoubleLE(form, length);
      } else if (kind === 'wide') {
        length = keyBytes.writeInt32LE(store[slot * 2]!, length);
        length = keyBytes.writeInt32LE(store[slot * 2 + 1]!, length);
      } else length = keyBytes.writeInt32LE(store[slot]!, length);
    }
    return Buffer.from(keyBytes.subarray(0, length));
  }

  /** Forgets a key; its number may be given again. */
  remove(slot: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#hashes[slot]! & mask;
    while (table[hole] !== slot + 1) hole = (hole + 1) & mask;
    // What stands behind moves up where that brings it no further from its place.
    for (let at = (hole + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[table[at]! - 1]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      table[hole] = table[at]!;
      hole = at;
    }
    table[hole] = 0;
    for (const [i, store] of this.#keys.entries()) {
      if (Array.isArray(store)) store[slot] = '';
      const values = this.#values[i];
      if (values !== undefined) values[slot] = undefined;
    }
    this.#free[this.#counts[1]!++] = slot;
  }

  /** Column `i` of the keys with the numbers `slots`, as it came. */
  gather(i: number, slots: Int32Array, length: number): Column {
    const values = this.#gatherValues(i, slots, length);
    const nulls = this.#nulls[i];
    if (nulls === undefined) return { values };
    const gathered = new Uint8Array(length);
    let any = 0;
    for (let j = 0; j < length; j++) any |= gathered[j] = nulls[slots[j]!]!;
    return any === 0 ? { values } : { values, nulls: gathered };
  }

  clear(): void {
    this.#table.fill(0);
    for (const store of this.#keys) if (Array.isArray(store)) store.length = 0;
    for (const values of this.#values) if (values !== undefined) values.length = 0;
    this.#counts.fill(0);
  }

  snapshot(): KeyIndexImage {
    const count = this.#counts[0]!;
    return {
      count,
      keys: this.#keys.map((store, i) => store.slice(0, this.#kinds[i] === 'wide' ? count * 2 : count)),
      values: this.#values.map((values) => values?.slice(0, count)),
      nulls: this.#nulls.map((nulls) => nulls?.slice(0, count)),
      hashes: this.#hashes.slice(0, count),
      free: this.#free.slice(0, this.#counts[1]!),
    };
  }

  /** Takes what `snapshot` gave of an index of the same types. */
  restore(image: KeyIndexImage): void {
    this.clear();
    this.#makeRoom(image.count);
    image.keys.forEach((stored, i) => {
      const store = this.#keys[i]!;
      if (Array.isArray(store)) this.#keys[i] = [...(stored as string[])];
      else (store as Int32Array).set(stored as Int32Array);
    });
    this.#values = image.values.map((values) => values?.slice());
    image.nulls.forEach((nulls, i) => {
      if (nulls !== undefined) this.#nulls[i]!.set(nulls);
    });
    this.#hashes.set(image.hashes);
    this.#free.set(image.free);
    this.#counts[0] = image.count;
    this.#counts[1] = image.free.length;
    this.#rebuild(this.#table.length);
  }

  #gatherValues(i: number, slots: Int32Array, length: number): ColumnValues {
    const store = this.#keys[i]!;
    switch (this.#kinds[i]!) {
      case 'wide': {
        const wide = store as Int32Array;
        return gatherNumbers(new BigInt64Array(wide.buffer, wide.byteOffset, wide.length >> 1), slots, length);
      }
      case 'int': {
        const numbers = gatherNumbers(store as Int32Array, slots, length);
        return this.#types[i]!.kind === 'BOOLEAN' ? Uint8Array.from(numbers as Int32Array) : numbers;
      }
      case 'double':
        return gatherNumbers(store as Float64Array, slots, length);
      default: {
        const from = this.#values[i] ?? (store as string[]);
        const values: unknown[] = new Array(length);
        for (let j = 0; j < length; j++) values[j] = from[slots[j]!];
        return values;
      }
    }
  }

  #source(i: number, column: Column, length: number, skip: Uint8Array | undefined): KeyStore {
    const { values, nulls } = column;
    switch (this.#kinds[i]!) {
      case 'wide': {
        const wide = values as BigInt64Array;
        return new Int32Array(wide.buffer, wide.byteOffset, wide.length * 2);
      }
      case 'text': {
        const write = this.#texts[i]!;
        const texts: string[] = [];
        for (let row = 0; row < length; row++) {
          texts.push(skip?.[row] === 1 || nulls?.[row] === 1 ? '' : write(values[row] as never));
        }
        return texts;
      }
      default:
        return values as KeyStore;
    }
  }

  #makeRoom(count: number): void {
    if (count > this.#hashes.length) {
      const capacity = Math.max(1024, this.#hashes.length * 2, count);
      this.#hashes = grown(this.#hashes, new Int32Array(capacity));
      this.#free = grown(this.#free, new Int32Array(capacity));
      this.#keys = this.#keys.map((store, i) => {
        if (Array.isArray(store)) return store;
        return grown(store, keyStore(this.#kinds[i]!, capacity) as typeof store);
      });
      this.#nulls = this.#nulls.map((nulls) => nulls && grown(nulls, new Uint8Array(capacity)));
    }
    if (count * 2 <= this.#table.length) return;
    let size = Math.max(2048, this.#table.length);
    while (size < count * 2) size *= 2;
    this.#rebuild(size);
  }

  #rebuild(size: number): void {
    this.#table = new Int32Array(size);
    const gone = new Set(this.#free.subarray(0, this.#counts[1]!));
    for (let key = 0; key < this.#counts[0]!; key++) {
      if (gone.has(key)) continue;
      let at = this.#hashes[key]! & (size - 1);
      while (this.#table[at] !== 0) at = (at + 1) & (size - 1);
      this.#table[at] = key + 1;
    }
  }
}

let keyBytes = Buffer.allocUnsafeSlow(256);

/** Room for so many bytes more in `keyBytes`; where they begin. */
function roomFor(length: number, more: number): number {
  if (length + more > keyBytes.length) {
    const larger = Buffer.allocUnsafeSlow((length + more) * 2);
    keyBytes.copy(larger, 0, 0, length);
    keyBytes = larger;
  }
  return length;
}

function keyKind(t: DataType): KeyKind {
  switch (t.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return 'int';
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return 'wide';
    case 'FLOAT':
    case 'DOUBLE':
      return 'double';
    case 'DECIMAL':
      return t.precision <= 18 ? 'wide' : 'text';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return t.precision <= 6 ? 'wide' : 'text';
    case 'CHAR':
    case 'VARCHAR':
      return 'string';
    default:
      return 'text';
  }
}

function keyText(t: DataType): (value: never) => string {
  if (t.kind === 'BINARY' || t.kind === 'VARBINARY') return (v: Uint8Array) => Buffer.from(v).toString('latin1');
  if (t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ') return (v: bigint) => String(v);
  return textWriter(t, 'UTC');
}

function keyStore(kind: KeyKind, capacity: number): KeyStore {
  if (kind === 'string' || kind === 'text') return [];
  if (kind === 'double') return new Float64Array(capacity);
  return new Int32Array(kind === 'wide' ? capacity * 2 : capacity);
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from as never);
  return to;
}
