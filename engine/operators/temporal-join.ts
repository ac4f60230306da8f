import { type Column, type RowBatch, RowKind } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { JoinKeys } from './join-keys.ts';
import { JoinOutput } from './join-output.ts';
import type { PairCondition } from './join-pairs.ts';
import { type JoinInput, JoinRows, type JoinRowsImage } from './join-rows.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { TimeQueue, type TimeQueueImage } from './time-queue.ts';

/**
 * The right input's rows are versions: each holds for its key from its time on until the next. Where they change, -U says
 * nothing that the next version does not, and after -D none holds from the time of the deleted row on.
 */
export interface TemporalJoinProgram {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** The event time of each input. */
  readonly times: readonly [number, number];
  /** Tested on a row and its version: where it fails there is none. */
  readonly condition?: PairCondition;
  /** Whether a right row older than the newest of its key is left out. */
  readonly ascending: boolean;
  /** Left rows without a version go on with NULLs. */
  readonly outer: boolean;
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly sides: readonly JoinRowsImage[];
  readonly queues: readonly TimeQueueImage[];
  readonly times: readonly Float64Array[];
  readonly deleted: Uint8Array;
  readonly current: Int32Array;
}

/**
 * Each left row with the version of its key that held at its time. It waits until event time gets there, for a version
 * may come late; versions that no row can ask for any more are forgotten.
 */
export class TemporalJoin implements Operator {
  readonly #program: TemporalJoinProgram;
  readonly #keys: JoinKeys;
  readonly #sides: readonly [JoinRows, JoinRows];
  readonly #queues = [new TimeQueue(), new TimeQueue()] as const;
  /** Of the rows of each side, in microseconds. */
  readonly #times: [Float64Array, Float64Array] = [new Float64Array(64), new Float64Array(64)];
  /** By version, 1: none holds from its time on. */
  #deleted = new Uint8Array(64);
  /** By key, the version that held when event time moved last, plus one; 0: none. */
  #current = new Int32Array(64);

  constructor(program: TemporalJoinProgram) {
    this.#program = program;
    const [left, { identity: _, ...right }] = program.inputs;
    this.#keys = new JoinKeys(left.keyTypes);
    const forgets = { counted: false, forgets: true };
    this.#sides = [new JoinRows({ ...left, ...forgets }), new JoinRows({ ...right, ...forgets })];
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      keys: this.#keys.snapshot(),
      sides: this.#sides.map((side) => side.snapshot(this.#keys.limit)),
      queues: this.#queues.map((queue) => queue.snapshot()),
      times: this.#times.map((times) => times.slice()),
      deleted: this.#deleted.slice(),
      current: this.#current.slice(),
    }),
    restore: (image) => {
      const { keys, sides, queues, times, deleted, current } = image as Image;
      this.#keys.restore(keys);
      for (const [i, side] of this.#sides.entries()) {
        side.restore(sides[i]!);
        this.#queues[i]!.restore(queues[i]!);
        this.#times[i] = times[i]!.slice();
      }
      this.#deleted = deleted.slice();
      this.#current = current.slice();
    },
  };

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const { inputs, times, outer, ascending } = this.#program;
    const own = this.#sides[input]!;
    const other = this.#sides[1 - input]!;
    const time = batch.columns[times[input]!]!;
    const keys = this.#keys.of(batch, inputs[input]!.keys);
    own.begin(batch, this.#keys.limit);
    other.grow(this.#keys.limit);
    const alone = new JoinOutput();
    for (let row = 0; row < batch.length; row++) {
      const key = keys[row]!;
      const kind = batch.kinds?.[row] ?? RowKind.insert;
      if (kind === RowKind.updateBefore) continue;
      if (input === 1 && ascending && key >= 0 && this.#isOld(key, Number(time.values[row] as bigint))) continue;
      if (key >= 0 && time.nulls?.[row] !== 1) {
        const slot = own.add(row, key, 0);
        this.#add(input, slot, time, row);
        if (input === 1) this.#deleted[slot] = kind === RowKind.delete ? 1 : 0;
      } else if (input === 0 && outer) alone.add(row, -1, RowKind.insert);
    }
    own.end(batch);
    this.#keys.release(keys, batch.length, (key) => own.heads[key]! > 0 || other.heads[key]! > 0);
    if (alone.length === 0) return undefined;
    return emit(alone.take(batch, inputs[0].types.length, other, inputs[1].types.length, 0));
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    const before = Number(watermark) + 1;
    const rows: number[] = [];
    for (let slot = this.#queues[0].takeBefore(before); slot !== undefined; slot = this.#queues[0].takeBefore(before)) {
      rows.push(slot);
    }
    const result = rows.length === 0 ? undefined : this.#join(Int32Array.from(rows));
    for (const slot of rows) this.#forget(0, slot);
    this.#forgetVersions(before);
    return result === undefined || result.length === 0 ? undefined : emit(result);
  }

  /** Whether a key has a version after a time; the newest is never forgotten. */
  #isOld(key: number, time: number): boolean {
    const [, right] = this.#sides;
    for (let slot = right.heads[key]!; slot > 0; slot = right.next[slot - 1]!) {
      if (this.#times[1][slot - 1]! > time) return true;
    }
    return false;
  }

  #add(input: number, slot: number, time: Column, row: number): void {
    const value = Number(time.values[row] as bigint);
    let times = this.#times[input]!;
    if (slot >= times.length) {
      times = new Float64Array(Math.max(slot + 1, times.length * 2));
      times.set(this.#times[input]!);
      this.#times[input] = times;
      if (input === 1) {
        const deleted = new Uint8Array(times.length);
        deleted.set(this.#deleted);
        this.#deleted = deleted;
      }
    }
    times[slot] = value;
    this.#queues[input]!.add(value, slot);
  }

  #join(rows: Int32Array): RowBatch {
    const { condition, inputs, outer } = this.#program;
    const [left, right] = this.#sides;
    const versions = rows.map((slot) => this.#versionAt(left.keyOf(slot), this.#times[0][slot]!));
    if (condition !== undefined) {
      const columns = [
        ...condition.left.map((c) => left.column(c, rows, rows.length)),
        ...condition.right.map((c) => right.column(c, versions, rows.length)),
      ];
      const { values, nulls } = condition.test({ length: rows.length, columns });
      for (let i = 0; i < rows.length; i++) if (values[i] !== 1 || nulls?.[i] === 1) versions[i] = -1;
    }
    const kept = outer ? rows : rows.filter((_, i) => versions[i]! >= 0);
    const found = outer ? versions : versions.filter((version) => version >= 0);
    const { length } = kept;
    const columns = [
      ...inputs[0].types.map((_, c) => left.column(c, kept, length)),
      ...inputs[1].types.map((_, c) => right.column(c, found, length)),
    ];
    return { length, columns };
  }

  /** The newest version of a key that is not after a time, of equal ones the one that came last; -1: none, or it is a deletion. */
  #versionAt(key: number, time: number): number {
    const [, right] = this.#sides;
    let found = -1;
    let newest = Number.NEGATIVE_INFINITY;
    for (let slot = right.heads[key]!; slot > 0; slot = right.next[slot - 1]!) {
      const from = this.#times[1][slot - 1]!;
      if (from > time || from <= newest) continue;
      newest = from;
      found = slot - 1;
    }
    return found >= 0 && this.#deleted[found] === 1 ? -1 : found;
  }

  /** Of the versions before a time only the newest of each key can be asked for. */
  #forgetVersions(before: number): void {
    for (let slot = this.#queues[1].takeBefore(before); slot !== undefined; slot = this.#queues[1].takeBefore(before)) {
      const key = this.#sides[1].keyOf(slot);
      if (key >= this.#current.length) {
        const current = new Int32Array(Math.max(key + 1, this.#current.length * 2));
        current.set(this.#current);
        this.#current = current;
      }
      const former = this.#current[key]! - 1;
      const newer = former < 0 || this.#isNewer(key, slot, former);
      if (newer) this.#current[key] = slot + 1;
      if (former >= 0) this.#forget(1, newer ? former : slot);
    }
  }

  /** Of two versions of a key, whether the first holds after the second: by time, then by arrival as chains have it. */
  #isNewer(key: number, slot: number, other: number): boolean {
    const [, right] = this.#sides;
    const difference = this.#times[1][slot]! - this.#times[1][other]!;
    if (difference !== 0) return difference > 0;
    let first = right.heads[key]! - 1;
    while (first !== slot && first !== other) first = right.next[first]! - 1;
    return first === slot;
  }

  #forget(input: number, slot: number): void {
    const key = this.#sides[input]!.forget(slot);
    if (this.#sides.every((side) => !(side.heads[key]! > 0))) this.#keys.remove(key);
  }
}
