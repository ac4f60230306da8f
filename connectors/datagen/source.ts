import { setTimeout as sleep } from 'node:timers/promises';
import { RunError } from '../../engine/connector/errors.ts';
import type { Positions, RestorePositions, Source } from '../../engine/connector/source.ts';
import { type Column, columnOf, type RowBatch } from '../../engine/types/batch.ts';
import type { DataType, Scalar } from '../../engine/types/data-type.ts';
import type { Generator } from './generators.ts';
import { Random } from './random.ts';

/** A column to make: its type, its generator and its place among all columns of the table. */
export interface GeneratedColumn {
  readonly type: DataType;
  readonly generator: Generator;
  readonly field: number;
}

const SPLIT = 'rows';
const MAX_BATCH = 8192;
/** So many milliseconds at least lie between two batches: more would make batches of single rows. */
const TICK = 5;

/** Makes rows at an even rate. The only split is the sequence of rows, its position the number of rows made. */
export class DatagenSource implements Source {
  private readonly columns: readonly GeneratedColumn[];
  private readonly rate: number;
  private readonly rows: number;
  private readonly random: Random;
  private made = 0;
  private startedAt = 0;
  private startedWith = 0;

  /** `rate`: rows a second; `rows`: how many in all, Infinity for no end. */
  constructor(columns: readonly GeneratedColumn[], rate: number, rows: number, seed: number) {
    this.columns = columns;
    this.rate = rate;
    this.rows = rows;
    this.random = new Random(seed);
  }

  async open(restore: RestorePositions): Promise<void> {
    const text = (await restore([SPLIT])).get(SPLIT) ?? '0';
    if (!/^\d+$/.test(text)) throw new RunError('bad-checkpoint', `the position '${text}' is no number of rows`);
    this.made = Number(text);
    this.startedWith = this.made;
    this.startedAt = performance.now();
  }

  async poll(signal: AbortSignal): Promise<RowBatch | null> {
    signal.throwIfAborted();
    if (this.made >= this.rows) return null;
    let due = this.due(performance.now());
    while (due === 0) {
      const next = this.startedAt + ((this.made - this.startedWith + 1) * 1000) / this.rate;
      await sleep(Math.max(TICK, next - performance.now()), undefined, { signal });
      due = this.due(performance.now());
    }
    const length = Math.min(due, MAX_BATCH, this.rows - this.made);
    const columns = this.columns.map((column) => this.fill(column, length));
    this.made += length;
    return { length, columns };
  }

  /** Rows that should have been made by now and were not. */
  private due(now: number): number {
    return Math.floor(((now - this.startedAt) * this.rate) / 1000) - (this.made - this.startedWith);
  }

  private fill({ type, generator, field }: GeneratedColumn, length: number): Column {
    const values: Scalar[] = new Array(length);
    for (let i = 0; i < length; i++) {
      const row = this.made + i;
      this.random.at(row, field);
      values[i] = generator.next(this.random, row);
    }
    return columnOf(type, values);
  }

  positions(): Positions {
    return new Map([[SPLIT, String(this.made)]]);
  }

  async close(): Promise<void> {}
}
