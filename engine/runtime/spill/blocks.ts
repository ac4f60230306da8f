import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { RootDatabase } from 'lmdb';
import { RunError } from '../../connector/errors.ts';
import { decodeCompact, encodeCompact } from './compact.ts';
import { KeyFilter } from './filter.ts';
import type { Run } from './run.ts';

/** What tells blocks of one run apart follows; under the last number stands what is known of the run. */
const INDEX = 0xffffffff;
const CONTENTS = keyOf(INDEX, INDEX);

/** Blocks of runs in one file of LMDB, which is not there before the first is written. */
export class BlockFile {
  readonly path: string;
  #database: RootDatabase<Buffer, Buffer> | undefined;

  constructor(file: string) {
    this.path = file;
  }

  /** Opens what is there; without it what is there is of no use. */
  open(): void {
    try {
      mkdirSync(path.dirname(this.path), { recursive: true });
      // The file is mapped in parts, so that what was read once does not count as memory of the process for ever.
      const options = { path: this.path, encoding: 'binary', keyEncoding: 'binary', remapChunks: true } as const;
      this.#database = loadLmdb().open<Buffer, Buffer>(options);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** One transaction, durable once the file is flushed. */
  transaction<T>(act: () => T): T {
    const database = this.#opened();
    try {
      return database.transactionSync(act);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Good until the next call. */
  read = (run: number, block: number): Buffer => {
    const bytes = this.#opened().getBinaryFast(keyOf(run, block));
    if (bytes === undefined) throw this.#failure(new Error(`block ${block} of run ${run} is gone`));
    // The store's own buffer is longer than what it says.
    return bytes.subarray(0, bytes.length);
  };

  write(run: number, block: number, bytes: Buffer): void {
    void this.#opened().put(keyOf(run, block), bytes);
  }

  writeIndex({ id, entries, blocks, first, filter }: Run): void {
    void this.#opened().put(keyOf(id, INDEX), encodeCompact({ entries, blocks, first, filter: filter.bytes }));
  }

  readIndex(id: number): Run {
    const bytes = this.#opened().getBinary(keyOf(id, INDEX));
    if (bytes === undefined) throw this.#failure(new Error(`the index of run ${id} is gone`));
    const { filter, ...rest } = decodeCompact(bytes) as Omit<Run, 'filter'> & { readonly filter: Uint8Array };
    return { ...rest, id, filter: new KeyFilter(filter) };
  }

  get contents(): unknown {
    const bytes = this.#opened().getBinary(CONTENTS);
    return bytes === undefined ? undefined : decodeCompact(bytes);
  }

  writeContents(contents: unknown): void {
    void this.#opened().put(CONTENTS, encodeCompact(contents));
  }

  /** Removes up to `most` blocks of a run, its index with the last of them; whether there may be more. */
  remove(run: number, most: number): boolean {
    const database = this.#opened();
    const keys = [...database.getKeys({ start: keyOf(run, 0), end: keyOf(run + 1, 0), limit: most })];
    for (const key of keys) void database.remove(key);
    return keys.length === most;
  }

  /** The lowest number of a run that is `run` or higher and has anything in the file. */
  firstRun(run: number): number | undefined {
    for (const key of this.#opened().getKeys({ start: keyOf(run, 0), end: CONTENTS, limit: 1 }))
      return key.readUInt32BE(0);
    return undefined;
  }

  /** LMDB commits first and flushes behind, without a moment in which a power failure would break the file. */
  async flushed(): Promise<void> {
    await this.#database?.flushed;
  }

  /** `remove`: the file too, where it was opened. */
  async close(remove: boolean): Promise<void> {
    if (this.#database === undefined) return;
    await this.#database.close();
    this.#database = undefined;
    if (remove) this.#remove();
  }

  #opened(): RootDatabase<Buffer, Buffer> {
    if (this.#database !== undefined) return this.#database;
    try {
      this.#remove();
    } catch (error) {
      throw this.#failure(error);
    }
    this.open();
    return this.#database!;
  }

  #remove(): void {
    for (const file of [this.path, `${this.path}-lock`]) rmSync(file, { force: true });
  }

  #failure(error: unknown): RunError {
    if (error instanceof RunError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new RunError('state-not-saved', `state cannot be moved to ${this.path}: ${reason}`, {
      help: 'free some room on its disk, or raise cryptopipe.state.memory',
    });
  }
}

function keyOf(run: number, block: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeUInt32BE(run);
  bytes.writeUInt32BE(block, 4);
  return bytes;
}

let loaded: typeof import('lmdb') | undefined;

/** Only jobs whose state outgrows its memory need it. */
function loadLmdb(): typeof import('lmdb') {
  loaded ??= createRequire(import.meta.url)('lmdb') as typeof import('lmdb');
  return loaded;
}
