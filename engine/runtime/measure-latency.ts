import type { SplitLag } from '../connector/source.ts';
import { observe } from './histogram.ts';
import type { PipelineStatus } from './status.ts';

/**
 * Observes, at each commit, how long it took and how old the newest record of each split was when it became durable.
 * Once per commit, never per row.
 */
export class LatencyMeter {
  readonly #status: PipelineStatus;
  #begun = 0;
  /** Splits with records in the commit under way, with the newest record's time in milliseconds since 1970. */
  #moved: readonly number[] = [];
  readonly #last = new Map<string, number>();

  constructor(status: PipelineStatus) {
    this.#status = status;
  }

  committing(lags: readonly (readonly SplitLag[])[]): void {
    this.#begun = performance.now();
    const moved: number[] = [];
    lags.forEach((splits, source) => {
      for (const { split, timestamp } of splits) {
        const key = `${source} ${split}`;
        if (timestamp === undefined || this.#last.get(key) === timestamp) continue;
        this.#last.set(key, timestamp);
        moved.push(timestamp);
      }
    });
    this.#moved = moved;
  }

  committed(): void {
    observe(this.#status.commitTime, (performance.now() - this.#begun) / 1000);
    const now = Date.now();
    for (const timestamp of this.#moved) observe(this.#status.latency, Math.max(0, now - timestamp) / 1000);
  }
}
