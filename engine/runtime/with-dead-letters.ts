import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { RowBatch } from '../types/batch.ts';
import type { DeadLetters } from './dead-letters.ts';

const NOTHING: Checkpoint = { positions: new Map() };

/**
 * A sink whose commits write dead letters too: in its own transactions where it can, which makes letters and rows one;
 * else before the rows, so that a crash in between may repeat letters and lose none.
 */
export class WithDeadLetters implements Sink {
  readonly #rows: Sink;
  readonly #table: Sink;
  readonly #letters: DeadLetters;
  readonly #joined: boolean;
  readonly restore?: NonNullable<Sink['restore']>;
  readonly forget?: NonNullable<Sink['forget']>;
  readonly meet?: NonNullable<Sink['meet']>;
  readonly leave?: NonNullable<Sink['leave']>;
  /** Rows that come while letters become durable on their own would belong to no position: they wait. */
  #gate: Promise<void> | undefined;

  constructor(rows: Sink, table: Sink, letters: DeadLetters) {
    this.#rows = rows;
    this.#table = table;
    this.#letters = letters;
    this.#joined = rows.join?.(table) ?? false;
    letters.late = (batch) => this.#writeLate(batch);
    if (rows.restore !== undefined) this.restore = rows.restore.bind(rows);
    if (rows.forget !== undefined) this.forget = rows.forget.bind(rows);
    if (rows.meet !== undefined) this.meet = rows.meet.bind(rows);
    if (rows.leave !== undefined) this.leave = rows.leave.bind(rows);
  }

  get pending(): number {
    return this.#rows.pending + this.#letters.pending;
  }

  get durable(): boolean {
    return this.#rows.durable ?? true;
  }

  get flush(): Sink['flush'] {
    return this.#rows.flush;
  }

  async open(): Promise<void> {
    await this.#rows.open();
    await this.#table.open();
  }

  write(batch: RowBatch): void | Promise<void> {
    return this.#gate === undefined ? this.#rows.write(batch) : this.#gate.then(() => this.#rows.write(batch));
  }

  commit(checkpoint: Checkpoint): Promise<void> {
    const letters = this.#letters.take();
    if (letters === undefined) return this.#rows.commit(checkpoint);
    // A sink that joins takes rows at once, so that they are there when the commit begins.
    if (this.#joined && this.#table.write(letters) === undefined) return this.#rows.commit(checkpoint);
    return this.#commitApart(letters, checkpoint);
  }

  async #commitApart(letters: RowBatch, checkpoint: Checkpoint): Promise<void> {
    let open = () => {};
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    try {
      await this.#writeLate(letters);
      const rows = this.#rows.commit(checkpoint);
      this.#gate = undefined;
      open();
      await rows;
    } finally {
      this.#gate = undefined;
      open();
    }
  }

  async #writeLate(letters: RowBatch): Promise<void> {
    await this.#table.write(letters);
    if (!this.#joined) await this.#table.commit(NOTHING);
  }

  async close(): Promise<void> {
    await Promise.all([this.#rows.close(), this.#table.close()]);
  }
}
