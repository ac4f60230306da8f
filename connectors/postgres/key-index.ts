import type { Column, ColumnValues } from '../../engine/types/batch.ts';
import type { DataType } from '../../engine/types/data-type.ts';
import { generate } from '../../engine/types/generate.ts';
import { textWriter } from '../../engine/types/text.ts';
import { microsOf } from './micros.ts';

/** How a key column is hashed and compared. */
type KeyKind = 'int' | 'wide' | 'double' | 'string' | 'text';

/**
 * Numbers the distinct keys of rows as they come: 0, 1, 2, … An open-addressing hash table over columns, without an
 * object or a joined string per row; the loop is generated for the kinds of the key's columns.
 */
export class KeyIndex {
  readonly #kinds: readonly KeyKind[];
  readonly #texts: readonly ((value: never) => string)[];
  readonly #assign: Assign;
  /** For each key column the keys by number: int32 (halves of 64-bit values side by side), doubles or strings. */
  #keys: KeyStore[];
  #hashes = new Int32Array(0);
  #table = new Int32Array(0);
  #count = 0;

  constructor(types: readonly DataType[]) {
    this.#kinds = types.map(keyKind);
    this.#texts = types.map((t, i) => (this.#kinds[i] === 'text' ? keyText(t) : String));
    this.#assign = generateAssign(this.#kinds);
    this.#keys = this.#kinds.map((kind) => keyStore(kind, 0));
  }

  get count(): number {
    return this.#count;
  }

  /** Writes into `slots` the number of the key of each row; the key columns hold no NULL where `skip` is not 1. */
  assign(columns: readonly Column[], length: number, skip: Uint8Array | undefined, slots: Int32Array): void {
    this.#makeRoom(this.#count + length);
    const sources = columns.map((column, i) => this.#source(i, column.values, length, skip));
    this.#count = this.#assign(sources, this.#keys, this.#hashes, this.#table, this.#count, length, skip, slots);
  }

  clear(): void {
    this.#table.fill(0);
    for (const store of this.#keys) if (Array.isArray(store)) store.length = 0;
    this.#count = 0;
  }

  #source(i: number, values: ColumnValues, length: number, skip: Uint8Array | undefined): KeyStore {
    switch (this.#kinds[i]!) {
      case 'wide': {
        const wide = values as BigInt64Array;
        return new Int32Array(wide.buffer, wide.byteOffset, wide.length * 2);
      }
      case 'text': {
        const write = this.#texts[i]!;
        const texts: string[] = [];
        for (let row = 0; row < length; row++) texts.push(skip?.[row] === 1 ? '' : write(values[row] as never));
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
      this.#keys = this.#keys.map((store, i) => {
        if (Array.isArray(store)) return store;
        return grown(store, keyStore(this.#kinds[i]!, capacity) as typeof store);
      });
    }
    if (count * 2 <= this.#table.length) return;
    let size = Math.max(2048, this.#table.length);
    while (size < count * 2) size *= 2;
    this.#table = new Int32Array(size);
    for (let key = 0; key < this.#count; key++) {
      let at = this.#hashes[key]! & (size - 1);
      while (this.#table[at] !== 0) at = (at + 1) & (size - 1);
      this.#table[at] = key + 1;
    }
  }
}

type KeyStore = Int32Array | Float64Array | string[];

type Assign = (
  sources: readonly KeyStore[],
  keys: readonly KeyStore[],
  hashes: Int32Array,
  table: Int32Array,
  count: number,
  length: number,
  skip: Uint8Array | undefined,
  slots: Int32Array,
) => number;

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
  // Nanoseconds that round to the same microsecond are the same key in PostgreSQL.
  if (t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ') return (v: bigint) => String(microsOf(v));
  return textWriter(t, 'UTC');
}

function keyStore(kind: KeyKind, capacity: number): KeyStore {
  if (kind === 'string' || kind === 'text') return [];
  if (kind === 'double') return new Float64Array(capacity);
  return new Int32Array(kind === 'wide' ? capacity * 2 : capacity);
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

function generateAssign(kinds: readonly KeyKind[]): Assign {
  const each = (line: (kind: KeyKind, i: number) => string, separator: string) => kinds.map(line).join(separator);
  const hash = (kind: KeyKind, i: number) => {
    switch (kind) {
      case 'int':
        return `h = Math.imul(h ^ s${i}[row], 0x9e3779b1); h ^= h >>> 15;`;
      case 'wide':
        return `h = Math.imul(h ^ s${i}[row * 2], 0x9e3779b1); h ^= h >>> 15;
      h = Math.imul(h ^ s${i}[row * 2 + 1], 0x85ebca6b); h ^= h >>> 13;`;
      case 'double':
        // -0 and 0 are one key, and so are all NaNs, as in PostgreSQL.
        return `double[0] = s${i}[row] === s${i}[row] ? s${i}[row] + 0 : NaN;
      h = Math.imul(h ^ halves[0], 0x9e3779b1); h ^= h >>> 15;
      h = Math.imul(h ^ halves[1], 0x85ebca6b); h ^= h >>> 13;`;
      default:
        return `const v${i} = s${i}[row];
      for (let c = 0, n = v${i}.length; c < n; c++) h = Math.imul(h ^ v${i}.charCodeAt(c), 0x01000193);
      h = Math.imul(h ^ (h >>> 15), 0x9e3779b1); h ^= h >>> 13;`;
    }
  };
  const same = (kind: KeyKind, i: number, key: string) => {
    switch (kind) {
      case 'int':
        return `k${i}[${key}] === s${i}[row]`;
      case 'wide':
        return `k${i}[${key} * 2] === s${i}[row * 2] && k${i}[${key} * 2 + 1] === s${i}[row * 2 + 1]`;
      case 'double':
        return `(k${i}[${key}] === s${i}[row] || (k${i}[${key}] !== k${i}[${key}] && s${i}[row] !== s${i}[row]))`;
      default:
        return `k${i}[${key}] === s${i}[row]`;
    }
  };
  const store = (kind: KeyKind, i: number) =>
    kind === 'wide'
      ? `k${i}[count * 2] = s${i}[row * 2]; k${i}[count * 2 + 1] = s${i}[row * 2 + 1];`
      : `k${i}[count] = s${i}[row];`;
  return generate<Assign>(
    { double, halves },
    `return function (sources, keys, hashes, table, count, length, skip, slots) {
    const mask = table.length - 1;
    ${each((_, i) => `const s${i} = sources[${i}], k${i} = keys[${i}];`, ' ')}
    for (let row = 0; row < length; row++) {
      if (skip !== undefined && skip[row] === 1) continue;
      let h = 0x811c9dc5;
      ${each(hash, '\n      ')}
      let at = h & mask;
      for (;;) {
        const key = table[at] - 1;
        if (key < 0) {
          ${each(store, ' ')}
          hashes[count] = h;
          slots[row] = count++;
          table[at] = count;
          break;
        }
        if (hashes[key] === h && ${each((kind, i) => same(kind, i, 'key'), ' && ')}) {
          slots[row] = key;
          break;
        }
        at = (at + 1) & mask;
      }
    }
    return count;
  };`,
  );
}
