import { isRetraction } from '../functions/aggregate.ts';
import { type Column, type RowBatch, RowKind } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { RankedRows, type RankedRowsImage } from './ranked-rows.ts';
import type { SortColumn } from './row-order.ts';
import { type Compare, SortedNumbers } from './sorted-numbers.ts';
import { bytesOf, Spill, type Spillable, type SpillImage, type SpillOptions } from './spill.ts';

export interface RankProgram {
  /** Of the input's columns. */
  readonly types: readonly DataType[];
  readonly partition: readonly number[];
  readonly order: readonly SortColumn[];
  /** Of rows that compare equal the newest is first, else the oldest. */
  readonly newestFirst: boolean;
  /** The first and the last rank that is kept, from 1. */
  readonly start: number;
  readonly end: number;
  /** Whether the rank is the last column of the output. */
  readonly numbered: boolean;
  /** Whether rows are taken back. */
  readonly retracts: boolean;
  /** Milliseconds after which a partition that no row touched is forgotten, without a word; absent: never. */
  readonly ttl?: number;
  /** Whether what reads this needs -U rows. */
  readonly before: boolean;
  /** Where partitions go that memory has no room for; absent: nowhere. */
  readonly spill?: SpillOptions;
}

interface Image {
  readonly index: KeyIndexImage;
  readonly rows: RankedRowsImage;
  readonly partitions: readonly (readonly number[] | undefined)[];
  readonly ages?: AgesImage | undefined;
  readonly spilled?: SpillImage | undefined;
}

/** A partition as it is kept outside of memory: its rows in their order. */
interface SavedPartition {
  readonly columns: readonly Column[];
  readonly length: number;
  /** When it was written last, where partitions are forgotten after a while. */
  readonly written?: number;
}

/** What the indexes and the order take for each row, in bytes. */
const ROW_BYTES = 80;

/** A row that a batch changes: its number, its rank and the kind. */
interface Changes {
  readonly numbers: number[];
  readonly ranks: number[];
  readonly kinds: number[];
}

/**
 * The rows with the ranks from `start` to `end` of each partition. What a batch does to a partition is told at once: the
 * rows that leave, then those that come. Where rows only come, those behind `end` are forgotten.
 */
export class Rank implements Operator {
  readonly #program: RankProgram;
  readonly #index: KeyIndex;
  readonly #rows: RankedRows;
  readonly #compare: Compare;
  readonly #ages: Ages | undefined;
  readonly #spill: Spill | undefined;
  readonly tick?: NonNullable<Operator['tick']>;
  #partitions: (SortedNumbers | undefined)[] = [];

  constructor(program: RankProgram) {
    const { types, partition, order, retracts } = program;
    this.#program = program;
    this.#index = new KeyIndex(
      partition.map((i) => types[i]!),
      { nulls: true },
    );
    this.#rows = new RankedRows(types, retracts);
    this.#compare = this.#rows.compare(types, order);
    this.#ages = program.ttl === undefined ? undefined : new Ages(program.ttl);
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(now);
    this.#spill = program.spill && new Spill(program.spill, ROW_BYTES + bytesOf(types), this.#index, this.#spillable);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      index: this.#index.snapshot(),
      rows: this.#rows.snapshot(),
      partitions: this.#partitions.map((each) => each?.slice(0, each.length)),
      ages: this.#ages?.snapshot(),
      spilled: this.#spill?.snapshot(),
    }),
    restore: (image) => {
      const { index, rows, partitions, ages, spilled } = image as Image;
      this.#ages?.restore(ages, () => partitions.map((numbers) => numbers?.length ?? 0));
      this.#index.restore(index);
      this.#rows.restore(rows);
      this.#partitions = partitions.map((numbers) => numbers && SortedNumbers.of(numbers));
      this.#spill?.restore(spilled);
    },
  };

  readonly #spillable: Spillable = {
    save: (slot): SavedPartition => {
      const sorted = this.#partitions[slot]!;
      const written = this.#ages?.writtenAt(slot);
      const columns = this.#rows.gather(Int32Array.from(sorted.slice(0, sorted.length)));
      return { columns, length: sorted.length, ...(written === undefined ? {} : { written }) };
    },
    load: (slot, saved) => {
      const { columns, length, written } = saved as SavedPartition;
      if (written !== undefined && this.#ages?.isOld(written) === true) return;
      const numbers = this.#rows.store({ columns, length });
      for (const number of numbers) this.#rows.count(number, 1);
      this.#partitions[slot] = SortedNumbers.of(numbers);
    },
    drop: (slot) => this.#drop(slot),
    until: (slot) => this.#ages?.until([slot]),
    now: () => this.#ages?.now ?? 0,
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const { partition, start, end } = this.#program;
    const slots = new Int32Array(batch.length);
    this.#index.assign(
      partition.map((i) => batch.columns[i]!),
      batch.length,
      undefined,
      slots,
    );
    this.#spill?.touch(slots, batch.length);
    const numbers = this.#rows.store(batch);
    const before = new Map<number, number[]>();
    for (let row = 0; row < batch.length; row++) {
      const slot = slots[row]!;
      const sorted = this.#partitions[slot] ?? new SortedNumbers();
      this.#partitions[slot] = sorted;
      if (!before.has(slot)) before.set(slot, sorted.slice(start - 1, end));
      if (batch.kinds !== undefined && isRetraction(batch.kinds[row]!)) this.#remove(sorted, numbers[row]!);
      else this.#add(sorted, numbers[row]!);
    }
    const left: Changes = { numbers: [], ranks: [], kinds: [] };
    const come: Changes = { numbers: [], ranks: [], kinds: [] };
    for (const [slot, old] of before) {
      const now = this.#partitions[slot]!.slice(start - 1, end);
      if (this.#program.numbered || start === end) this.#compareRanks(old, now, left, come);
      else compareSets(old, now, left, come);
    }
    const output = this.#output(left, come);
    this.#rows.forgetReleased();
    for (const slot of before.keys()) {
      this.#ages?.note(slot);
      if (this.#partitions[slot]!.length > 0) continue;
      this.#spill?.forget(slot);
      this.#partitions[slot] = undefined;
      this.#index.remove(slot);
    }
    if (this.#spill !== undefined) {
      this.#spill.evict(this.#rows.size);
      this.#rows.forgetReleased();
    }
    return output.length === 0 ? undefined : emit(output);
  }

  #forgetOld(now: number): void {
    for (const slot of this.#ages!.expire(now)) {
      if (this.#partitions[slot] === undefined) continue;
      this.#spill?.forget(slot);
      this.#drop(slot);
    }
    this.#rows.forgetReleased();
  }

  #drop(slot: number): void {
    const sorted = this.#partitions[slot]!;
    for (const number of sorted.slice(0, sorted.length)) {
      this.#rows.count(number, -1);
      this.#rows.release(number);
    }
    this.#partitions[slot] = undefined;
    this.#index.remove(slot);
  }

  #add(sorted: SortedNumbers, number: number): void {
    const { retracts, end, newestFirst } = this.#program;
    this.#rows.count(number, 1);
    sorted.add(number, this.#compare, newestFirst);
    if (retracts || sorted.length <= end) return;
    const last = sorted.pop()!;
    this.#rows.count(last, -1);
    this.#rows.release(last);
  }

  /** A row that is not there is left out, as in Flink. */
  #remove(sorted: SortedNumbers, number: number): void {
    if (sorted.remove(number, this.#compare)) this.#rows.count(number, -1);
    if (this.#rows.countOf(number) === 0) this.#rows.release(number);
  }

  /** Rank by rank: another row there is an update. */
  #compareRanks(old: readonly number[], now: readonly number[], left: Changes, come: Changes): void {
    const { start, before } = this.#program;
    for (let i = 0; i < Math.max(old.length, now.length); i++) {
      const a = old[i];
      const b = now[i];
      if (a === b) continue;
      if (b === undefined) add(left, a!, start + i, RowKind.delete);
      else if (a === undefined) add(come, b, start + i, RowKind.insert);
      else {
        if (before) add(left, a, start + i, RowKind.updateBefore);
        add(come, b, start + i, RowKind.updateAfter);
      }
    }
  }

  #output(left: Changes, come: Changes): RowBatch {
    const numbers = Int32Array.from([...left.numbers, ...come.numbers]);
    const columns: Column[] = this.#rows.gather(numbers);
    if (this.#program.numbered) columns.push({ values: BigInt64Array.from([...left.ranks, ...come.ranks], BigInt) });
    const kinds = Uint8Array.from([...left.kinds, ...come.kinds]);
    const plain = kinds.every((kind) => kind === RowKind.insert);
    return plain ? { length: numbers.length, columns } : { length: numbers.length, columns, kinds };
  }
}

/** Without ranks: which rows left, and which came. */
function compareSets(old: readonly number[], now: readonly number[], left: Changes, come: Changes): void {
  const counts = new Map<number, number>();
  for (const number of now) counts.set(number, (counts.get(number) ?? 0) + 1);
  for (const number of old) {
    const count = counts.get(number) ?? 0;
    if (count === 0) add(left, number, 0, RowKind.delete);
    else counts.set(number, count - 1);
  }
  for (const number of now) {
    const count = counts.get(number)!;
    if (count === 0) continue;
    add(come, number, 0, RowKind.insert);
    counts.set(number, count - 1);
  }
}

function add({ numbers, ranks, kinds }: Changes, number: number, rank: number, kind: number): void {
  numbers.push(number);
  ranks.push(rank);
  kinds.push(kind);
}
