import type { Rejects } from '../../engine/connector/rejection.ts';
import type { Positions, RestorePositions, Source } from '../../engine/connector/source.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import type { GivenBatch } from './memory.ts';

const SPLIT = 'rows';

/** Reads batches that are there already; the position is the number of batches read. */
export class MemorySource implements Source {
  readonly #batches: readonly GivenBatch[];
  readonly #rejects: Rejects;
  #next = 0;

  constructor(batches: readonly GivenBatch[], rejects: Rejects) {
    this.#batches = batches;
    this.#rejects = rejects;
  }

  async open(restore: RestorePositions): Promise<void> {
    this.#next = Number((await restore([SPLIT])).get(SPLIT) ?? 0);
  }

  async poll(): Promise<RowBatch | null> {
    const batch = this.#batches[this.#next++];
    for (const rejection of batch?.rejected ?? []) this.#rejects.add(rejection);
    return batch?.rows ?? null;
  }

  positions(): Positions {
    return new Map([[SPLIT, String(Math.min(this.#next, this.#batches.length))]]);
  }

  async close(): Promise<void> {}
}
