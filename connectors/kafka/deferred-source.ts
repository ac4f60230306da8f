import type {
  Claim,
  ClaimSplits,
  Positions,
  RestorePositions,
  Source,
  SplitLag,
} from '../../engine/connector/source.ts';
import type { RowBatch } from '../../engine/types/batch.ts';

type Shareable = Source & Required<Pick<Source, 'acquire' | 'revoke' | 'openSplits'>>;

/** A source whose code is loaded once a job runs, while its sink opens: a job that is only validated does without. */
export class DeferredSource implements Source {
  readonly #loading: Promise<Shareable>;
  #source: Shareable | undefined;
  #closed = false;

  constructor(load: () => Promise<Shareable>) {
    this.#loading = load();
    // Whether it failed shows when it is opened.
    this.#loading.catch(() => undefined);
  }

  async open(restore: RestorePositions, claim?: ClaimSplits): Promise<void> {
    const source = await this.#loading;
    // Stopping does not wait for a start that takes long.
    if (this.#closed) return;
    this.#source = source;
    await source.open(restore, claim);
  }

  async acquire(claim: Claim): Promise<void> {
    await this.#source?.acquire(claim);
  }

  revoke(splits: readonly string[]): Positions {
    return this.#source?.revoke(splits) ?? new Map();
  }

  poll(signal: AbortSignal): Promise<RowBatch | null> {
    return this.#source!.poll(signal);
  }

  openSplits(): readonly string[] {
    return this.#source?.openSplits() ?? [];
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
