import path from 'node:path';
import type { SpillPlace, SpillStore } from '../../operators/spill.ts';
import { PENDING, SpillFile } from './file.ts';

/** Stores in one folder, a file for each operator; `close` when the plan has ended. */
export class SpillFolder implements SpillPlace {
  readonly memory?: number;
  readonly #folder: string;
  readonly #pending: number;
  readonly #files: SpillFile[] = [];

  /** `pending`: how many entries a store collects before it writes them. */
  constructor(folder: string, memory: number | undefined, pending = PENDING) {
    this.#folder = folder;
    this.#pending = pending;
    if (memory !== undefined) this.memory = memory;
  }

  open(operator: string): SpillStore {
    const file = new SpillFile(path.join(this.#folder, `${operator.replaceAll(' ', '-')}.lmdb`), this.#pending);
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
