import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, RowKind } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import { JoinKeys } from './join-keys.ts';
import { JoinOutput } from './join-output.ts';
import { type PairCondition, PairFinder } from './join-pairs.ts';
import { type JoinInput, JoinRows, type JoinRowsImage, type SavedRows } from './join-rows.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { bytesOf, Spill, type Spillable, type SpillOptions } from './spill.ts';

export interface RegularJoinProgram {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** Whether the rows of an input that are in no pair are told, with NULLs for the other's columns. */
  readonly outer: readonly [boolean, boolean];
  readonly condition?: PairCondition;
  /** Milliseconds after which a row that was not written again is forgotten, without a word; absent: never. */
  readonly ttl?: number;
  /** Where the rows of keys go that memory has no room for; absent: nowhere. */
  readonly spill?: SpillOptions;
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly sides: readonly JoinRowsImage[];
  readonly ages: readonly AgesImage[] | undefined;
  readonly spilled?: number | undefined;
}

/** The rows of both inputs with one key, as they are kept outside of memory. */
interface SavedKey {
  readonly sides: readonly SavedRows[];
}

/** What indexes and chains take for each row, in bytes. */
const ROW_BYTES = 60;

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
  readonly #spill: Spill | undefined;
  readonly tick?: (now: number) => void;

  constructor(program: RegularJoinProgram) {
    this.#program = program;
    const [left, right] = program.inputs;
    this.#keys = new JoinKeys(left.keyTypes);
    // Rows that leave for the store leave their chains too.
    const forgets = program.ttl !== undefined || program.spill?.memory !== undefined;
    this.#sides = [new JoinRows({ ...left, forgets }), new JoinRows({ ...right, forgets })];
    this.#finder = new PairFinder(program.condition);
    this.#ages = program.ttl === undefined ? undefined : [new Ages(program.ttl), new Ages(program.ttl)];
    if (this.#ages !== undefined) this.tick = (now) => forgetOld(this.#ages!, this.#sides, this.#keys, now);
    // Rows that are forgotten one by one are not moved.
    if (program.spill !== undefined && program.ttl === undefined) {
      const bytes = ROW_BYTES + Math.max(bytesOf(left.types), bytesOf(right.types));
      this.#spill = new Spill(program.spill, bytes, this.#keys.index, this.#spillable);
    }
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      keys: this.#keys.snapshot(),
      sides: this.#sides.map((side) => side.snapshot(this.#keys.limit)),
      ages: this.#ages?.map((each) => each.snapshot()),
      spilled: this.#spill?.snapshot(),
    }),
    restore: (image) => {
      const { keys, sides, ages, spilled } = image as Image;
      this.#keys.restore(keys);
      for (const [i, side] of this.#sides.entries()) side.restore(sides[i]!);
      for (const [i, each] of this.#ages?.entries() ?? []) each.restore(ages![i]!);
      this.#spill?.restore(spilled);
    },
  };

  readonly #spillable: Spillable = {
    save: (key): SavedKey => ({ sides: this.#sides.map((side) => side.save(key)) }),
    load: (key, saved) => {
      for (const [i, side] of this.#sides.entries()) side.load(key, (saved as SavedKey).sides[i]!);
    },
    drop: (key) => {
      for (const side of this.#sides) for (const slot of side.slotsOf(key)) side.forget(slot);
      this.#keys.remove(key);
    },
  };

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const { inputs } = this.#program;
    const [own, other] = input === 0 ? this.#sides : [this.#sides[1], this.#sides[0]];
    const keys = this.#keys.of(batch, inputs[input]!.keys);
    this.#spill?.touch(keys, batch.length);
    own.begin(batch, this.#keys.limit);
    other.grow(this.#keys.limit);
    const output = this.#join(batch, input, keys, own, other);
    const width = inputs[input]!.types.length;
    const result = output.take(batch, width, other, inputs[1 - input]!.types.length, input);
    own.end(batch);
    this.#keys.release(
      keys,
      batch.length,
      (key) => own.heads[key]! > 0 || other.heads[key]! > 0,
      (key) => this.#spill?.forget(key),
    );
    this.#spill?.evict(own.size + other.size);
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
