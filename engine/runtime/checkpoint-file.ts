import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../connector/errors.ts';
import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { Positions } from '../connector/source.ts';
import type { RowBatch } from '../types/batch.ts';

/** How often the file is written at most, in milliseconds: rows go out at once, positions may lag (at least once). */
const WRITE_INTERVAL = 1000;

/**
 * Gives a sink that keeps no checkpoints itself a checkpoint file: rows first, then the positions by an atomic rename,
 * so that after a crash rows may come again but none is missing.
 */
export class FileCheckpointed implements Sink {
  readonly #sink: Sink;
  readonly #file: string;
  readonly #interval: number;
  #written = -Infinity;
  #latest: Checkpoint | undefined;
  #finished = false;

  /** `always`: the file is written at each commit, for states are kept that must fit the positions. */
  constructor(sink: Sink, file: string, always = false) {
    this.#interval = always ? 0 : WRITE_INTERVAL;
    this.#sink = sink;
    this.#file = file;
  }

  get pending(): number {
    return this.#sink.pending;
  }

  get flush(): Sink['flush'] {
    return this.#sink.flush;
  }

  open(): Promise<void> {
    return this.#sink.open();
  }

  write(batch: RowBatch): void | Promise<void> {
    return this.#sink.write(batch);
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    await this.#sink.commit(checkpoint);
    this.#latest = checkpoint;
    if (performance.now() - this.#written >= this.#interval) await this.#save();
  }

  async restore(source: string, splits: readonly string[]): Promise<Positions> {
    const stored = (await this.#read())[source] ?? {};
    return new Map(splits.flatMap((split) => (stored[split] === undefined ? [] : [[split, stored[split]]])));
  }

  async forget(): Promise<void> {
    await rm(this.#file, { force: true });
  }

  /** Every source was read to its end: the next run begins anew, as in Flink. */
  finish(): void {
    this.#finished = true;
  }

  async close(): Promise<void> {
    try {
      await this.#sink.close();
    } finally {
      if (this.#finished) await this.forget();
      else await this.#save();
    }
  }

  async #save(): Promise<void> {
    if (this.#latest === undefined) return;
    const stored = Object.fromEntries(
      [...this.#latest.positions].map(([source, positions]) => [source, Object.fromEntries(positions)]),
    );
    this.#latest = undefined;
    this.#written = performance.now();
    await mkdir(path.dirname(this.#file), { recursive: true });
    const temporary = `${this.#file}.${process.pid}.tmp`;
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(`${JSON.stringify({ version: 1, sources: stored }, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#file);
  }

  async #read(): Promise<Record<string, Record<string, string>>> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
    try {
      return (JSON.parse(text) as { sources: Record<string, Record<string, string>> }).sources;
    } catch (cause) {
      throw new RunError('bad-checkpoint', `the checkpoint file '${this.#file}' cannot be read`, {
        help: 'repair it, or start anew with --fresh',
        cause,
      });
    }
  }
}

/** The checkpoint file of one sink of a job; names are made safe for any file system. */
export function checkpointFile(folder: string, job: string, sink: string): string {
  const safe = (name: string) => name.replace(/[^\w.#-]/g, (c) => `%${c.codePointAt(0)!.toString(16)}`);
  return path.join(folder, safe(job), `${safe(sink)}.json`);
}
