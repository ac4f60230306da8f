import type { Scalar } from '../../engine/types/data-type.ts';

/** Rows that arrived and were not polled yet, and the one who waits for them. */
export class RowQueue {
  #rows: Scalar[][] = [];
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Whether `take` would not wait. */
  get isReady(): boolean {
    return this.#rows.length > 0 || this.#failure !== undefined;
  }

  get length(): number {
    return this.#rows.length;
  }

  push(row: Scalar[]): void {
    this.#rows.push(row);
    this.#wake?.();
  }

  /** Whoever takes next gets this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  /** All rows, as soon as there is one. Rejects with a failure or with the signal's reason. */
  async take(signal: AbortSignal): Promise<Scalar[][]> {
    while (this.#rows.length === 0) {
      signal.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure.error;
      await this.#wait(signal);
    }
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done);
    });
  }
}
