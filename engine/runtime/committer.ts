import type { Checkpoint, Sink } from '../connector/sink.ts';

/** Batches of at least so many rows mean that the source is catching up: then commits wait for more rows. */
const BULK_ROWS = 1000;
const BULK_LINGER = 100;

export interface CommitEvents {
  committing(): void;
  committed(rows: number, checkpoint: Checkpoint): void;
  /** A commit that nobody waits for failed. */
  failed(error: unknown): void;
}

/**
 * Decides when rows become durable: at once while rows trickle in (the rows that arrive during a commit form the next
 * one), every 100 ms while the source is catching up, whenever the sink's buffer is full. One commit is in flight at a
 * time; reading and writing to the buffer go on beside it.
 */
export class Committer {
  readonly #sink: Sink;
  readonly #checkpoint: () => Checkpoint;
  readonly #on: CommitEvents;
  #inFlight: Promise<void> | undefined;
  #timer: { readonly cancel: () => void; readonly due: number } | undefined;
  #dirty = false;
  #linger = 0;
  #held = 0;
  /** Those who wait until nothing is held. */
  readonly #resting: (() => void)[] = [];
  #closed = false;

  constructor(sink: Sink, checkpoint: () => Checkpoint, on: CommitEvents) {
    this.#sink = sink;
    this.#checkpoint = checkpoint;
    this.#on = on;
  }

  /** No commit begins between `hold` and `release`: rows of a batch on its way have no position yet. */
  hold(): void {
    this.#held++;
  }

  release(): void {
    this.#held--;
    if (this.#held > 0) return;
    for (const resume of this.#resting.splice(0)) resume();
  }

  /** Rows were written and positions moved. A promise: the buffer is full, wait before reading on. */
  note(rows: number): void | Promise<void> {
    this.#dirty = true;
    if (this.#sink.pending >= this.#sink.flush.maxRows) return this.#commitFull();
    const quiet = this.#sink.flush.interval > 0 ? this.#sink.flush.interval : BULK_LINGER;
    this.#linger = this.#sink.pending === 0 ? Math.max(quiet, BULK_LINGER) : rows >= BULK_ROWS ? BULK_LINGER : 0;
    if (this.#inFlight === undefined) this.#arm();
  }

  /** Commits all that was written; resolves when it is durable. */
  async flush(): Promise<void> {
    while (this.#inFlight !== undefined || this.#held > 0) {
      if (this.#inFlight !== undefined) await this.#inFlight;
      else await new Promise<void>((resolve) => this.#resting.push(resolve));
    }
    if (this.#dirty) await this.#start();
  }

  /** No further commits are begun; waits for one in flight. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#disarm();
    await this.#inFlight?.catch(() => undefined);
  }

  async #commitFull(): Promise<void> {
    while (this.#inFlight !== undefined && this.#sink.pending >= this.#sink.flush.maxRows) await this.#inFlight;
    if (this.#sink.pending < this.#sink.flush.maxRows || this.#closed || this.#held > 0) return;
    this.#background();
  }

  #arm(): void {
    if (this.#closed) return;
    const due = performance.now() + this.#linger;
    if (this.#timer !== undefined) {
      if (this.#timer.due <= due) return;
      this.#disarm();
    }
    const fire = () => {
      this.#timer = undefined;
      if (this.#held > 0) this.#arm();
      else this.#background();
    };
    if (this.#linger === 0) {
      const handle = setImmediate(fire);
      this.#timer = { cancel: () => clearImmediate(handle), due };
    } else {
      const handle = setTimeout(fire, this.#linger);
      this.#timer = { cancel: () => clearTimeout(handle), due };
    }
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Begins a commit nobody waits for: its failure is told to the owner. */
  #background(): void {
    if (this.#closed || !this.#dirty || this.#inFlight !== undefined) return;
    this.#start().catch((error: unknown) => this.#on.failed(error));
  }

  #start(): Promise<void> {
    this.#disarm();
    this.#dirty = false;
    const rows = this.#sink.pending;
    const checkpoint = this.#checkpoint();
    this.#on.committing();
    const commit = this.#sink.commit(checkpoint).then(
      () => {
        this.#inFlight = undefined;
        this.#on.committed(rows, checkpoint);
        if (this.#dirty) this.#arm();
      },
      (error: unknown) => {
        this.#inFlight = undefined;
        this.#closed = true;
        throw error;
      },
    );
    this.#inFlight = commit;
    return commit;
  }
}
