import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, RowKind } from '../types/batch.ts';
import { JoinOutput } from './join-output.ts';
import { type PairCondition, PairFinder } from './join-pairs.ts';
import type { JoinRows } from './join-rows.ts';
import { JoinState, type JoinStateOptions } from './join-state.ts';
import type { Emit, Operator } from './operator.ts';

export interface SemiJoinProgram extends JoinStateOptions {
  /** Which left rows are told: those that meet a right row, those that meet none, all with a BOOLEAN that says it. */
  readonly answer: 'semi' | 'anti' | 'mark';
  readonly condition: PairCondition;
}

/**
 * The left rows that meet a right row, or none, or all with the answer, where a condition beyond the equality of keys
 * decides: for each left row is counted how many right rows it meets.
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
    const { answer } = this.#program;
    const output = new JoinOutput();
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kinds === undefined ? RowKind.insert : batch.kinds[row]!;
      const key = keys[row]!;
      if (isRetraction(kind) && key >= 0 && !own.has(row)) continue;
      const matches = this.#matches(slots, starts[row]!, starts[row + 1]!);
      if (input === 1) this.#count(slots, starts[row]!, starts[row + 1]!, isRetraction(kind), output);
      else if (answer === 'mark') output.add(row, matches > 0 ? 1 : 0, kind);
      else if (matches > 0 === (answer === 'semi')) output.add(row, -1, kind);
      if (key < 0) continue;
      if (isRetraction(kind)) own.remove(row);
      else this.state.note(input, own.add(row, key, matches));
    }
    const result = this.#take(output, batch, input);
    this.state.end(batch, input, keys);
    return result.length === 0 ? undefined : emit(result);
  }

  #take(output: JoinOutput, batch: RowBatch, input: number): RowBatch {
    const width = this.#program.inputs[0].types.length;
    const marked = this.#program.answer === 'mark';
    if (input === 0) return marked ? output.markedOwnRows(batch, width) : output.ownRows(batch, width);
    return marked ? output.markedOtherRows(this.#left, width) : output.otherRows(this.#left, width);
  }

  /** How many rows a left row meets. */
  #matches(slots: Int32Array, from: number, to: number): number {
    let matches = 0;
    for (let i = from; i < to; i++) matches += this.#right.countOf(slots[i]!);
    return matches;
  }

  /** A right row comes or goes: its left rows change where they meet the first or no more. */
  #count(slots: Int32Array, from: number, to: number, retraction: boolean, output: JoinOutput): void {
    const { answer } = this.#program;
    for (let i = from; i < to; i++) {
      const slot = slots[i]!;
      const before = this.#left.matches[slot]!;
      this.#left.matches[slot] = retraction ? before - 1 : before + 1;
      if (before === (retraction ? 1 : 0)) output.turn(slot, this.#left.countOf(slot), answer, !retraction);
    }
  }
}
