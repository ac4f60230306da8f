import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { RunError } from '../connector/errors.ts';

/** The states of a pipeline's operators at one moment, by the operator's id. */
export type StateImages = ReadonlyMap<string, { readonly fingerprint: string; readonly image: unknown }>;

/**
 * Keeps the states of one pipeline under numbers, the epochs. An epoch is saved before the sink commits it together
 * with rows and positions; which of the saved ones counts, the sink says after a crash.
 */
export interface StateStore {
  /** Resolves when the images are durable. */
  save(epoch: number, images: StateImages): Promise<void>;
  /** Undefined where the epoch is not there. */
  load(epoch: number): Promise<StateImages | undefined>;
  /** `epoch` is committed: no other one is asked for again. */
  committed(epoch: number): Promise<void>;
  /** Forgets everything. */
  clear(): Promise<void>;
}

/** A folder with a file an epoch, each whole. */
export class StateFolder implements StateStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async save(epoch: number, images: StateImages): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const temporary = path.join(this.#folder, `${epoch}.${process.pid}.tmp`);
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(serialize(images));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#file(epoch));
  }

  async load(epoch: number): Promise<StateImages | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.#file(epoch));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return deserialize(bytes) as StateImages;
    } catch (cause) {
      throw new RunError('bad-checkpoint', `the state in '${this.#file(epoch)}' cannot be read`, {
        help: 'start anew with --fresh',
        cause,
      });
    }
  }

  async committed(epoch: number): Promise<void> {
    const keep = path.basename(this.#file(epoch));
    for (const name of await readdir(this.#folder)) {
      if (name !== keep) await rm(path.join(this.#folder, name), { force: true });
    }
  }

  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #file(epoch: number): string {
    return path.join(this.#folder, `${epoch}.state`);
  }
}
