import type { Accumulators } from '../functions/aggregate.ts';
import { SlotColumn } from '../functions/aggregates/slots.ts';
import { type Column, type RowBatch, RowKind } from '../types/batch.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import { filtered, type GroupAggregateProgram } from './group-aggregate.ts';
import { type Emit, type Operator, type OperatorState, reopened } from './operator.ts';
import type { SortColumn } from './row-order.ts';
import { RowStore, type RowStoreImage } from './row-store.ts';
import type { Compare } from './sorted-numbers.ts';
import { TimeQueue, type TimeQueueImage } from './time-queue.ts';

export interface OverAggregateProgram extends Pick<GroupAggregateProgram, 'types' | 'keys' | 'calls'> {
  /** Column of the time that rows are ordered by, in microseconds. */
  readonly time: number;
  /** What rows of the same time are ordered by, before their arrival. */
  readonly ties: readonly SortColumn[];
  /** Rows are taken as they come, not by event time. */
  readonly processing: boolean;
  /** Whether rows of the same time are told apart: ROWS, not RANGE. */
  readonly rows: boolean;
  /** How many rows, or microseconds, the frame reaches back; absent: to the first row. */
  readonly preceding?: bigint;
  /**
   * Milliseconds after which a partition without a new row is forgotten, and begins anew with its next; absent: never. One
   * whose frame is bounded in time is forgotten by that.
   */
  readonly ttl?: number;
  /** Told of the rows of a batch that are late. */
  late(batch: RowBatch, rows: Int32Array): void;
}

const MILLISECOND = 1000n;

interface Image {
  readonly index: KeyIndexImage;
  readonly rows: RowStoreImage;
  readonly waiting: TimeQueueImage;
  readonly places: readonly Place[];
  readonly frames: readonly (readonly number[])[];
  readonly fired: readonly (bigint | undefined)[];
  readonly ends: readonly (bigint | undefined)[];
  readonly ending: TimeQueueImage;
  readonly watermark: bigint | undefined;
  readonly count: number;
  readonly calls: readonly unknown[];
  readonly ages?: AgesImage | undefined;
  readonly held: readonly number[];
}

/** A row that is kept: its partition, its time and which one it was of all. */
interface Place {
  readonly key: number;
  readonly time: bigint;
  readonly order: number;
}

/**
 * Each row with the values of aggregates over the rows of its partition up to it, once event time gets to it: then all
 * before it are there. Rows behind event time are late; where the frame is bounded only those not after the last row of
 * their partition that was told, as in Flink. A partition whose frame is bounded in time is forgotten when one and a half of
 * it went by since a row: Flink does so then, so what a row behind event time meets is the same.
 */
export class OverAggregate implements Operator {
  readonly #program: OverAggregateProgram;
  readonly #index: KeyIndex;
  readonly #accumulators: readonly Accumulators[];
  readonly #rows: RowStore;
  /** Of rows of the same time, by their numbers. */
  readonly #ties: Compare;
  readonly #waiting = new TimeQueue();
  /** By the number of a row. */
  #places: Place[] = [];
  /** The rows in the frame of each partition, where it is bounded. */
  #frames: number[][] = [];
  /** The time of the last row that was told of each partition, where the frame is bounded. */
  #fired: (bigint | undefined)[] = [];
  /** When each partition is forgotten, where the frame is bounded in time. */
  #ends: (bigint | undefined)[] = [];
  readonly #ending = new TimeQueue();
  #watermark: bigint | undefined;
  #count = 0;
  #capacity = 0;
  readonly #ages: Ages | undefined;
  /** How many rows of each partition wait to be told. */
  #held: number[] = [];
  readonly tick?: (now: number) => void;

  constructor(program: OverAggregateProgram) {
    this.#program = program;
    const keyTypes = program.keys.map((i) => program.types[i]!);
    this.#index = new KeyIndex(keyTypes, { nulls: true });
    this.#rows = new RowStore(program.types);
    this.#ties = this.#rows.compare(program.types, program.ties);
    this.#accumulators = program.calls.map(({ resolved }) => resolved.create(program.preceding !== undefined));
    const { ttl, rows, preceding } = program;
    this.#ages = ttl === undefined || (preceding !== undefined && !rows) ? undefined : new Ages(ttl);
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(this.#ages!, now);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      index: this.#index.snapshot(),
      rows: this.#rows.snapshot(),
      waiting: this.#waiting.snapshot(),
      places: [...this.#places],
      frames: this.#frames.map((frame) => [...frame]),
      fired: [...this.#fired],
      ends: [...this.#ends],
      ending: this.#ending.snapshot(),
      watermark: this.#watermark,
      count: this.#count,
      calls: this.#accumulators.map((each) => each.snapshot(this.#index.limit)),
      ages: this.#ages?.snapshot(),
      held: [...this.#held],
    }),
    restore: (image) => {
      const { index, rows, waiting, places, frames, fired, ends, ending, watermark, count, calls, ages, held } =
        image as Image;
      this.#index.restore(index);
      this.#rows.restore(rows);
      this.#waiting.restore(waiting);
      this.#places = [...places];
      this.#frames = frames.map((frame) => [...frame]);
      this.#fired = [...fired];
      this.#ends = [...ends];
      this.#ending.restore(ending);
      this.#watermark = watermark;
      this.#count = count;
      this.#capacity = this.#index.limit;
      for (const [i, each] of this.#accumulators.entries()) each.restore(calls[i]);
      this.#held = [...held];
      this.#ages?.restore(ages, () => this.#index.live());
    },
    reopen: () => {
      this.#watermark = reopened(this.#watermark);
    },
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const { keys, time, processing } = this.#program;
    const times = batch.columns[time]!.values as BigInt64Array;
    const assigned = new Int32Array(batch.length);
    this.#index.assign(
      keys.map((i) => batch.columns[i]!),
      batch.length,
      undefined,
      assigned,
    );
    this.#grow(this.#index.limit);
    const all = Int32Array.from(assigned.keys());
    const kept = processing ? all : all.filter((row) => !this.#isLate(times[row]!, assigned[row]!));
    const numbers = this.#rows.add(batch, kept);
    for (const [i, row] of kept.entries()) {
      const number = numbers[i]!;
      this.#places[number] = { key: assigned[row]!, time: times[row]!, order: this.#count++ };
      this.#ages?.note(assigned[row]!);
      if (processing) continue;
      this.#waiting.add(Number(times[row]!), number);
      this.#held[assigned[row]!]!++;
      this.#keep(assigned[row]!, times[row]!);
    }
    if (kept.length < all.length) {
      const on = new Set(kept);
      this.#program.late(
        batch,
        all.filter((row) => !on.has(row)),
      );
    }
    return processing ? emit(this.#tell(numbers)) : undefined;
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    this.#watermark = watermark;
    const due: number[] = [];
    // Times are whole microseconds.
    const after = Number(watermark) + 1;
    for (let each = this.#waiting.takeBefore(after); each !== undefined; each = this.#waiting.takeBefore(after)) {
      due.push(each);
      this.#held[this.#places[each]!.key]!--;
    }
    due.sort((a, b) => {
      const [first, second] = [this.#places[a]!, this.#places[b]!];
      if (first.time !== second.time) return first.time < second.time ? -1 : 1;
      return this.#ties(a, b) || first.order - second.order;
    });
    const told = due.length === 0 ? undefined : this.#tell(Int32Array.from(due));
    this.#endBefore(after);
    return told && emit(told);
  }

  /** Forgets the partitions whose end has come; one that was put off counts as told until then, as in Flink. */
  #endBefore(time: number): void {
    for (
      let entry = this.#ending.takeEntryBefore(time);
      entry !== undefined;
      entry = this.#ending.takeEntryBefore(time)
    ) {
      const { number: key } = entry;
      const end = this.#ends[key];
      if (end === undefined) continue;
      const reached = BigInt(entry.time);
      if (end <= reached) this.#forget(key);
      else if (reached > (this.#fired[key] ?? reached - 1n)) this.#fired[key] = reached;
    }
  }

  /** Puts off the end of a partition that got a row; times of Flink are whole milliseconds. */
  #keep(key: number, time: bigint): void {
    const { preceding, rows } = this.#program;
    if (preceding === undefined || rows) return;
    const end = this.#ends[key];
    if (end !== undefined && end >= time + preceding + MILLISECOND) return;
    const later = time + (((preceding / MILLISECOND) * 3n) / 2n + 1n) * MILLISECOND;
    this.#ends[key] = later;
    this.#ending.add(Number(later), key);
  }

  /** All rows of the partition were told: none waits longer than its end. */
  #forget(key: number): void {
    this.#rows.remove(Int32Array.from(this.#frames[key]!));
    this.#frames[key] = [];
    this.#fired[key] = undefined;
    this.#ends[key] = undefined;
    for (const each of this.#accumulators) each.clear(key);
    this.#index.remove(key);
  }

  #forgetOld(ages: Ages, now: number): void {
    for (const key of ages.expire(now)) {
      if (this.#held[key]! > 0) ages.note(key);
      else this.#forget(key);
    }
  }

  #isLate(time: bigint, key: number): boolean {
    if (this.#program.preceding === undefined) return this.#watermark !== undefined && time <= this.#watermark;
    const fired = this.#fired[key];
    return fired !== undefined && time <= fired;
  }

  /** The rows with these numbers, in order, and the values of the calls for each. */
  #tell(numbers: Int32Array): RowBatch {
    const columns = this.#rows.gather(numbers);
    const results = this.#program.calls.map(({ resolved }) => new SlotColumn(resolved.type));
    for (const each of results) each.grow(numbers.length);
    for (const positions of this.#rounds(numbers)) {
      const keys = positions.map((at) => this.#places[numbers[at]!]!.key);
      this.#leave(numbers, positions);
      this.#update(columns, positions, keys, undefined);
      const from = Int32Array.from(positions.keys());
      for (const [c, each] of this.#accumulators.entries()) {
        results[c]!.scatter(positions, from, positions.length, each.values(keys, keys.length));
      }
    }
    if (this.#program.preceding === undefined) this.#rows.remove(numbers);
    const length = numbers.length;
    const told = results.map(({ values, nulls }): Column => (nulls.includes(1) ? { values, nulls } : { values }));
    return { length, columns: [...columns, ...told] };
  }

  /** Which rows can be told together: of each partition one, or those of one time; in order. */
  #rounds(numbers: Int32Array): Int32Array[] {
    const rounds: number[][] = [];
    const last = new Map<number, { round: number; time: bigint }>();
    const together = !this.#program.rows && !this.#program.processing;
    for (let at = 0; at < numbers.length; at++) {
      const { key, time } = this.#places[numbers[at]!]!;
      const before = last.get(key);
      const round = before === undefined ? 0 : together && before.time === time ? before.round : before.round + 1;
      last.set(key, { round, time });
      const positions = rounds[round];
      if (positions === undefined) rounds[round] = [at];
      else positions.push(at);
    }
    return rounds.map((positions) => Int32Array.from(positions));
  }

  /** Takes rows into the frames of their partitions, and those out that are behind them then. */
  #leave(numbers: Int32Array, positions: Int32Array): void {
    const { preceding, rows } = this.#program;
    if (preceding === undefined) return;
    const gone: number[] = [];
    const keys: number[] = [];
    for (const at of positions) {
      const number = numbers[at]!;
      const { key, time } = this.#places[number]!;
      const frame = this.#frames[key]!;
      let leaving = 0;
      if (rows) leaving = Math.max(0, frame.length - Number(preceding));
      else while (leaving < frame.length && this.#places[frame[leaving]!]!.time < time - preceding) leaving++;
      gone.push(...frame.splice(0, leaving));
      for (let i = 0; i < leaving; i++) keys.push(key);
      frame.push(number);
      this.#fired[key] = time;
    }
    if (gone.length === 0) return;
    const left = Int32Array.from(gone);
    const kinds = new Uint8Array(gone.length).fill(RowKind.delete);
    this.#update(this.#rows.gather(left), Int32Array.from(left.keys()), Int32Array.from(keys), kinds);
    this.#rows.remove(left);
  }

  #update(columns: readonly Column[], rows: Int32Array, slots: Int32Array, kinds: Uint8Array | undefined): void {
    for (const [c, call] of this.#program.calls.entries()) {
      const all = {
        columns: call.arguments.map((i) => columns[i]!),
        rows,
        slots,
        length: rows.length,
        ...(kinds === undefined ? {} : { kinds }),
      };
      this.#accumulators[c]!.update(call.filter === undefined ? all : filtered(all, columns[call.filter]!));
    }
  }

  #grow(limit: number): void {
    for (let key = this.#frames.length; key < limit; key++) this.#frames.push([]);
    for (let key = this.#held.length; key < limit; key++) this.#held.push(0);
    if (limit <= this.#capacity) return;
    this.#capacity = Math.max(limit, this.#capacity * 2, 64);
    for (const each of this.#accumulators) each.grow(this.#capacity);
  }
}
