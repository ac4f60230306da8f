import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, RowKind } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import { JoinKeys } from './join-keys.ts';
import { JoinOutput } from './join-output.ts';
import { type PairCondition, PairFinder } from './join-pairs.ts';
import { type JoinInput, JoinRows, type JoinRowsImage } from './join-rows.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';

export interface RegularJoinProgram {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** Whether the rows of an input that are in no pair are told, with NULLs for the other's columns. */
  readonly outer: readonly [boolean, boolean];
  readonly condition?: PairCondition;
  /** Milliseconds after which a row that was not written again is forgotten, without a word; absent: never. */
  readonly ttl?: number;
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly sides: readonly JoinRowsImage[];
  readonly ages: readonly AgesImage[] | undefined;
}

/**
 * Joins two inputs, both of which are remembered for ever: each row is told with all rows of the other input that it
 * meets. A retraction of a row that is not there is left out, as in Flink.
 */
export class RegularJoin implements Operator {
  readonly #program: RegularJoinProgram;
  readonly #keys: JoinKeys;
  readonly #sides: readonly [JoinRows, JoinRows];
  readonly #finder: PairFinder;
  readonly #ages: readonly [Ages, Ages] | undefined;
  readonly tick?: (now: number) => void;

  constructor(program: RegularJoinProgram) {
    this.#program = program;
    const [left, right] = program.inputs;
    this.#keys = new JoinKeys(left.keyTypes);
    const forgets = program.ttl !== undefined;
    this.#sides = [new JoinRows({ ...left, forgets }), new JoinRows({ ...right, forgets })];
    this.#finder = new PairFinder(program.condition);
    this.#ages = program.ttl === undefined ? undefined : [new Ages(program.ttl), new Ages(program.ttl)];
    if (this.#ages !== undefined) this.tick = (now) => forgetOld(this.#ages!, this.#sides, this.#keys, now);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      keys: this.#keys.snapshot(),
      sides: this.#sides.map((side) => side.snapshot(this.#keys.limit)),
      ages: this.#ages?.map((each) => each.snapshot()),
    }),
    restore: (image) => {
      const { keys, sides, ages } = image as Image;
      this.#keys.restore(keys);
      for (const [i, side] of this.#sides.entries()) side.restore(sides[i]!);
      for (const [i, each] of this.#ages?.entries() ?? []) each.restore(ages![i]!);
    },
  };

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const { inputs } = this.#program;
    const [own, other] = input === 0 ? this.#sides : [this.#sides[1], this.#sides[0]];
    const keys = this.#keys.of(batch, inputs[input]!.keys);
    own.begin(batch, this.#keys.limit);
    other.grow(this.#keys.limit);
    const output = this.#join(batch, input, keys, own, other);
    const width = inputs[input]!.types.length;
    const result = output.take(batch, width, other, inputs[1 - input]!.types.length, input);
    own.end(batch);
    this.#keys.release(keys, batch.length, (key) => own.heads[key]! > 0 || other.heads[key]! > 0);
    return result.length === 0 ? undefined : emit(result);
  }

  #join(batch: RowBatch, input: number, keys: Int32Array, own: JoinRows, other: JoinRows): JoinOutput {
    const { length, kinds } = batch;
    const ownOuter = this.#program.outer[input]!;
    const otherOuter = this.#program.outer[1 - input]!;
    const ages = this.#ages?.[input];
    const { starts, slots } = this.#finder.find(batch, input, keys, other);
    const output = new JoinOutput();
    for (let row = 0; row < length; row++) {
      const kind = kinds === undefined ? RowKind.insert : kinds[row]!;
      const retraction = isRetraction(kind);
      const key = keys[row]!;
      if (retraction && key >= 0 && !own.has(row)) continue;
      let matches = 0;
      for (let i = starts[row]!; i < starts[row + 1]!; i++) {
        const slot = slots[i]!;
        const count = other.countOf(slot);
        matches += count;
        if (!otherOuter) {
          for (let n = 0; n < count; n++) output.add(row, slot, kind);
          continue;
        }
        const before = other.matches[slot]!;
        other.matches[slot] = retraction ? before - 1 : before + 1;
        if (!retraction && before === 0) for (let n = 0; n < count; n++) output.add(-1, slot, RowKind.delete);
        for (let n = 0; n < count; n++) output.add(row, slot, kind);
        if (retraction && before === 1) for (let n = 0; n < count; n++) output.add(-1, slot, RowKind.insert);
      }
      if (ownOuter && matches === 0) output.add(row, -1, kind);
      if (key < 0) continue;
      if (retraction) own.remove(row);
      else {
        const slot = own.add(row, key, matches);
        ages?.note(slot);
      }
    }
    return output;
  }
}

/** Forgets the rows of both inputs of a join that were not written for too long. */
export function forgetOld(
  ages: readonly [Ages, Ages],
  sides: readonly [JoinRows, JoinRows],
  keys: JoinKeys,
  now: number,
): void {
  for (const [i, side] of sides.entries()) {
    const other = sides[1 - i]!;
    for (const slot of ages[i]!.expire(now)) {
      const key = side.forget(slot);
      if (key >= 0 && side.heads[key] === 0 && !(other.heads[key]! > 0)) keys.remove(key);
    }
  }
}
