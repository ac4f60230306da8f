import { type Column, type RowBatch, RowKind } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { JoinKeys } from './join-keys.ts';
import { JoinOutput } from './join-output.ts';
import { PairFinder } from './join-pairs.ts';
import { JoinRows, type JoinRowsImage } from './join-rows.ts';
import { type Emit, MAX_WATERMARK, type Operator, type OperatorState, reopened } from './operator.ts';
import type { RegularJoinProgram } from './regular-join.ts';
import { TimeQueue, type TimeQueueImage } from './time-queue.ts';

/** The condition tests the bounds of time too; both inputs only add rows. */
export interface IntervalJoinProgram extends RegularJoinProgram {
  /** The time column of each input. */
  readonly times: readonly [number, number];
  /** A row is done with when its time plus this is behind the time that the join goes by; microseconds. */
  readonly keep: readonly [bigint, bigint];
  /** The join goes by the clock, not by event time. */
  readonly processing: boolean;
  /** How far the rows that are told may be behind event time. */
  readonly delay: bigint;
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly sides: readonly JoinRowsImage[];
  readonly queues: readonly TimeQueueImage[];
  readonly now: bigint | undefined;
}

/**
 * Joins rows that lie near each other in time, and forgets them when nothing can meet them any more. Only then is a row
 * without a partner told, where those are wanted: nothing is ever taken back.
 */
export class IntervalJoin implements Operator {
  readonly #program: IntervalJoinProgram;
  readonly #keys: JoinKeys;
  readonly #sides: readonly [JoinRows, JoinRows];
  readonly #queues = [new TimeQueue(), new TimeQueue()] as const;
  readonly #finder: PairFinder;
  #now: bigint | undefined;
  readonly delay: bigint;
  readonly tick?: (now: number, emit: Emit) => void | Promise<void>;

  constructor(program: IntervalJoinProgram) {
    this.#program = program;
    const [left, right] = program.inputs;
    this.#keys = new JoinKeys(left.keyTypes);
    this.#sides = [new JoinRows({ ...left, forgets: true }), new JoinRows({ ...right, forgets: true })];
    this.#finder = new PairFinder(program.condition);
    this.delay = program.delay;
    if (program.processing) this.tick = (now, emit) => this.#forget(BigInt(now) * 1000n, emit);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      keys: this.#keys.snapshot(),
      sides: this.#sides.map((side) => side.snapshot(this.#keys.limit)),
      queues: this.#queues.map((queue) => queue.snapshot()),
      now: this.#now,
    }),
    restore: (image) => {
      const { keys, sides, queues, now } = image as Image;
      this.#keys.restore(keys);
      for (const [i, side] of this.#sides.entries()) side.restore(sides[i]!);
      for (const [i, queue] of this.#queues.entries()) queue.restore(queues[i]!);
      this.#now = now;
    },
    reopen: () => {
      this.#now = reopened(this.#now);
    },
  };

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const { inputs, times } = this.#program;
    const [own, other] = input === 0 ? this.#sides : [this.#sides[1], this.#sides[0]];
    const time = batch.columns[times[input]!]!;
    const keys = this.#keys.of(batch, inputs[input]!.keys);
    own.begin(batch, this.#keys.limit);
    other.grow(this.#keys.limit);
    const output = this.#join(batch, input, time, keys);
    const result = output.take(batch, inputs[input]!.types.length, other, inputs[1 - input]!.types.length, input);
    own.end(batch);
    this.#keys.release(keys, batch.length, (key) => own.heads[key]! > 0 || other.heads[key]! > 0);
    return result.length === 0 ? undefined : emit(result);
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    if (!this.#program.processing || watermark === MAX_WATERMARK) return this.#forget(watermark, emit);
  }

  #join(batch: RowBatch, input: number, time: Column, keys: Int32Array): JoinOutput {
    const own = this.#sides[input]!;
    const other = this.#sides[1 - input]!;
    const [ownOuter, otherOuter] = [this.#program.outer[input]!, this.#program.outer[1 - input]!];
    const { starts, slots } = this.#finder.find(batch, input, keys, other);
    const output = new JoinOutput();
    for (let row = 0; row < batch.length; row++) {
      for (let i = starts[row]!; i < starts[row + 1]!; i++) {
        const slot = slots[i]!;
        if (otherOuter) other.matches[slot]!++;
        output.add(row, slot, RowKind.insert);
      }
      const matches = starts[row + 1]! - starts[row]!;
      const key = keys[row]!;
      const known = key >= 0 && time.nulls?.[row] !== 1;
      if (known && !this.#isDone(time, row, input)) {
        this.#queues[input]!.add(Number(time.values[row] as bigint), own.add(row, key, matches));
      } else if (ownOuter && matches === 0) output.add(row, -1, RowKind.insert);
    }
    return output;
  }

  #isDone(time: Column, row: number, input: number): boolean {
    const now = this.#now;
    return now !== undefined && (time.values[row] as bigint) + this.#program.keep[input]! < now;
  }

  /** Forgets the rows that are done with, and tells those of them that had no partner. */
  #forget(now: bigint, emit: Emit): void | Promise<void> {
    if (this.#now !== undefined && now <= this.#now) return undefined;
    this.#now = now;
    const alone = [new JoinOutput(), new JoinOutput()] as const;
    const gone: number[][] = [[], []];
    for (const [i, queue] of this.#queues.entries()) {
      const before = Number(now - this.#program.keep[i]!);
      for (let slot = queue.takeBefore(before); slot !== undefined; slot = queue.takeBefore(before)) {
        gone[i]!.push(slot);
        if (this.#program.outer[i]! && this.#sides[i]!.matches[slot] === 0) alone[i]!.add(-1, slot, RowKind.insert);
      }
    }
    const result = this.#aloneRows(alone[0], alone[1]);
    for (const [i, side] of this.#sides.entries()) {
      const other = this.#sides[1 - i]!;
      for (const slot of gone[i]!) {
        const key = side.forget(slot);
        if (side.heads[key] === 0 && !(other.heads[key]! > 0)) this.#keys.remove(key);
      }
    }
    return result.length === 0 ? undefined : emit(result);
  }

  /** Rows of both sides, each with NULLs for the other's columns. */
  #aloneRows(left: JoinOutput, right: JoinOutput): RowBatch {
    const length = left.length + right.length;
    const column = (i: number, c: number): Column => {
      const slots = new Int32Array(length).fill(-1);
      const output = i === 0 ? left : right;
      slots.set(output.slots.subarray(0, output.length), i === 0 ? 0 : left.length);
      return this.#sides[i]!.column(c, slots, length);
    };
    const columns = this.#program.inputs.flatMap(({ types }, i) => types.map((_, c) => column(i, c)));
    return { length, columns };
  }
}
