import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, RowKind } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import { JoinKeys } from './join-keys.ts';
import { JoinOutput } from './join-output.ts';
import { type PairCondition, PairFinder } from './join-pairs.ts';
import { type JoinInput, JoinRows, type JoinRowsImage } from './join-rows.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { forgetOld } from './regular-join.ts';

export interface SemiJoinProgram {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** Tell the rows that meet none. */
  readonly anti: boolean;
  readonly condition: PairCondition;
  /** As of a regular join. */
  readonly ttl?: number;
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly sides: readonly JoinRowsImage[];
  readonly ages: readonly AgesImage[] | undefined;
}

/**
 * The left rows that meet a right row, or none, where a condition beyond the equality of keys decides: for each left row
 * is counted how many right rows it meets.
 */
export class SemiJoin implements Operator {
  readonly #program: SemiJoinProgram;
  readonly #keys: JoinKeys;
  readonly #left: JoinRows;
  readonly #right: JoinRows;
  readonly #finder: PairFinder;
  readonly #ages: readonly [Ages, Ages] | undefined;
  readonly tick?: (now: number) => void;

  constructor(program: SemiJoinProgram) {
    this.#program = program;
    const [left, right] = program.inputs;
    this.#keys = new JoinKeys(left.keyTypes);
    const forgets = program.ttl !== undefined;
    this.#left = new JoinRows({ ...left, counted: true, forgets });
    this.#right = new JoinRows({ ...right, counted: false, forgets });
    this.#finder = new PairFinder(program.condition);
    this.#ages = program.ttl === undefined ? undefined : [new Ages(program.ttl), new Ages(program.ttl)];
    if (this.#ages !== undefined) {
      this.tick = (now) => forgetOld(this.#ages!, [this.#left, this.#right], this.#keys, now);
    }
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      keys: this.#keys.snapshot(),
      sides: [this.#left, this.#right].map((side) => side.snapshot(this.#keys.limit)),
      ages: this.#ages?.map((each) => each.snapshot()),
    }),
    restore: (image) => {
      const { keys, sides, ages } = image as Image;
      this.#keys.restore(keys);
      this.#left.restore(sides[0]!);
      this.#right.restore(sides[1]!);
      for (const [i, each] of this.#ages?.entries() ?? []) each.restore(ages![i]!);
    },
  };

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const [own, other] = input === 0 ? [this.#left, this.#right] : [this.#right, this.#left];
    const keys = this.#keys.of(batch, this.#program.inputs[input]!.keys);
    own.begin(batch, this.#keys.limit);
    other.grow(this.#keys.limit);
    const { starts, slots } = this.#finder.find(batch, input, keys, other);
    const output = new JoinOutput();
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kinds === undefined ? RowKind.insert : batch.kinds[row]!;
      const key = keys[row]!;
      if (isRetraction(kind) && key >= 0 && !own.has(row)) continue;
      const matches = this.#matches(slots, starts[row]!, starts[row + 1]!);
      if (input === 1) this.#count(slots, starts[row]!, starts[row + 1]!, isRetraction(kind), output);
      else if (matches > 0 !== this.#program.anti) output.add(row, -1, kind);
      if (key < 0) continue;
      if (isRetraction(kind)) own.remove(row);
      else {
        const slot = own.add(row, key, matches);
        this.#ages?.[input]?.note(slot);
      }
    }
    const width = this.#program.inputs[0].types.length;
    const result = input === 0 ? output.ownRows(batch, width) : output.otherRows(this.#left, width);
    own.end(batch);
    this.#keys.release(keys, batch.length, (key) => own.heads[key]! > 0 || other.heads[key]! > 0);
    return result.length === 0 ? undefined : emit(result);
  }

  /** How many rows a left row meets. */
  #matches(slots: Int32Array, from: number, to: number): number {
    let matches = 0;
    for (let i = from; i < to; i++) matches += this.#right.countOf(slots[i]!);
    return matches;
  }

  /** A right row comes or goes: its left rows change where they meet the first or no more. */
  #count(slots: Int32Array, from: number, to: number, retraction: boolean, output: JoinOutput): void {
    const { anti } = this.#program;
    for (let i = from; i < to; i++) {
      const slot = slots[i]!;
      const before = this.#left.matches[slot]!;
      this.#left.matches[slot] = retraction ? before - 1 : before + 1;
      if (before !== (retraction ? 1 : 0)) continue;
      const kind = retraction === anti ? RowKind.insert : RowKind.delete;
      for (let n = this.#left.countOf(slot); n > 0; n--) output.add(-1, slot, kind);
    }
  }
}
