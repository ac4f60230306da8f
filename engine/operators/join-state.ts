import type { RowBatch } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import { JoinKeys } from './join-keys.ts';
import { type JoinInput, JoinRows, type JoinRowsImage, type SavedRows } from './join-rows.ts';
import type { OperatorState } from './operator.ts';
import { bytesOf, Spill, type Spillable, type SpillImage, type SpillOptions } from './spill.ts';

export interface JoinStateOptions {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** Of each input: milliseconds after which a row that was not written again is forgotten, without a word; absent: never. */
  readonly ttl?: readonly [number | undefined, number | undefined];
  /** Where the rows of each input go that memory has no room for, with the room for both; absent: nowhere. */
  readonly spill?: readonly [SpillOptions, SpillOptions];
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly sides: readonly JoinRowsImage[];
  readonly ages: readonly (AgesImage | undefined)[] | undefined;
  readonly spilled?: readonly (SpillImage | undefined)[] | undefined;
}

/** Rows of an input with one key as they are kept outside of memory; `written`: when each was, where they are forgotten. */
type Saved = readonly [rows: SavedRows, written?: Float64Array];

/** What indexes and chains take for each row, in bytes. */
const ROW_BYTES = 60;

/** What a join remembers: the rows of both inputs, by key. */
export class JoinState implements OperatorState {
  readonly sides: readonly [JoinRows, JoinRows];
  readonly tick?: (now: number) => void;
  readonly #inputs: readonly [JoinInput, JoinInput];
  readonly #keys: JoinKeys;
  readonly #ages: readonly (Ages | undefined)[] | undefined;
  readonly #spills: readonly [Spill, Spill] | undefined;

  constructor({ inputs, ttl, spill }: JoinStateOptions) {
    const [left, right] = inputs;
    this.#inputs = inputs;
    this.#keys = new JoinKeys(left.keyTypes);
    // Rows that leave for the store leave their chains too.
    const forgets = ttl !== undefined || spill?.[0].memory !== undefined;
    this.sides = [new JoinRows({ ...left, forgets }), new JoinRows({ ...right, forgets })];
    this.#ages = ttl?.map((each) => (each === undefined ? undefined : new Ages(each)));
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(this.#ages!, now);
    const bytes = ROW_BYTES + Math.max(bytesOf(left.types), bytesOf(right.types));
    const spillOf = (i: 0 | 1) => new Spill(spill![i], bytes, this.#keys.index, this.#spillable(i));
    this.#spills = spill && [spillOf(0), spillOf(1)];
  }

  snapshot(): Image {
    return {
      keys: this.#keys.snapshot(),
      sides: this.sides.map((side) => side.snapshot(this.#keys.limit)),
      ages: this.#ages?.map((each) => each?.snapshot()),
      spilled: this.#spills?.map((each) => each.snapshot()),
    };
  }

  restore(image: unknown): void {
    const { keys, sides, ages, spilled } = image as Image;
    this.#keys.restore(keys);
    for (const [i, side] of this.sides.entries()) side.restore(sides[i]!);
    for (const [i, each] of this.#ages?.entries() ?? []) {
      each?.restore(ages?.[i], () => this.sides[i]!.live(this.#keys.limit));
    }
    for (const [i, each] of this.#spills?.entries() ?? []) each.restore(spilled?.[i]);
  }

  /** Makes ready for a batch of one input: the number of each row's key, -1 where it has none; valid until the next call. */
  begin(batch: RowBatch, input: number): Int32Array {
    const keys = this.#keys.of(batch, this.#inputs[input]!.keys);
    this.#spills?.[1 - input]?.touch(keys, batch.length);
    // Rows that are never taken back do not mind those that came before.
    if (this.#inputs[input]!.identity === undefined) this.#spills?.[input]?.add(keys, batch.length);
    else this.#spills?.[input]?.touch(keys, batch.length);
    this.sides[input]!.begin(batch, this.#keys.limit);
    this.sides[1 - input]!.grow(this.#keys.limit);
    return keys;
  }

  /** A row of an input was written. */
  note(input: number, slot: number): void {
    this.#ages?.[input]?.note(slot);
  }

  /** Ends a batch after its output was made: what is not used any more is forgotten. `keys`: as `begin` gave them. */
  end(batch: RowBatch, input: number, keys: Int32Array): void {
    this.sides[input]!.end(batch);
    this.#keys.release(
      keys,
      batch.length,
      (key) => this.sides.some(({ heads }) => heads[key]! > 0),
      (key) => this.#release(key),
    );
    if (this.#spills === undefined) return;
    const excess = this.#spills[0].excess(this.sides[0].size + this.sides[1].size);
    for (const spill of this.#spills) spill.move(excess);
  }

  /** Nothing is in memory of a key: its number may be given again. */
  #release(key: number): void {
    for (const spill of this.#spills ?? []) spill.release(key);
  }

  #spillable(i: 0 | 1): Spillable {
    const side = this.sides[i];
    const other = this.sides[1 - i]!;
    const ages = this.#ages?.[i];
    return {
      save: (key): Saved | undefined => {
        const slots = side.slotsOf(key);
        if (slots.length === 0) return undefined;
        return ages === undefined ? [side.save(key)] : [side.save(key), ages.writtenOf(slots)];
      },
      load: (key, saved) => {
        const [rows, written] = saved as Saved;
        const slots = side.load(key, rows);
        for (const slot of ages?.comeBack(slots, written) ?? []) side.forget(slot);
      },
      drop: (key) => {
        for (const slot of side.slotsOf(key)) {
          side.forget(slot);
          ages?.forget(slot);
        }
        if (other.heads[key]! > 0) return;
        this.#release(key);
        this.#keys.remove(key);
      },
      until: (key) => ages?.until(side.slotsOf(key)),
      now: () => ages?.now ?? 0,
    };
  }

  /** Rows that no one asks for are forgotten when they are brought back. */
  #forgetOld(ages: readonly (Ages | undefined)[], now: number): void {
    for (const [i, side] of this.sides.entries()) {
      const other = this.sides[1 - i]!;
      for (const slot of ages[i]?.expire(now) ?? []) {
        const key = side.forget(slot);
        if (key < 0 || side.heads[key]! > 0 || other.heads[key]! > 0) continue;
        // What is on disk of this side is older still.
        this.#spills?.[i]?.forget(key);
        this.#release(key);
        this.#keys.remove(key);
      }
    }
  }
}
