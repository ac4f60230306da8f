import type { Positions, RestorePositions, Source } from '../../engine/connector/source.ts';
import type { RowBatch } from '../../engine/types/batch.ts';

const SPLIT = 'rows';

/** Reads batches that are there already; the position is the number of batches read. */
export class MemorySource implements Source {
  readonly #batches: readonly RowBatch[];
  #next = 0;

  constructor(batches: readonly RowBatch[]) {
    this.#batches = batches;
  }

  async open(restore: RestorePositions): Promise<void> {
    this.#next = Number((await restore([SPLIT])).get(SPLIT) ?? 0);
  }

  async poll(): Promise<RowBatch | null> {
    return this.#batches[this.#next++] ?? null;
  }

  positions(): Positions {
    return new Map([[SPLIT, String(Math.min(this.#next, this.#batches.length))]]);
  }

  async close(): Promise<void> {}
}
