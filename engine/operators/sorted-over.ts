import { type Accumulators, isRetraction } from '../functions/aggregate.ts';
import { SlotColumn } from '../functions/aggregates/slots.ts';
import { type Column, type RowBatch, RowKind } from '../types/batch.ts';
import { Ages, type AgesImage } from './ages.ts';
import type { GroupAggregateProgram } from './group-aggregate.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import type { SortColumn } from './row-order.ts';
import { sameValues } from './same-values.ts';
import { SortedPartitions, type SortedPartitionsImage } from './sorted-partitions.ts';

export interface SortedOverProgram
  extends Pick<GroupAggregateProgram, 'types' | 'keys' | 'calls' | 'retracts' | 'before' | 'ttl'> {
  readonly order: SortColumn;
  /** Whether rows that compare equal are told apart, by arrival: ROWS, not RANGE. */
  readonly rows: boolean;
}

interface Image extends SortedPartitionsImage {
  readonly ages?: AgesImage | undefined;
}

/** The rows of a partition in their order, of which those from `from` on are asked for. */
interface Part {
  readonly numbers: readonly number[];
  readonly from: number;
}

/** The rows that are asked for, one part after the other, and the values of the calls for each. */
interface Told {
  readonly numbers: Int32Array;
  readonly values: readonly Column[];
}

/**
 * Each row with the values of aggregates over the rows of its partition from the first one up to it, in the order of a
 * column that is no time: a row that comes or goes changes those behind it. What a batch does to a partition is told at once.
 */
export class SortedOver implements Operator {
  readonly #program: SortedOverProgram;
  readonly #partitions: SortedPartitions;
  readonly #accumulators: readonly Accumulators[];
  readonly #ages: Ages | undefined;
  readonly tick?: NonNullable<Operator['tick']>;
  #capacity = 0;

  constructor(program: SortedOverProgram) {
    const { types, keys, order, retracts } = program;
    this.#program = program;
    this.#partitions = new SortedPartitions({ types, partition: keys, order: [order], newestFirst: false, retracts });
    this.#accumulators = program.calls.map(({ resolved }) => resolved.create(false));
    this.#ages = program.ttl === undefined ? undefined : new Ages(program.ttl);
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(now);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({ ...this.#partitions.snapshot(), ages: this.#ages?.snapshot() }),
    restore: (image) => {
      const { ages, ...partitions } = image as Image;
      this.#partitions.restore(partitions);
      this.#ages?.restore(ages, () => this.#partitions.lengths());
    },
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const partitions = this.#partitions;
    const slots = partitions.assign(batch);
    const numbers = partitions.rows.store(batch);
    const before = new Map<number, readonly number[]>();
    for (let row = 0; row < batch.length; row++) {
      const slot = slots[row]!;
      const sorted = partitions.open(slot);
      if (!before.has(slot)) before.set(slot, sorted.slice(0, sorted.length));
      if (batch.kinds !== undefined && isRetraction(batch.kinds[row]!)) partitions.remove(sorted, numbers[row]!);
      else partitions.add(sorted, numbers[row]!);
    }
    const output = this.#changes(before);
    partitions.rows.forgetReleased();
    for (const slot of before.keys()) {
      this.#ages?.note(slot);
      partitions.close(slot);
    }
    return output.length === 0 ? undefined : emit(output);
  }

  #forgetOld(now: number): void {
    for (const slot of this.#ages!.expire(now))
      if (this.#partitions.get(slot) !== undefined) this.#partitions.drop(slot);
    this.#partitions.rows.forgetReleased();
  }

  /** What became of the rows of partitions: those that went or changed, then those that came or changed. */
  #changes(before: ReadonlyMap<number, readonly number[]>): RowBatch {
    const olds: Part[] = [];
    const news: Part[] = [];
    for (const [slot, old] of before) {
      const sorted = this.#partitions.get(slot)!;
      const now = sorted.slice(0, sorted.length);
      const from = this.#firstChange(old, now);
      olds.push({ numbers: old, from });
      news.push({ numbers: now, from });
    }
    const old = this.#tell(olds);
    const now = this.#tell(news);
    const left: [at: number, kind: number][] = [];
    const come: [at: number, kind: number][] = [];
    const were = placesOf(old.numbers);
    for (const [at, number] of now.numbers.entries()) {
      const was = were.get(number)?.shift();
      if (was === undefined) come.push([at, RowKind.insert]);
      else if (!this.#isSame(old, was, now, at)) {
        if (this.#program.before) left.push([was, RowKind.updateBefore]);
        come.push([at, RowKind.updateAfter]);
      }
    }
    for (const places of were.values()) for (const at of places) left.push([at, RowKind.delete]);
    return this.#output(old, left, now, come);
  }

  /** The place from which on rows, or the values for them, may be others. */
  #firstChange(old: readonly number[], now: readonly number[]): number {
    let at = 0;
    while (at < old.length && at < now.length && old[at] === now[at]) at++;
    if (this.#program.rows) return at;
    // Rows that compare equal have the same values: those before belong to the change.
    for (const numbers of [old, now]) {
      if (at >= numbers.length) continue;
      while (at > 0 && this.#partitions.compare(numbers[at - 1]!, numbers[at]!) === 0) at--;
    }
    return at;
  }

  #tell(parts: readonly Part[]): Told {
    if (parts.length > this.#capacity) {
      this.#capacity = Math.max(parts.length, this.#capacity * 2, 64);
      for (const each of this.#accumulators) each.grow(this.#capacity);
    }
    const length = parts.reduce((sum, { numbers }) => sum + numbers.length, 0);
    const numbers = new Int32Array(length);
    const slots = new Int32Array(length);
    const passed: number[] = [];
    const rounds: number[][] = [];
    let at = 0;
    for (const [slot, { numbers: all, from }] of parts.entries()) {
      for (const each of this.#accumulators) each.clear(slot);
      let round = -1;
      for (let i = 0; i < all.length; i++, at++) {
        numbers[at] = all[i]!;
        slots[at] = slot;
        if (i < from) {
          passed.push(at);
          continue;
        }
        const peer = !this.#program.rows && i > from && this.#partitions.compare(all[i - 1]!, all[i]!) === 0;
        if (!peer) round++;
        rounds[round] ??= [];
        rounds[round]!.push(at);
      }
    }
    const columns = this.#partitions.rows.gather(numbers);
    this.#update(columns, Int32Array.from(passed), slots);
    const results = this.#program.calls.map(({ resolved }) => new SlotColumn(resolved.type));
    for (const each of results) each.grow(length);
    for (const round of rounds) {
      const positions = Int32Array.from(round);
      this.#update(columns, positions, slots);
      const from = Int32Array.from(positions.keys());
      const keys = positions.map((each) => slots[each]!);
      for (const [c, each] of this.#accumulators.entries()) {
        results[c]!.scatter(positions, from, positions.length, each.values(keys, keys.length));
      }
    }
    const asked = Int32Array.from(rounds.flat()).sort();
    return {
      numbers: asked.map((each) => numbers[each]!),
      values: results.map((each) => each.gather(asked, asked.length)),
    };
  }

  #update(columns: readonly Column[], rows: Int32Array, slots: Int32Array): void {
    if (rows.length === 0) return;
    const own = rows.map((row) => slots[row]!);
    for (const [c, call] of this.#program.calls.entries()) {
      const taken = call.arguments.map((i) => columns[i]!);
      this.#accumulators[c]!.update({ columns: taken, rows, slots: own, length: rows.length });
    }
  }

  #isSame(old: Told, was: number, now: Told, at: number): boolean {
    return this.#program.calls.every(({ resolved }, c) =>
      sameValues(resolved.type, old.values[c]!, was, now.values[c]!, at),
    );
  }

  #output(
    old: Told,
    left: readonly (readonly [at: number, kind: number])[],
    now: Told,
    come: readonly (readonly [at: number, kind: number])[],
  ): RowBatch {
    const gone = Int32Array.from(left, ([at]) => at);
    const there = Int32Array.from(come, ([at]) => at);
    const length = gone.length + there.length;
    const numbers = new Int32Array(length);
    numbers.set(gone.map((at) => old.numbers[at]!));
    numbers.set(
      there.map((at) => now.numbers[at]!),
      gone.length,
    );
    const values = this.#program.calls.map(({ resolved }, c): Column => {
      const column = new SlotColumn(resolved.type);
      column.grow(length);
      const places = Int32Array.from({ length }, (_, i) => i);
      column.scatter(places, gone, gone.length, old.values[c]!);
      column.scatter(places.subarray(gone.length), there, there.length, now.values[c]!);
      return column.gather(places, length);
    });
    const kinds = Uint8Array.from([...left, ...come], ([, kind]) => kind);
    const columns = [...this.#partitions.rows.gather(numbers), ...values];
    return kinds.every((kind) => kind === RowKind.insert) ? { length, columns } : { length, columns, kinds };
  }
}

/** Where each number stands, in order. */
function placesOf(numbers: Int32Array): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [at, number] of numbers.entries()) {
    const known = places.get(number);
    if (known === undefined) places.set(number, [at]);
    else known.push(at);
  }
  return places;
}
