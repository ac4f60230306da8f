import { isRetraction } from '../functions/aggregate.ts';
import { type RowBatch, RowKind } from '../types/batch.ts';
import type { KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage, latest } from './ages.ts';
import { JoinKeys } from './join-keys.ts';
import { JoinOutput } from './join-output.ts';
import { type JoinInput, JoinRows, type JoinRowsImage, type SavedRows } from './join-rows.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { bytesOf, Spill, type Spillable, type SpillImage, type SpillOptions } from './spill.ts';

export interface KeySemiJoinProgram {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** Which left rows are told: those whose key is on the right, those whose key is not, all with a BOOLEAN that says it. */
  readonly answer: 'semi' | 'anti' | 'mark';
  /** As IN may be NULL, so NOT IN not TRUE: a NULL among the keys of either side meets every key of the other. */
  readonly nullMeets: boolean;
  /** As of a regular join; of the right, keys are forgotten. */
  readonly ttl?: number;
  /** Where the rows of keys go that memory has no room for; absent: nowhere. Where NULL meets all, all rows are asked for at once: absent there. */
  readonly spill?: SpillOptions;
}

interface Image {
  readonly keys: KeyIndexImage;
  readonly left: JoinRowsImage;
  readonly totals: Int32Array;
  readonly total: number;
  readonly nullKey: number;
  readonly ages: readonly AgesImage[] | undefined;
  readonly spilled?: SpillImage | undefined;
}

/** A key as it is kept outside of memory; `written`: when each left row and the key on the right were written last. */
interface SavedKey {
  readonly left: SavedRows;
  readonly total: number;
  readonly written?: readonly [Float64Array, number];
}

/** What indexes and chains take for each row or key, in bytes. */
const ROW_BYTES = 60;

/**
 * The left rows whose key is, or is not, among the keys of the right, or all with the answer. Of the right only the
 * number of rows of each key is remembered; what a batch of it does to a key is one change.
 */
export class KeySemiJoin implements Operator {
  readonly #program: KeySemiJoinProgram;
  readonly #keys: JoinKeys;
  readonly #left: JoinRows;
  /** Right rows by key, as they are and as they were before the current batch. */
  #totals = new Int32Array(64);
  #before = new Int32Array(64);
  /** Right rows of all keys. */
  #total = 0;
  /** The number of the key NULL, -1 where there is none. */
  #nullKey = -1;
  /** Of the left's rows, of the right's keys. */
  readonly #ages: readonly [Ages, Ages] | undefined;
  readonly #spill: Spill | undefined;
  readonly tick?: (now: number) => void;

  constructor(program: KeySemiJoinProgram) {
    this.#program = program;
    const [left] = program.inputs;
    this.#keys = new JoinKeys(left.keyTypes, { nulls: program.nullMeets });
    const forgets = program.ttl !== undefined || program.spill?.memory !== undefined;
    this.#left = new JoinRows({ ...left, counted: false, forgets });
    this.#ages = program.ttl === undefined ? undefined : [new Ages(program.ttl), new Ages(program.ttl)];
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(this.#ages!, now);
    const bytes = ROW_BYTES + bytesOf(left.types);
    this.#spill = program.spill && new Spill(program.spill, bytes, this.#keys.index, this.#spillable);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => {
      const { limit } = this.#keys;
      return {
        keys: this.#keys.snapshot(),
        left: this.#left.snapshot(limit),
        totals: this.#totals.slice(0, limit),
        total: this.#total,
        nullKey: this.#nullKey,
        ages: this.#ages?.map((each) => each.snapshot()),
        spilled: this.#spill?.snapshot(),
      };
    },
    restore: (image) => {
      const { keys, left, totals, total, nullKey, ages, spilled } = image as Image;
      this.#keys.restore(keys);
      this.#left.restore(left);
      this.#totals = totals.slice();
      this.#before = totals.slice();
      this.#total = total;
      this.#nullKey = nullKey;
      this.#ages?.[0].restore(ages?.[0], () => this.#left.live(this.#keys.limit));
      this.#ages?.[1].restore(ages?.[1], () => totals);
      this.#spill?.restore(spilled);
    },
  };

  readonly #spillable: Spillable = {
    save: (key): SavedKey => ({
      left: this.#left.save(key),
      total: this.#totals[key]!,
      ...(this.#ages && { written: [this.#ages[0].writtenOf(this.#left.slotsOf(key)), this.#ages[1].writtenAt(key)] }),
    }),
    load: (key, saved) => {
      const { left, total, written } = saved as SavedKey;
      const slots = this.#left.load(key, left);
      for (const slot of this.#ages?.[0].comeBack(slots, written?.[0]) ?? []) this.#left.forget(slot);
      const old = this.#ages?.[1].comeBack(Int32Array.of(key), written && Float64Array.of(written[1])) ?? [];
      this.#totals[key] = this.#before[key] = old.length > 0 ? 0 : total;
    },
    drop: (key) => {
      for (const slot of this.#left.slotsOf(key)) {
        this.#left.forget(slot);
        this.#ages?.[0].forget(slot);
      }
      this.#totals[key] = this.#before[key] = 0;
      this.#keys.remove(key);
    },
    until: (key) => {
      const rows = this.#left.slotsOf(key);
      const right = this.#totals[key]! > 0 ? [this.#ages?.[1].until([key])] : [];
      return latest(rows.length > 0 ? [this.#ages?.[0].until(rows), ...right] : right);
    },
    now: () => this.#ages?.[0].now ?? 0,
  };

  push(batch: RowBatch, input: number, emit: Emit): void | Promise<void> {
    const { keys: columns } = this.#program.inputs[input]!;
    const keys = this.#keys.of(batch, columns);
    this.#grow(this.#keys.limit);
    this.#spill?.touch(keys, batch.length);
    if (this.#program.nullMeets) this.#findNullKey(batch, columns, keys);
    const result = input === 0 ? this.#pushLeft(batch, keys) : this.#pushRight(batch, keys);
    this.#keys.release(
      keys,
      batch.length,
      (key) => {
        const used = this.#left.heads[key]! > 0 || this.#totals[key]! > 0;
        if (!used && key === this.#nullKey) this.#nullKey = -1;
        return used;
      },
      (key) => this.#spill?.forget(key),
    );
    this.#spill?.evict(Math.max(this.#left.size, this.#keys.index.count));
    return result.length === 0 ? undefined : emit(result);
  }

  #pushLeft(batch: RowBatch, keys: Int32Array): RowBatch {
    const left = this.#left;
    const { answer } = this.#program;
    const output = new JoinOutput();
    left.begin(batch, this.#keys.limit);
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kinds === undefined ? RowKind.insert : batch.kinds[row]!;
      const key = keys[row]!;
      if (isRetraction(kind) && key >= 0 && !left.has(row)) continue;
      const meets = this.#meets(key, this.#totals, this.#total);
      if (answer === 'mark') output.add(row, meets ? 1 : 0, kind);
      else if (meets === (answer === 'semi')) output.add(row, -1, kind);
      if (key < 0) continue;
      if (isRetraction(kind)) left.remove(row);
      else {
        const slot = left.add(row, key, 0);
        this.#ages?.[0].note(slot);
      }
    }
    const width = this.#program.inputs[0].types.length;
    const result = answer === 'mark' ? output.markedOwnRows(batch, width) : output.ownRows(batch, width);
    left.end(batch);
    return result;
  }

  #pushRight({ length, kinds }: RowBatch, keys: Int32Array): RowBatch {
    const left = this.#left;
    left.grow(this.#keys.limit);
    const totalBefore = this.#total;
    const nullsBefore = this.#nullKey < 0 ? 0 : this.#totals[this.#nullKey]!;
    const touched = new Set<number>();
    for (let row = 0; row < length; row++) {
      const key = keys[row]!;
      if (key < 0) continue;
      const step = kinds !== undefined && isRetraction(kinds[row]!) ? -1 : 1;
      if (step < 0 && this.#totals[key] === 0) continue;
      touched.add(key);
      this.#ages?.[1].note(key);
      this.#totals[key]! += step;
      this.#total += step;
    }
    const output = new JoinOutput();
    const nulls = this.#nullKey < 0 ? 0 : this.#totals[this.#nullKey]!;
    const turned = totalBefore > 0 !== this.#total > 0 || nullsBefore > 0 !== nulls > 0;
    if (this.#program.nullMeets && turned) {
      for (let key = 0; key < this.#keys.limit; key++) this.#turn(key, totalBefore, output);
    } else for (const key of touched) this.#turn(key, totalBefore, output);
    for (const key of touched) this.#before[key] = this.#totals[key]!;
    const width = this.#program.inputs[0].types.length;
    return this.#program.answer === 'mark' ? output.markedOtherRows(left, width) : output.otherRows(left, width);
  }

  /** Tells the rows of a key where a batch of the right decides otherwise on it. */
  #turn(key: number, totalBefore: number, output: JoinOutput): void {
    const left = this.#left;
    if (left.heads[key] === 0) return;
    const meets = this.#meets(key, this.#totals, this.#total);
    if (this.#meets(key, this.#before, totalBefore) === meets) return;
    for (let slot = left.heads[key]!; slot > 0; slot = left.next[slot - 1]!) {
      output.turn(slot - 1, left.countOf(slot - 1), this.#program.answer, meets);
    }
  }

  #meets(key: number, totals: Int32Array, total: number): boolean {
    if (!this.#program.nullMeets) return key >= 0 && totals[key]! > 0;
    if (total === 0) return false;
    const nulls = this.#nullKey < 0 ? 0 : totals[this.#nullKey]!;
    return key === this.#nullKey || nulls > 0 || totals[key]! > 0;
  }

  #forgetOld([rows, keys]: readonly [Ages, Ages], now: number): void {
    for (const slot of rows.expire(now)) this.#releaseKey(this.#left.forget(slot));
    for (const key of keys.expire(now)) {
      if (!(this.#totals[key]! > 0)) continue;
      this.#total -= this.#totals[key]!;
      this.#totals[key] = 0;
      this.#before[key] = 0;
      this.#releaseKey(key);
    }
  }

  #releaseKey(key: number): void {
    if (key < 0 || this.#left.heads[key]! > 0 || this.#totals[key]! > 0) return;
    if (key === this.#nullKey) this.#nullKey = -1;
    this.#spill?.forget(key);
    this.#keys.remove(key);
  }

  #findNullKey(batch: RowBatch, columns: readonly number[], keys: Int32Array): void {
    for (const index of columns) {
      const row = batch.columns[index]!.nulls?.indexOf(1) ?? -1;
      if (row >= 0 && row < batch.length) this.#nullKey = keys[row]!;
    }
  }

  #grow(limit: number): void {
    if (limit <= this.#totals.length) return;
    const totals = new Int32Array(limit * 2);
    totals.set(this.#totals);
    this.#totals = totals;
    const before = new Int32Array(limit * 2);
    before.set(this.#before);
    this.#before = before;
  }
}
