import type { Positions, RestorePositions, Source, SplitLag } from '../../engine/connector/source.ts';
import type { RowBatch } from '../../engine/types/batch.ts';

/** A source whose code is loaded when it is opened: a job that is only validated does not wait for it. */
export class DeferredSource implements Source {
  readonly #load: () => Promise<Source>;
  #source: Source | undefined;
  #closed = false;

  constructor(load: () => Promise<Source>) {
    this.#load = load;
  }

  async open(restore: RestorePositions): Promise<void> {
    const source = await this.#load();
    // Stopping does not wait for a start that takes long.
    if (this.#closed) return;
    this.#source = source;
    await source.open(restore);
  }

  poll(signal: AbortSignal): Promise<RowBatch | null> {
    return this.#source!.poll(signal);
  }

  positions(): Positions {
    return this.#source?.positions() ?? new Map();
  }

  acknowledge(positions: Positions): void {
    this.#source?.acknowledge?.(positions);
  }

  lag(): readonly SplitLag[] {
    return this.#source?.lag?.() ?? [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#source?.close();
  }
}
