import type { Checkpoint, Sink } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import type { MemoryTables } from './memory.ts';

/** Keeps batches until they are committed. */
export class MemorySink implements Sink {
  readonly flush = { maxRows: 1, interval: 0 };
  readonly #tables: MemoryTables;
  readonly #table: TableShape;
  readonly #id: string;
  #batches: RowBatch[] = [];
  #rows = 0;

  constructor(tables: MemoryTables, table: TableShape, id: string) {
    this.#tables = tables;
    this.#table = table;
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
    const batches = this.#batches;
    this.#batches = [];
    this.#rows = 0;
    this.#tables.commit(this.#table, this.#id, batches, checkpoint);
  }

  async restore(source: string): Promise<Positions> {
    return this.#tables.restore(this.#id, source);
  }

  async close(): Promise<void> {}
}
