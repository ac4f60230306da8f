import { isRetraction } from '../functions/aggregate.ts';
import { type SavedSlot, SlotColumn, type SlotImage } from '../functions/aggregates/slots.ts';
import { equalValues, hasIdentity } from '../functions/compare-values.ts';
import { type Column, type RowBatch, RowKind, valueAt } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { bytesOf, Spill, type Spillable, type SpillImage, type SpillOptions } from './spill.ts';

export interface NormalizeProgram {
  /** Of the columns. */
  readonly types: readonly DataType[];
  /** The columns that name a row: all that is known of a deletion. */
  readonly keys: readonly number[];
  /** Whether what reads this needs -U rows. */
  readonly before: boolean;
  /** Milliseconds after which a row that was not written is forgotten, without a word; absent: never. */
  readonly ttl?: number;
  /** Where rows go that memory has no room for; absent: nowhere. */
  readonly spill?: SpillOptions;
}

interface Image {
  readonly index: KeyIndexImage;
  readonly columns: readonly SlotImage[];
  readonly present: Uint8Array;
  readonly ages?: AgesImage | undefined;
  readonly spilled?: SpillImage | undefined;
}

/** The row of a key as it is kept outside of memory; `written`: when last, where rows are forgotten after a while. */
type SavedRow = readonly [values: readonly SavedSlot[], written?: number];

/** What the index takes for each key, in bytes. */
const KEY_BYTES = 40;

/**
 * Remembers the last row of each key and tells how it changes: a row of a new key is inserted, another one for a known
 * key updates it, the same one again says nothing; a deletion takes the whole row back, and says nothing where there is
 * none. Each row is told by itself, so that the splits of the source are still known behind.
 */
export class Normalize implements Operator {
  readonly #program: NormalizeProgram;
  readonly #index: KeyIndex;
  readonly #columns: readonly SlotColumn[];
  readonly #ages: Ages | undefined;
  readonly #spill: Spill | undefined;
  readonly tick?: NonNullable<Operator['tick']>;
  /** By the number of a key, 1: it has a row. */
  #present = new Uint8Array(0);

  constructor(program: NormalizeProgram) {
    const { types, keys, ttl } = program;
    this.#program = program;
    this.#index = new KeyIndex(
      keys.map((i) => types[i]!),
      { nulls: true },
    );
    this.#columns = types.map((t) => new SlotColumn(t));
    this.#ages = ttl === undefined ? undefined : new Ages(ttl);
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(now);
    const bytes = KEY_BYTES + bytesOf(types) + bytesOf(keys.map((i) => types[i]!));
    this.#spill = program.spill && new Spill(program.spill, bytes, this.#index, this.#spillable);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      index: this.#index.snapshot(),
      columns: this.#columns.map((column) => column.snapshot(this.#index.limit)),
      present: this.#present.slice(0, this.#index.limit),
      ages: this.#ages?.snapshot(),
      spilled: this.#spill?.snapshot(),
    }),
    restore: (image) => {
      const { index, columns, present, ages, spilled } = image as Image;
      this.#index.restore(index);
      for (const [c, column] of this.#columns.entries()) column.restore(columns[c]!);
      this.#present = present.slice();
      this.#ages?.restore(ages, () => present);
      this.#spill?.restore(spilled);
    },
  };

  readonly #spillable: Spillable = {
    save: (slot): SavedRow => {
      const values = this.#columns.map((column) => column.save(slot));
      return this.#ages === undefined ? [values] : [values, this.#ages.writtenAt(slot)];
    },
    load: (slot, saved) => {
      const [values, written] = saved as SavedRow;
      if (written !== undefined && this.#ages?.isOld(written) === true) return;
      for (const [c, column] of this.#columns.entries()) column.load(slot, values[c]!);
      this.#present[slot] = 1;
      if (written === undefined) this.#ages?.note(slot);
      else this.#ages?.noteAt(slot, written);
    },
    drop: (slot) => {
      this.#present[slot] = 0;
      this.#drop(slot);
    },
    until: (slot) => this.#ages?.until([slot]),
    now: () => this.#ages?.now ?? 0,
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const { keys, before } = this.#program;
    const { length, kinds } = batch;
    const slots = new Int32Array(length);
    this.#index.assign(
      keys.map((i) => batch.columns[i]!),
      length,
      undefined,
      slots,
    );
    this.#grow(this.#index.limit);
    this.#spill?.touch(slots, length);
    // Where the row of a key is meanwhile: a row of this batch, or absent: where it was before.
    const changed = new Map<number, number | undefined>();
    const output = new Changes();
    let ends: { readonly split: string; readonly end: number }[] | undefined;
    if (batch.splits !== undefined) ends = [];
    let split = 0;
    for (let row = 0; row < length; row++) {
      while (ends !== undefined && batch.splits![split]!.end <= row) {
        ends.push({ split: batch.splits![split++]!.split, end: output.length });
      }
      const slot = slots[row]!;
      const known = this.#present[slot] === 1;
      const old = changed.get(slot);
      if (kinds !== undefined && isRetraction(kinds[row]!)) {
        if (known) output.add(old, slot, RowKind.delete);
        this.#present[slot] = 0;
        changed.set(slot, undefined);
        continue;
      }
      this.#ages?.note(slot);
      if (known && this.#ages === undefined && this.#same(batch, row, old, slot)) continue;
      if (known && before) output.add(old, slot, RowKind.updateBefore);
      output.add(row, slot, known ? RowKind.updateAfter : RowKind.insert);
      this.#present[slot] = 1;
      changed.set(slot, row);
    }
    while (ends !== undefined && split < batch.splits!.length) {
      ends.push({ split: batch.splits![split++]!.split, end: output.length });
    }
    const result = output.take(batch, this.#columns, this.#program.types);
    this.#keep(batch, changed);
    this.#spill?.evict(this.#index.count);
    if (result.length === 0) return undefined;
    return emit(ends === undefined ? result : { ...result, splits: ends });
  }

  /** Takes the last rows of the keys over, and forgets the keys that have none any more. */
  #keep(batch: RowBatch, changed: ReadonlyMap<number, number | undefined>): void {
    const kept = [...changed].filter(([slot]) => this.#present[slot] === 1);
    const slots = Int32Array.from(kept, ([slot]) => slot);
    const rows = Int32Array.from(kept, ([, row]) => row!);
    for (const [c, column] of this.#columns.entries()) column.scatter(slots, rows, kept.length, batch.columns[c]!);
    for (const slot of changed.keys()) if (this.#present[slot] !== 1) this.#forget(slot);
  }

  #forgetOld(now: number): void {
    for (const slot of this.#ages!.expire(now)) {
      if (this.#present[slot] !== 1) continue;
      this.#present[slot] = 0;
      this.#forget(slot);
    }
  }

  #forget(slot: number): void {
    this.#spill?.forget(slot);
    this.#drop(slot);
  }

  #drop(slot: number): void {
    for (const column of this.#columns) column.clear(slot);
    this.#index.remove(slot);
  }

  #grow(limit: number): void {
    if (limit <= this.#present.length) return;
    const capacity = Math.max(64, limit, this.#present.length * 2);
    const present = new Uint8Array(capacity);
    present.set(this.#present);
    this.#present = present;
    for (const column of this.#columns) column.grow(capacity);
  }

  /** Whether a row equals the last one of its key: that of row `old` of the batch, else the one that is kept. */
  #same({ columns }: RowBatch, row: number, old: number | undefined, slot: number): boolean {
    const { types } = this.#program;
    for (let c = 0; c < types.length; c++) {
      const last: Column = old === undefined ? this.#columns[c]! : columns[c]!;
      if (!equalAt(types[c]!, columns[c]!, row, last, old ?? slot)) return false;
    }
    return true;
  }
}

function equalAt(t: DataType, a: Column, i: number, b: Column, j: number): boolean {
  if (hasIdentity(t) && a.nulls === undefined && b.nulls === undefined) return a.values[i] === b.values[j];
  return equalValues(t, valueAt(t, a, i), valueAt(t, b, j));
}

/** Rows to emit: each is a row of the batch, or one that is kept. */
class Changes {
  /** Rows of the batch, or the complement of the number of a key. */
  readonly #from: number[] = [];
  readonly #kinds: number[] = [];

  get length(): number {
    return this.#from.length;
  }

  add(row: number | undefined, slot: number, kind: number): void {
    this.#from.push(row ?? ~slot);
    this.#kinds.push(kind);
  }

  take(batch: RowBatch, kept: readonly SlotColumn[], types: readonly DataType[]): RowBatch {
    const from = this.#from;
    const { length } = from;
    // What comes of the batch and stays in its order needs no copy.
    const whole = length === batch.length && from.every((row, i) => row === i);
    const columns = whole ? batch.columns : types.map((t, c) => mixed(t, from, batch.columns[c]!, kept[c]!));
    const plain = this.#kinds.every((kind) => kind === RowKind.insert);
    return plain ? { length, columns } : { length, columns, kinds: Uint8Array.from(this.#kinds) };
  }
}

function mixed(t: DataType, from: readonly number[], batch: Column, kept: SlotColumn): Column {
  const result = new SlotColumn(t);
  result.grow(from.length);
  const rows = from.flatMap((row, i) => (row >= 0 ? [i] : []));
  const others = from.flatMap((row, i) => (row < 0 ? [i] : []));
  result.scatter(
    Int32Array.from(rows),
    Int32Array.from(rows, (i) => from[i]!),
    rows.length,
    batch,
  );
  result.scatter(
    Int32Array.from(others),
    Int32Array.from(others, (i) => ~from[i]!),
    others.length,
    kept,
  );
  return result.nulls.includes(1) ? { values: result.values, nulls: result.nulls } : { values: result.values };
}
