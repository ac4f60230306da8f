import type { Checkpoint, Sink } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import type { CommittedRows, MemoryTables } from './memory.ts';

/** Keeps batches until they are committed. */
export class MemorySink implements Sink {
  readonly flush = { maxRows: 1, interval: 0 };
  readonly #tables: MemoryTables;
  readonly #table: TableShape;
  readonly #newerThan: string | undefined;
  readonly #id: string;
  #batches: RowBatch[] = [];
  #rows = 0;
  #joined: MemorySink | undefined;

  constructor(tables: MemoryTables, table: TableShape, newerThan: string | undefined, id: string) {
    this.#tables = tables;
    this.#table = table;
    this.#newerThan = newerThan;
    this.#id = id;
  }

  async open(): Promise<void> {}

  get pending(): number {
    return this.#rows;
  }

  write(batch: RowBatch): void {
    this.#tables.writing?.(this.#table);
    this.#batches.push(batch);
    this.#rows += batch.length;
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    const rows = [this.#take(), ...(this.#joined === undefined ? [] : [this.#joined.#take()])];
    this.#tables.commit(this.#id, rows, checkpoint);
  }

  #take(): CommittedRows {
    const batches = this.#batches;
    this.#batches = [];
    this.#rows = 0;
    return { table: this.#table, newerThan: this.#newerThan, batches };
  }

  join(other: Sink): boolean {
    if (!(other instanceof MemorySink) || other.#tables !== this.#tables) return false;
    this.#joined = other;
    return true;
  }

  async restore(source: string): Promise<Positions> {
    return this.#tables.restore(this.#id, source);
  }

  async close(): Promise<void> {}
}
