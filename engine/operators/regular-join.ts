import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, RowKind } from '../types/batch.ts';
import { JoinOutput } from './join-output.ts';
import { type PairCondition, PairFinder } from './join-pairs.ts';
import { JoinState, type JoinStateOptions } from './join-state.ts';
import type { Emit, Operator } from './operator.ts';

export interface RegularJoinProgram extends JoinStateOptions {
  /** Whether the rows of an input that are in no pair are told, with NULLs for the other's columns. */
  readonly outer: readonly [boolean, boolean];
  readonly condition?: PairCondition;
}

/**
 * Joins two inputs, both of which are remembered for ever: each row is told with all rows of the other input that it
 * meets. A retraction of a row that is not there is left out, as in Flink.
 */
export class RegularJoin implements Operator {
  readonly #program: RegularJoinProgram;
  readonly state: JoinState;
  readonly tick?: (now: number) => void;
  readonly #finder: PairFinder;

  constructor(program: RegularJoinProgram) {
    this.#program = program;
    this.state = new JoinState(program);
    if (this.state.tick !== undefined) this.tick = this.state.tick;
    this.#finder = new PairFinder(program.condition);
  }

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const { inputs } = this.#program;
    const keys = this.state.begin(batch, input);
    const output = this.#join(batch, input, keys);
    const other = this.state.sides[1 - input]!;
    const result = output.take(batch, inputs[input]!.types.length, other, inputs[1 - input]!.types.length, input);
    this.state.end(batch, input, keys);
    return result.length === 0 ? undefined : emit(result);
  }

  #join(batch: RowBatch, input: number, keys: Int32Array): JoinOutput {
    const { length, kinds } = batch;
    const own = this.state.sides[input]!;
    const other = this.state.sides[1 - input]!;
    const ownOuter = this.#program.outer[input]!;
    const otherOuter = this.#program.outer[1 - input]!;
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
      else this.state.note(input, own.add(row, key, matches));
    }
    return output;
  }
}
