import type { Positions, RestorePositions, Source } from '../connector/source.ts';
import type { RowBatch } from '../types/batch.ts';

const SPLIT = 'values';
const DONE = 'done';

/** Constant rows as a source of one batch; a checkpoint remembers that it was read. */
export class ValuesSource implements Source {
  readonly #batch: () => RowBatch;
  #done = false;

  constructor(batch: () => RowBatch) {
    this.#batch = batch;
  }

  async open(restore: RestorePositions): Promise<void> {
    this.#done = (await restore([SPLIT])).get(SPLIT) === DONE;
  }

  async poll(): Promise<RowBatch | null> {
    if (this.#done) return null;
    this.#done = true;
    return this.#batch();
  }

  positions(): Positions {
    return this.#done ? new Map([[SPLIT, DONE]]) : new Map();
  }

  async close(): Promise<void> {}
}
