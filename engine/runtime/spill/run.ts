import { hashBytes } from '../../types/hash-order.ts';
import { KeyFilter } from './filter.ts';

/**
 * Entries in the order of their keys' hashes, in blocks of about a page: what was written at one time, or what several such
 * runs were merged into. An entry is the hash, the lengths of key and value, the second of the clock until which it is good
 * (4 bytes each; 0: for ever), the key, the value; a value of no bytes says that the key is gone. The highest bit of the
 * value's length says that what older runs have of the key stays beside it. All entries with one hash are in one block.
 */
export interface Run {
  readonly id: number;
  readonly entries: number;
  readonly blocks: number;
  /** The hash that each block begins with. */
  readonly first: Int32Array;
  readonly filter: KeyFilter;
}

/** The block with this number of a run; good until the next call. */
export type ReadBlock = (run: number, block: number) => Buffer;
export type WriteBlock = (block: number, bytes: Buffer) => void;

export const ENTRY_HEAD = 16;
const ADDED = 0x80000000;
const LENGTH = 0x7fffffff;

/** The length of an entry's value. */
export function valueLength(block: Buffer, at: number): number {
  return block.readUInt32LE(at + 8) & LENGTH;
}

/** Whether what is older stays beside an entry's value. */
export function isAdded(block: Buffer, at: number): boolean {
  return block.readUInt32LE(at + 8) >= ADDED;
}

/** What a run has of a key: bytes that are good as long as the block is. */
export interface Found {
  readonly value: Buffer;
  readonly added: boolean;
}
/** What fits into one page of the store beside its own head. */
const BLOCK = 4080;

/** 31 bits. */
export function hashOf(key: Buffer): number {
  return hashBytes(key) >>> 1;
}

/** Undefined where the run does not have the key. */
export function findIn(run: Run, hash: number, key: Buffer, read: ReadBlock): Found | undefined {
  if (!run.filter.mayHave(hash)) return undefined;
  let low = 0;
  let high = run.blocks - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (run.first[middle]! <= hash) low = middle;
    else high = middle - 1;
  }
  const block = read(run.id, low);
  for (let at = 0; at < block.length; ) {
    const found = block.readInt32LE(at);
    if (found > hash) return undefined;
    const from = at + ENTRY_HEAD;
    const to = from + block.readUInt32LE(at + 4);
    const head = at;
    at = to + valueLength(block, head);
    if (found === hash && to - from === key.length && key.compare(block, from, to) === 0) {
      return { value: block.subarray(to, at), added: isAdded(block, head) };
    }
  }
  return undefined;
}

/** What is written of a key; `until`: the second of the clock until which it is good, 0: for ever. */
export interface Entry extends Found {
  readonly until: number;
}

/** Makes a run of entries that come in the order of their hashes, those with one hash in the order of their keys. */
export class RunWriter {
  readonly #id: number;
  readonly #write: WriteBlock;
  readonly #filter: KeyFilter;
  readonly #first: number[] = [];
  #block = Buffer.allocUnsafe(BLOCK * 2);
  #length = 0;
  #last = -1;
  #entries = 0;

  /** `most`: how many entries come at most. */
  constructor(id: number, most: number, write: WriteBlock) {
    this.#id = id;
    this.#write = write;
    this.#filter = KeyFilter.ofSize(most);
  }

  /** Adds an entry with its head, as it stands in a block. */
  copy(hash: number, source: Buffer, from: number, to: number): void {
    const at = this.#begin(hash, to - from);
    source.copy(this.#block, at, from, to);
  }

  add(hash: number, key: Buffer, { value, until, added }: Entry): void {
    const at = this.#begin(hash, ENTRY_HEAD + key.length + value.length);
    this.#block.writeInt32LE(hash, at);
    this.#block.writeUInt32LE(key.length, at + 4);
    this.#block.writeUInt32LE(value.length + (added ? ADDED : 0), at + 8);
    this.#block.writeUInt32LE(until, at + 12);
    key.copy(this.#block, at + ENTRY_HEAD);
    value.copy(this.#block, at + ENTRY_HEAD + key.length);
  }

  finish(): Run {
    this.#flush();
    const first = Int32Array.from(this.#first);
    return { id: this.#id, entries: this.#entries, blocks: first.length, first, filter: this.#filter };
  }

  /** Where the entry goes. */
  #begin(hash: number, length: number): number {
    if (this.#length > 0 && this.#length + length > BLOCK && hash !== this.#last) this.#flush();
    if (this.#length === 0) this.#first.push(hash);
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#block.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#block.length * 2));
      this.#block.copy(larger, 0, 0, at);
      this.#block = larger;
    }
    this.#last = hash;
    this.#entries++;
    this.#filter.add(hash);
    return at;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#write(this.#first.length - 1, this.#block.subarray(0, this.#length));
    this.#length = 0;
  }
}
