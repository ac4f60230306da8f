import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, RowKind } from '../types/batch.ts';
import { JoinOutput } from './join-output.ts';
import { type PairCondition, PairFinder } from './join-pairs.ts';
import type { JoinRows } from './join-rows.ts';
import { JoinState, type JoinStateOptions } from './join-state.ts';
import type { Emit, Operator } from './operator.ts';

export interface SemiJoinProgram extends JoinStateOptions {
  /** Tell the rows that meet none. */
  readonly anti: boolean;
  readonly condition: PairCondition;
}

/**
 * The left rows that meet a right row, or none, where a condition beyond the equality of keys decides: for each left row
 * is counted how many right rows it meets.
 */
export class SemiJoin implements Operator {
  readonly #program: SemiJoinProgram;
  readonly state: JoinState;
  readonly tick?: (now: number) => void;
  readonly #left: JoinRows;
  readonly #right: JoinRows;
  readonly #finder: PairFinder;

  constructor(program: SemiJoinProgram) {
    this.#program = program;
    const [left, right] = program.inputs;
    const inputs = [
      { ...left, counted: true },
      { ...right, counted: false },
    ] as const;
    this.state = new JoinState({ ...program, inputs });
    if (this.state.tick !== undefined) this.tick = this.state.tick;
    [this.#left, this.#right] = this.state.sides;
    this.#finder = new PairFinder(program.condition);
  }

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const own = this.state.sides[input]!;
    const keys = this.state.begin(batch, input);
    const { starts, slots } = this.#finder.find(batch, input, keys, this.state.sides[1 - input]!);
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
      else this.state.note(input, own.add(row, key, matches));
    }
    const width = this.#program.inputs[0].types.length;
    const result = input === 0 ? output.ownRows(batch, width) : output.otherRows(this.#left, width);
    this.state.end(batch, input, keys);
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
