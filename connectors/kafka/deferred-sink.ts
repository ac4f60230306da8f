import type { Checkpoint, Sink } from '../../engine/connector/sink.ts';
import type { RowBatch } from '../../engine/types/batch.ts';

type Loaded = Required<Omit<Sink, 'durable' | 'join' | 'meet' | 'leave'>>;

/** A sink whose code is loaded when it is opened: a job that is only validated does not wait for it. */
export class DeferredSink implements Sink {
  readonly flush: Sink['flush'];
  readonly restore?: NonNullable<Sink['restore']>;
  readonly forget?: NonNullable<Sink['forget']>;
  readonly #load: () => Promise<Loaded>;
  #sink: Loaded | undefined;
  #closed = false;

  /** `keepsCheckpoints`: whether the sink restores and forgets checkpoints itself. */
  constructor(load: () => Promise<Loaded>, flush: Sink['flush'], keepsCheckpoints: boolean) {
    this.#load = load;
    this.flush = flush;
    if (!keepsCheckpoints) return;
    this.restore = (source, splits) => this.#sink!.restore(source, splits);
    this.forget = () => this.#sink!.forget();
  }

  get pending(): number {
    return this.#sink?.pending ?? 0;
  }

  async open(): Promise<void> {
    const sink = await this.#load();
    // Stopping does not wait for a start that takes long.
    if (this.#closed) return;
    this.#sink = sink;
    await sink.open();
  }

  write(batch: RowBatch): void | Promise<void> {
    return this.#sink!.write(batch);
  }

  commit(checkpoint: Checkpoint): Promise<void> {
    return this.#sink!.commit(checkpoint);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sink?.close();
  }
}
