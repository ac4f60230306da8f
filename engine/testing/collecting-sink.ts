import type { Sink } from '../connector/sink.ts';
import type { RowBatch } from '../types/batch.ts';

/** A sink that hands batches on and keeps nothing. */
export class CollectingSink implements Sink {
  readonly durable = false;
  readonly flush = { maxRows: Number.MAX_SAFE_INTEGER, interval: 0 };
  readonly pending = 0;
  readonly #take: (batch: RowBatch) => void;

  constructor(take: (batch: RowBatch) => void) {
    this.#take = take;
  }

  async open(): Promise<void> {}

  write(batch: RowBatch): void {
    this.#take(batch);
  }

  async commit(): Promise<void> {}

  async close(): Promise<void> {}
}
