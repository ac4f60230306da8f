import type { RowBatch } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage, latest } from './ages.ts';
import { JoinKeys } from './join-keys.ts';
import { type JoinInput, JoinRows, type JoinRowsImage, type SavedRows } from './join-rows.ts';
import type { OperatorState } from './operator.ts';
import { bytesOf, Spill, type Spillable, type SpillOptions } from './spill.ts';

export interface JoinStateOptions {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** Of each input: milliseconds after which a row that was not written again is forgotten, without a word; absent: never. */
  readonly ttl?: readonly [number | undefined, number | undefined];
  /** Where the rows of keys go that memory has no room for; absent: nowhere. */
  readonly spill?: SpillOptions;
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly sides: readonly JoinRowsImage[];
  readonly ages: readonly (AgesImage | undefined)[] | undefined;
  readonly spilled?: number | undefined;
}

/** The rows of both inputs with one key, as they are kept outside of memory. */
interface SavedKey {
  readonly sides: readonly SavedRows[];
  /** When each row was written last, where rows are forgotten after a while. */
  readonly written?: readonly (Float64Array | undefined)[];
}

/** What indexes and chains take for each row, in bytes. */
const ROW_BYTES = 60;

/** What a join remembers: the rows of both inputs, by key. */
export class JoinState implements OperatorState {
  readonly sides: readonly [JoinRows, JoinRows];
  readonly tick?: (now: number) => void;
  readonly #inputs: readonly [JoinInput, JoinInput];
  readonly #keys: JoinKeys;
  readonly #ages: readonly (Ages | undefined)[] | undefined;
  readonly #spill: Spill | undefined;

  constructor({ inputs, ttl, spill }: JoinStateOptions) {
    const [left, right] = inputs;
    this.#inputs = inputs;
    this.#keys = new JoinKeys(left.keyTypes);
    // Rows that leave for the store leave their chains too.
    const forgets = ttl !== undefined || spill?.memory !== undefined;
    this.sides = [new JoinRows({ ...left, forgets }), new JoinRows({ ...right, forgets })];
    this.#ages = ttl?.map((each) => (each === undefined ? undefined : new Ages(each)));
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(this.#ages!, now);
    const bytes = ROW_BYTES + Math.max(bytesOf(left.types), bytesOf(right.types));
    this.#spill = spill && new Spill(spill, bytes, this.#keys.index, this.#spillable);
  }

  snapshot(): Image {
    return {
      keys: this.#keys.snapshot(),
      sides: this.sides.map((side) => side.snapshot(this.#keys.limit)),
      ages: this.#ages?.map((each) => each?.snapshot()),
      spilled: this.#spill?.snapshot(),
    };
  }

  restore(image: unknown): void {
    const { keys, sides, ages, spilled } = image as Image;
    this.#keys.restore(keys);
    for (const [i, side] of this.sides.entries()) side.restore(sides[i]!);
    for (const [i, each] of this.#ages?.entries() ?? []) {
      each?.restore(ages?.[i], () => this.sides[i]!.live(this.#keys.limit));
    }
    this.#spill?.restore(spilled);
  }

  /** Makes ready for a batch of one input: the number of each row's key, -1 where it has none; valid until the next call. */
  begin(batch: RowBatch, input: number): Int32Array {
    const keys = this.#keys.of(batch, this.#inputs[input]!.keys);
    this.#spill?.touch(keys, batch.length);
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
      (key) => this.#spill?.forget(key),
    );
    this.#spill?.evict(this.sides[0].size + this.sides[1].size);
  }

  readonly #spillable: Spillable = {
    save: (key): SavedKey => ({
      sides: this.sides.map((side) => side.save(key)),
      ...(this.#ages && { written: this.#ages.map((ages, i) => ages?.writtenOf(this.sides[i]!.slotsOf(key))) }),
    }),
    load: (key, saved) => {
      const { sides, written } = saved as SavedKey;
      for (const [i, side] of this.sides.entries()) {
        const slots = side.load(key, sides[i]!);
        for (const slot of this.#ages?.[i]?.comeBack(slots, written?.[i]) ?? []) side.forget(slot);
      }
    },
    drop: (key) => {
      for (const side of this.sides) for (const slot of side.slotsOf(key)) side.forget(slot);
      this.#keys.remove(key);
    },
    until: (key) => {
      const ends = this.#ages?.map((ages, i) => ({ rows: this.sides[i]!.slotsOf(key), ages }));
      return latest(ends?.flatMap(({ ages, rows }) => (rows.length === 0 ? [] : [ages?.until(rows)])) ?? []);
    },
    now: () => this.#ages?.find((ages) => ages !== undefined)?.now ?? 0,
  };

  /** Rows that no one asks for are forgotten when they are brought back. */
  #forgetOld(ages: readonly (Ages | undefined)[], now: number): void {
    for (const [i, side] of this.sides.entries()) {
      const other = this.sides[1 - i]!;
      for (const slot of ages[i]?.expire(now) ?? []) {
        const key = side.forget(slot);
        if (key < 0 || side.heads[key]! > 0 || other.heads[key]! > 0) continue;
        this.#spill?.forget(key);
        this.#keys.remove(key);
      }
    }
  }
}
