import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Worker } from '../connector/context.ts';
import { RunError } from '../connector/errors.ts';
import { fileError } from '../connector/file-error.ts';
import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { Positions } from '../connector/source.ts';
import type { RowBatch } from '../types/batch.ts';

/** How often the file is written at most, in milliseconds: rows go out at once, positions may lag (at least once). */
const WRITE_INTERVAL = 1000;

/** What to do where a checkpoint cannot be kept. */
export const checkpointHelp =
  'checkpoints stand in .cryptopipe/checkpoints of the working directory: make room there, or let this user write there';

type WorkerNumber = Pick<Worker, 'index' | 'count'>;
const FIRST: WorkerNumber = { index: 0, count: 1 };

/**
 * Gives a sink that keeps no checkpoints itself a checkpoint file: rows first, then the positions by an atomic rename,
 * so that after a crash rows may come again but none is missing.
 */
export class FileCheckpointed implements Sink {
  readonly #sink: Sink;
  readonly #file: string;
  readonly #interval: number;
  readonly #worker: WorkerNumber;
  #written = -Infinity;
  #latest: Checkpoint | undefined;
  #finished = false;

  /**
   * `always`: the file is written at each commit, for states are kept that must fit the positions. `worker`: which of the
   * workers that write beside each other, each its own file; they read all of them.
   */
  constructor(
    sink: Sink,
    file: string,
    { always = false, worker = FIRST }: { readonly always?: boolean; readonly worker?: WorkerNumber } = {},
  ) {
    this.#interval = always ? 0 : WRITE_INTERVAL;
    this.#sink = sink;
    this.#file = file;
    this.#worker = worker;
  }

  get #own(): string {
    return this.#worker.index === 0 ? this.#file : ofWorker(this.#file, this.#worker.index);
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
    if (performance.now() - this.#written >= this.#interval) await this.#saveOrExplain();
  }

  async restore(source: string, splits: readonly string[]): Promise<Positions> {
    const found = new Map<string, string>();
    // The newest file last: what it says of a split counts.
    for (const { sources } of (await this.#readAll()).sort((a, b) => a.written - b.written)) {
      for (const split of splits) {
        const position = sources[source]?.[split];
        if (position !== undefined) found.set(split, position);
      }
    }
    return found;
  }

  /** The first worker forgets for all: the others start after it. */
  async forget(): Promise<void> {
    if (this.#worker.index === 0) for (const file of await this.#files()) await rm(file, { force: true });
  }

  /** Every source was read to its end: the next run begins anew, as in Flink. */
  finish(): void {
    this.#finished = true;
  }

  async close(): Promise<void> {
    try {
      await this.#sink.close();
    } finally {
      if (this.#finished) await this.#forgetOwn();
      else await this.#saveOrExplain();
    }
  }

  /** Its own file and those that workers of an earlier, larger number left. */
  async #forgetOwn(): Promise<void> {
    await rm(this.#own, { force: true });
    if (this.#worker.index > 0) return;
    const beside = Array.from({ length: this.#worker.count - 1 }, (_, i) => ofWorker(this.#file, i + 1));
    for (const file of await this.#files()) if (!beside.includes(file)) await rm(file, { force: true });
  }

  async #saveOrExplain(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      throw fileError(error, 'written', this.#own, checkpointHelp);
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
    const temporary = `${this.#own}.${process.pid}.tmp`;
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(`${JSON.stringify({ version: 1, written: Date.now(), sources: stored }, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#own);
  }

  /** The files of this sink that are there. */
  async #files(): Promise<string[]> {
    const folder = path.dirname(this.#file);
    const stem = path.basename(this.#file, '.json');
    let names: string[];
    try {
      names = await readdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const isOurs = (name: string) => name === `${stem}.json` || (name.startsWith(`${stem}@`) && name.endsWith('.json'));
    return names.filter(isOurs).map((name) => path.join(folder, name));
  }

  async #readAll(): Promise<Stored[]> {
    const read = await Promise.all((await this.#files()).map(readStored));
    return read.filter((stored) => stored !== undefined);
  }
}

/** What a file holds: source → split → position. */
interface Stored {
  readonly written: number;
  readonly sources: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** undefined where the file is gone by now. */
async function readStored(file: string): Promise<Stored | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { sources, written = 0 } = JSON.parse(text) as Partial<Stored>;
    return { written, sources: sources ?? {} };
  } catch (cause) {
    throw new RunError('bad-checkpoint', `the checkpoint file '${file}' cannot be read`, {
      help: 'repair it, or start anew with --fresh',
      cause,
    });
  }
}

/** '@' stands in no name that `checkpointFile` makes. */
function ofWorker(file: string, index: number): string {
  return `${file.slice(0, -'.json'.length)}@${index}.json`;
}

/** The checkpoint file of one sink of a job; names are made safe for any file system. */
export function checkpointFile(folder: string, job: string, sink: string): string {
  const safe = (name: string) => name.replace(/[^\w.#-]/g, (c) => `%${c.codePointAt(0)!.toString(16)}`);
  return path.join(folder, safe(job), `${safe(sink)}.json`);
}
