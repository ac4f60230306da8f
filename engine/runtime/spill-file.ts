import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { RootDatabase } from 'lmdb';
import { RunError } from '../connector/errors.ts';
import type { SpillPlace, SpillStore } from '../operators/spill.ts';
import { decodeCompact, encodeCompact } from './compact.ts';

/** LMDB takes keys of 1978 bytes at most; longer ones are told apart by their SHA-256. */
const LONGEST_KEY = 1000;
const HEAD = 4;
/** Entries of one transaction. */
const MERGED_AT_ONCE = 10_000;
const WRITTEN_AT_ONCE = 5000;
/** Under this number stands what all newer ones do not replace. */
const BASE = 0;
const META = Buffer.from([0xff, 0xff, 0xff, 0xff]);

interface Meta {
  /** What can be gone back to: the generation that was sealed last, and the one before. */
  readonly sealed: number;
  readonly below: number;
}

/** Stores in one folder, a file of LMDB for each operator; `close` when the plan has ended. */
export class SpillFolder implements SpillPlace {
  readonly memory?: number;
  readonly #folder: string;
  readonly #files: SpillFile[] = [];

  constructor(folder: string, memory: number | undefined) {
    this.#folder = folder;
    if (memory !== undefined) this.memory = memory;
  }

  open(operator: string): SpillStore {
    const file = new SpillFile(path.join(this.#folder, `${operator.replaceAll(' ', '-')}.lmdb`));
    this.#files.push(file);
    return file;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.flushed()));
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }
}

/**
 * Values by key in layers, one for each generation, told apart by the first bytes of a key; the newest layer that has a
 * key counts, an empty value says that it is gone. There are at most four: what is written now, what was sealed last, the
 * one before, and `BASE`, into which that one is merged bit by bit. So going back drops layers and needs no copy.
 */
class SpillFile implements SpillStore {
  readonly #file: string;
  #database: RootDatabase<Buffer, Buffer> | undefined;
  #meta: Meta = { below: BASE, sealed: BASE };
  /** Whether anything is left of the layer that is merged. */
  #merging = false;

  constructor(file: string) {
    this.#file = file;
  }

  get(key: Buffer): unknown {
    const database = this.#opened();
    const { sealed, below } = this.#meta;
    for (const layer of new Set([this.#newest, sealed, ...(this.#merging ? [below] : []), BASE])) {
      const bytes = database.getBinary(keyIn(layer, key));
      if (bytes !== undefined) return bytes.length === 0 ? undefined : decodeCompact(bytes);
    }
    return undefined;
  }

  write(entries: Iterable<readonly [key: Buffer, value: unknown]>): void {
    const rest = entries[Symbol.iterator]();
    while (this.#transaction((database) => this.#writeSome(database, rest)));
  }

  /** Whether there is more: large transactions take much memory. */
  #writeSome(database: RootDatabase<Buffer, Buffer>, entries: Iterator<readonly [Buffer, unknown]>): boolean {
    for (let n = 0; n < WRITTEN_AT_ONCE; n++) {
      const { done, value: entry } = entries.next();
      if (done === true) {
        this.#merge(n * 2);
        return false;
      }
      const [key, value] = entry;
      void database.put(keyIn(this.#newest, key), value === undefined ? NOTHING : encodeCompact(value));
    }
    this.#merge(WRITTEN_AT_ONCE * 2);
    return true;
  }

  seal(): number {
    while (this.#merging) this.#transaction(() => this.#merge(MERGED_AT_ONCE));
    const meta = { below: this.#meta.sealed, sealed: this.#newest };
    this.#transaction((database) => void database.put(META, encodeCompact(meta)));
    this.#meta = meta;
    this.#merging = meta.below !== BASE;
    return meta.sealed;
  }

  restore(generation: number): void {
    const database = this.#open();
    const bytes = database.getBinary(META);
    const meta = bytes === undefined ? undefined : (decodeCompact(bytes) as Meta);
    if (meta === undefined || (generation !== meta.sealed && generation !== meta.below)) {
      throw new RunError('state-missing', `what state moved to disk at ${generation} is not in ${this.#file}`, {
        help: 'restore the checkpoint folder, or start anew with --fresh',
      });
    }
    this.#meta = { below: meta.below, sealed: generation };
    this.#merging = meta.below !== BASE && meta.below !== generation;
    while (this.#transaction(() => this.#drop(generation + 1)));
    this.#transaction(() => void database.put(META, encodeCompact(this.#meta)));
  }

  /** LMDB commits first and flushes behind, without a moment in which a power failure would break the file. */
  async flushed(): Promise<void> {
    await this.#database?.flushed;
  }

  async close(): Promise<void> {
    if (this.#database === undefined) return;
    await this.#database.close();
    this.#database = undefined;
    // No checkpoint knows of it.
    if (this.#meta.sealed === BASE) this.#remove();
  }

  /** The layer that is written now. */
  get #newest(): number {
    return this.#meta.sealed + 1;
  }

  /** Takes up to `count` entries of the layer below the sealed one to `BASE`. */
  #merge(count: number): void {
    if (!this.#merging || count === 0) return;
    const database = this.#opened();
    const { below } = this.#meta;
    const entries = [...database.getRange({ start: head(below), end: head(below + 1), limit: count })];
    for (const { key, value } of entries) {
      const base = keyIn(BASE, key.subarray(HEAD));
      if (value.length === 0) void database.remove(base);
      else void database.put(base, value);
      void database.remove(key);
    }
    this.#merging = entries.length === count;
  }

  /** Removes some entries of a layer and of those above it; whether there were any. */
  #drop(layer: number): boolean {
    const database = this.#opened();
    const keys = [...database.getKeys({ start: head(layer), end: META, limit: MERGED_AT_ONCE })];
    for (const key of keys) void database.remove(key);
    return keys.length > 0;
  }

  /** What was left by an attempt that is not gone back to is of no use. */
  #opened(): RootDatabase<Buffer, Buffer> {
    if (this.#database !== undefined) return this.#database;
    try {
      this.#remove();
    } catch (error) {
      throw this.#failure(error);
    }
    return this.#open();
  }

  #remove(): void {
    for (const file of [this.#file, `${this.#file}-lock`]) rmSync(file, { force: true });
  }

  #open(): RootDatabase<Buffer, Buffer> {
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      // The file is mapped in parts, so that what was read once does not count as memory of the process for ever.
      const options = { path: this.#file, encoding: 'binary', keyEncoding: 'binary', remapChunks: true } as const;
      this.#database = loadLmdb().open<Buffer, Buffer>(options);
      return this.#database;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** One transaction, durable once the database is flushed. */
  #transaction<T>(act: (database: RootDatabase<Buffer, Buffer>) => T): T {
    const database = this.#opened();
    try {
      return database.transactionSync(() => act(database));
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): RunError {
    const reason = error instanceof Error ? error.message : String(error);
    return new RunError('state-not-saved', `state cannot be moved to ${this.#file}: ${reason}`, {
      help: 'free some room on its disk, or raise cryptopipe.state.memory',
    });
  }
}

const NOTHING = Buffer.alloc(0);

function head(layer: number): Buffer {
  const bytes = Buffer.alloc(HEAD);
  bytes.writeUInt32BE(layer);
  return bytes;
}

function keyIn(layer: number, key: Buffer): Buffer {
  const own = key.length > LONGEST_KEY ? createHash('sha256').update(key).digest() : key;
  return Buffer.concat([head(layer), own]);
}

let loaded: typeof import('lmdb') | undefined;

/** Only jobs whose state outgrows its memory need it. */
function loadLmdb(): typeof import('lmdb') {
  loaded ??= createRequire(import.meta.url)('lmdb') as typeof import('lmdb');
  return loaded;
}
