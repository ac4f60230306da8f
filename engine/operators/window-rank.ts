import { compareValues } from '../functions/compare-values.ts';
import type { Column, RowBatch } from '../types/batch.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { KeyIndex } from '../types/key-index.ts';
import { type Emit, MAX_WATERMARK, type Operator, type OperatorState, reopened } from './operator.ts';
import { RowStore, type RowStoreImage } from './row-store.ts';

export interface WindowRankProgram {
  /** Of the input's columns. */
  readonly types: readonly DataType[];
  /** Columns, the bounds of the window among them. */
  readonly partition: readonly number[];
  readonly order: readonly { readonly column: number; readonly descending: boolean; readonly nullsFirst: boolean }[];
  /** Of rows that compare equal the newest is first, else the oldest. */
  readonly newestFirst: boolean;
  /** The first and the last rank that is told, from 1. */
  readonly start: number;
  readonly end: number;
  /** Whether the rank is the last column of the output. */
  readonly numbered: boolean;
  /** Column of the window's last instant: it closes when event time gets there. */
  readonly time: number;
  /** Windows close by the clock, not by event time, and no row is late. */
  readonly processing: boolean;
  /** Told of the rows of a batch that are late. */
  late(batch: RowBatch, rows: Int32Array): void;
}

/** The rows of an open window, by their numbers in the order in which they came; shortened once there are so many. */
interface OpenWindow {
  rows: number[];
  limit: number;
}

interface Image {
  readonly rows: RowStoreImage;
  readonly windows: readonly (readonly [bigint, OpenWindow])[];
  readonly watermark: bigint | undefined;
}

/** Rows of a window are looked through no more often than this. */
const ENOUGH = 4096;

/** The rows with the ranks from `start` to `end` of each partition of a window, told when the window closes. */
export class WindowRank implements Operator {
  readonly #program: WindowRankProgram;
  readonly #rows: RowStore;
  #windows = new Map<bigint, OpenWindow>();
  #watermark: bigint | undefined;
  readonly tick?: (now: number, emit: Emit) => void | Promise<void>;

  constructor(program: WindowRankProgram) {
    this.#program = program;
    this.#rows = new RowStore(program.types);
    if (program.processing) this.tick = (now, emit) => this.#close(BigInt(now) * 1000n, emit);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      rows: this.#rows.snapshot(),
      windows: [...this.#windows].map(([time, { rows, limit }]) => [time, { rows: [...rows], limit }]),
      watermark: this.#watermark,
    }),
    restore: (image) => {
      const { rows, windows, watermark } = image as Image;
      this.#rows.restore(rows);
      this.#windows = new Map(windows.map(([time, { rows: numbers, limit }]) => [time, { rows: [...numbers], limit }]));
      this.#watermark = watermark;
    },
    reopen: () => {
      this.#watermark = reopened(this.#watermark);
    },
  };

  push(batch: RowBatch): void {
    const { time, processing } = this.#program;
    const times = batch.columns[time]!.values as BigInt64Array;
    const watermark = processing ? undefined : this.#watermark;
    const all = Int32Array.from({ length: batch.length }, (_, row) => row);
    const kept = watermark === undefined ? all : all.filter((row) => times[row]! > watermark);
    const numbers = this.#rows.add(batch, kept);
    const touched = new Set<OpenWindow>();
    for (const [i, row] of kept.entries()) {
      const window = this.#windowAt(times[row]!);
      window.rows.push(numbers[i]!);
      touched.add(window);
    }
    for (const window of touched) if (window.rows.length > window.limit) this.#shorten(window);
    if (kept.length === all.length || watermark === undefined) return;
    this.#program.late(
      batch,
      all.filter((row) => times[row]! <= watermark),
    );
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    if (this.#program.processing && watermark !== MAX_WATERMARK) return undefined;
    this.#watermark = watermark;
    return this.#close(watermark, emit);
  }

  #windowAt(time: bigint): OpenWindow {
    let window = this.#windows.get(time);
    if (window === undefined) {
      window = { rows: [], limit: ENOUGH };
      this.#windows.set(time, window);
    }
    return window;
  }

  #close(watermark: bigint, emit: Emit): void | Promise<void> {
    const due = [...this.#windows.keys()].filter((time) => time <= watermark).sort((a, b) => (a < b ? -1 : 1));
    if (due.length === 0) return undefined;
    const { start, numbered } = this.#program;
    const told: number[] = [];
    const ranks: bigint[] = [];
    const gone: number[] = [];
    for (const time of due) {
      const { rows } = this.#windows.get(time)!;
      for (const { number, rank } of this.#first(rows)) {
        if (rank < start) continue;
        told.push(number);
        ranks.push(BigInt(rank));
      }
      gone.push(...rows);
      this.#windows.delete(time);
    }
    const columns = [...this.#rows.gather(Int32Array.from(told))];
    if (numbered) columns.push({ values: BigInt64Array.from(ranks) });
    this.#rows.remove(gone);
    return told.length === 0 ? undefined : emit({ length: told.length, columns });
  }

  /** Forgets the rows of a window that come after the last rank. */
  #shorten(window: OpenWindow): void {
    const kept = this.#first(window.rows).map(({ number }) => number);
    const on = new Set(kept);
    this.#rows.remove(window.rows.filter((number) => !on.has(number)));
    // As they came: of equal rows that counts.
    window.rows = window.rows.filter((number) => on.has(number));
    window.limit = Math.max(ENOUGH, kept.length * 2);
  }

  /** The rows up to the last rank, partition by partition, in their order. */
  #first(rows: readonly number[]): { readonly number: number; readonly rank: number }[] {
    const { partition, order, types, end, newestFirst } = this.#program;
    const columns = this.#rows.gather(Int32Array.from(rows));
    const index = new KeyIndex(
      partition.map((i) => types[i]!),
      { nulls: true },
    );
    const keys = new Int32Array(rows.length);
    index.assign(
      partition.map((i) => columns[i]!),
      rows.length,
      undefined,
      keys,
    );
    const steps = order.map(({ column, descending, nullsFirst }) =>
      comparison(types[column]!, columns[column]!, descending, nullsFirst),
    );
    const sorted = [...keys.keys()].sort((a, b) => {
      if (keys[a] !== keys[b]) return keys[a]! - keys[b]!;
      for (const step of steps) {
        const found = step(a, b);
        if (found !== 0) return found;
      }
      return newestFirst ? b - a : a - b;
    });
    const first: { number: number; rank: number }[] = [];
    let rank = 0;
    for (const [i, at] of sorted.entries()) {
      rank = i > 0 && keys[sorted[i - 1]!] === keys[at] ? rank + 1 : 1;
      if (rank <= end) first.push({ number: rows[at]!, rank });
    }
    return first;
  }
}

function comparison(t: DataType, { values, nulls }: Column, descending: boolean, nullsFirst: boolean) {
  const sign = descending ? -1 : 1;
  return (a: number, b: number): number => {
    const [left, right] = [nulls?.[a] === 1, nulls?.[b] === 1];
    if (left || right) return left === right ? 0 : left === nullsFirst ? -1 : 1;
    return sign * compareValues(t, values[a] as Scalar, values[b] as Scalar);
  };
}
