import { isRetraction } from '../functions/aggregate.ts';
import { type Column, type RowBatch, RowKind } from '../types/batch.ts';
import { Ages, type AgesImage } from './ages.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import type { SortedNumbers } from './sorted-numbers.ts';
import { SortedPartitions, type SortedPartitionsImage, type SortedPartitionsProgram } from './sorted-partitions.ts';
import { bytesOf, Spill, type Spillable, type SpillImage, type SpillOptions } from './spill.ts';

export interface RankProgram extends SortedPartitionsProgram {
  /** The first and the last rank that is kept, from 1. */
  readonly start: number;
  readonly end: number;
  /** Whether the rank is the last column of the output. */
  readonly numbered: boolean;
  /** Milliseconds after which a partition that no row touched is forgotten, without a word; absent: never. */
  readonly ttl?: number;
  /** Whether what reads this needs -U rows. */
  readonly before: boolean;
  /** Where partitions go that memory has no room for; absent: nowhere. */
  readonly spill?: SpillOptions;
}

interface Image extends SortedPartitionsImage {
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
  readonly #partitions: SortedPartitions;
  readonly #ages: Ages | undefined;
  readonly #spill: Spill | undefined;
  readonly tick?: NonNullable<Operator['tick']>;

  constructor(program: RankProgram) {
    this.#program = program;
    this.#partitions = new SortedPartitions(program);
    this.#ages = program.ttl === undefined ? undefined : new Ages(program.ttl);
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(now);
    const bytes = ROW_BYTES + bytesOf(program.types);
    this.#spill = program.spill && new Spill(program.spill, bytes, this.#partitions.index, this.#spillable);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      ...this.#partitions.snapshot(),
      ages: this.#ages?.snapshot(),
      spilled: this.#spill?.snapshot(),
    }),
    restore: (image) => {
      const { ages, spilled, ...partitions } = image as Image;
      this.#partitions.restore(partitions);
      this.#ages?.restore(ages, () => this.#partitions.lengths());
      this.#spill?.restore(spilled);
    },
  };

  readonly #spillable: Spillable = {
    save: (slot): SavedPartition => {
      const sorted = this.#partitions.get(slot)!;
      const written = this.#ages?.writtenAt(slot);
      const columns = this.#partitions.rows.gather(Int32Array.from(sorted.slice(0, sorted.length)));
      return { columns, length: sorted.length, ...(written === undefined ? {} : { written }) };
    },
    load: (slot, saved) => {
      const { columns, length, written } = saved as SavedPartition;
      if (written !== undefined && this.#ages?.isOld(written) === true) return;
      this.#partitions.put(slot, { columns, length });
    },
    drop: (slot) => this.#partitions.drop(slot),
    until: (slot) => this.#ages?.until([slot]),
    now: () => this.#ages?.now ?? 0,
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const { start, end } = this.#program;
    const partitions = this.#partitions;
    const slots = partitions.assign(batch);
    this.#spill?.touch(slots, batch.length);
    const numbers = partitions.rows.store(batch);
    const before = new Map<number, number[]>();
    for (let row = 0; row < batch.length; row++) {
      const slot = slots[row]!;
      const sorted = partitions.open(slot);
      if (!before.has(slot)) before.set(slot, sorted.slice(start - 1, end));
      if (batch.kinds !== undefined && isRetraction(batch.kinds[row]!)) partitions.remove(sorted, numbers[row]!);
      else this.#add(sorted, numbers[row]!);
    }
    const left: Changes = { numbers: [], ranks: [], kinds: [] };
    const come: Changes = { numbers: [], ranks: [], kinds: [] };
    for (const [slot, old] of before) {
      const now = partitions.get(slot)!.slice(start - 1, end);
      if (this.#program.numbered || start === end) this.#compareRanks(old, now, left, come);
      else compareSets(old, now, left, come);
    }
    const output = this.#output(left, come);
    partitions.rows.forgetReleased();
    for (const slot of before.keys()) {
      this.#ages?.note(slot);
      partitions.close(slot, (each) => this.#spill?.forget(each));
    }
    if (this.#spill !== undefined) {
      this.#spill.evict(partitions.rows.size);
      partitions.rows.forgetReleased();
    }
    return output.length === 0 ? undefined : emit(output);
  }

  #forgetOld(now: number): void {
    for (const slot of this.#ages!.expire(now)) {
      if (this.#partitions.get(slot) === undefined) continue;
      this.#spill?.forget(slot);
      this.#partitions.drop(slot);
    }
    this.#partitions.rows.forgetReleased();
  }

  #add(sorted: SortedNumbers, number: number): void {
    const { retracts, end } = this.#program;
    this.#partitions.add(sorted, number);
    if (!retracts && sorted.length > end) this.#partitions.pop(sorted);
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
    const columns: Column[] = this.#partitions.rows.gather(numbers);
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
