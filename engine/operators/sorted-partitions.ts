import type { RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { RankedRows, type RankedRowsImage } from './ranked-rows.ts';
import type { SortColumn } from './row-order.ts';
import { type Compare, SortedNumbers } from './sorted-numbers.ts';

export interface SortedPartitionsProgram {
  /** Of the columns of rows. */
  readonly types: readonly DataType[];
  /** What rows with equal values are a partition by. */
  readonly partition: readonly number[];
  readonly order: readonly SortColumn[];
  /** Of rows that compare equal the newest is first, else the oldest. */
  readonly newestFirst: boolean;
  /** Whether rows are taken back. */
  readonly retracts: boolean;
}

export interface SortedPartitionsImage {
  readonly index: KeyIndexImage;
  readonly rows: RankedRowsImage;
  readonly partitions: readonly (readonly number[] | undefined)[];
}

/** The rows of partitions, each in its order: partitions by their numbers in `index`, rows by theirs in `rows`. */
export class SortedPartitions {
  readonly index: KeyIndex;
  readonly rows: RankedRows;
  /** The order of two rows. */
  readonly compare: Compare;
  readonly #program: SortedPartitionsProgram;
  #sorted: (SortedNumbers | undefined)[] = [];

  constructor(program: SortedPartitionsProgram) {
    const { types, partition, order, retracts } = program;
    this.#program = program;
    this.index = new KeyIndex(
      partition.map((i) => types[i]!),
      { nulls: true },
    );
    this.rows = new RankedRows(types, retracts);
    this.compare = this.rows.compare(types, order);
  }

  /** The number of the partition of each row. */
  assign({ columns, length }: RowBatch): Int32Array {
    const slots = new Int32Array(length);
    this.index.assign(
      this.#program.partition.map((i) => columns[i]!),
      length,
      undefined,
      slots,
    );
    return slots;
  }

  /** The rows of a partition; undefined where it has none. */
  get(slot: number): SortedNumbers | undefined {
    return this.#sorted[slot];
  }

  /** The rows of a partition, to which some are added or of which some are taken. `close` ends that. */
  open(slot: number): SortedNumbers {
    this.#sorted[slot] ??= new SortedNumbers();
    return this.#sorted[slot];
  }

  add(sorted: SortedNumbers, number: number): void {
    this.rows.count(number, 1);
    sorted.add(number, this.compare, this.#program.newestFirst);
  }

  /** Takes the last row away. */
  pop(sorted: SortedNumbers): void {
    const last = sorted.pop()!;
    this.rows.count(last, -1);
    this.rows.release(last);
  }

  /** A row that is not there is left out, as in Flink. */
  remove(sorted: SortedNumbers, number: number): void {
    if (sorted.remove(number, this.compare)) this.rows.count(number, -1);
    if (this.rows.countOf(number) === 0) this.rows.release(number);
  }

  /** Forgets a partition if it has no rows any more; `forgets` is told before. */
  close(slot: number, forgets?: (slot: number) => void): void {
    if (this.#sorted[slot]!.length > 0) return;
    forgets?.(slot);
    this.#forget(slot);
  }

  /** Forgets a partition with its rows. */
  drop(slot: number): void {
    const sorted = this.#sorted[slot]!;
    for (const number of sorted.slice(0, sorted.length)) {
      this.rows.count(number, -1);
      this.rows.release(number);
    }
    this.#forget(slot);
  }

  /** Takes the rows of a partition that has none, in their order. */
  put(slot: number, batch: RowBatch): void {
    const numbers = this.rows.store(batch);
    for (const number of numbers) this.rows.count(number, 1);
    this.#sorted[slot] = SortedNumbers.of(numbers);
  }

  /** How many rows each partition has. */
  lengths(): number[] {
    return this.#sorted.map((sorted) => sorted?.length ?? 0);
  }

  snapshot(): SortedPartitionsImage {
    return {
      index: this.index.snapshot(),
      rows: this.rows.snapshot(),
      partitions: this.#sorted.map((each) => each?.slice(0, each.length)),
    };
  }

  restore({ index, rows, partitions }: SortedPartitionsImage): void {
    this.index.restore(index);
    this.rows.restore(rows);
    this.#sorted = partitions.map((numbers) => numbers && SortedNumbers.of(numbers));
  }

  #forget(slot: number): void {
    this.#sorted[slot] = undefined;
    this.index.remove(slot);
  }
}
