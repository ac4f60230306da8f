import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SpillPlace, SpillStore } from '../../operators/spill.ts';
import { PENDING, SpillFile } from './file.ts';

/** Stores in one folder, a file for each operator; `close` when the plan has ended. */
export class SpillFolder implements SpillPlace {
  readonly memory?: number;
  readonly #folder: string;
  readonly #pending: number;
  readonly #files: SpillFile[] = [];
  readonly #names: string[] = [];

  /** `pending`: how many entries a store collects before it writes them. */
  constructor(folder: string, memory: number | undefined, pending = PENDING) {
    this.#folder = folder;
    this.#pending = pending;
    if (memory !== undefined) this.memory = memory;
  }

  open(operator: string): SpillStore {
    const name = `${operator.replaceAll(' ', '-')}.lmdb`;
    const file = new SpillFile(path.join(this.#folder, name), this.#pending);
    this.#files.push(file);
    this.#names.push(name);
    return file;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.flushed()));
  }

  /** The store's library keeps a file beside each, '…-lock'. */
  async forgetOthers(): Promise<void> {
    const own = (name: string) => this.#names.some((each) => name.startsWith(each));
    for (const name of existsSync(this.#folder) ? await readdir(this.#folder) : []) {
      if (!own(name)) await rm(path.join(this.#folder, name), { force: true });
    }
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }
}
