import { type Column, type RowBatch, RowKind } from '../types/batch.ts';
import { gather } from '../types/gather.ts';
import { gatherOptional, type JoinRows } from './join-rows.ts';

/** The rows that a batch of one input of a join gives: pairs of a row of it and of a remembered row of the other. */
export class JoinOutput {
  /** -1: NULLs. */
  rows = new Int32Array(256);
  slots = new Int32Array(256);
  kinds = new Uint8Array(256);
  length = 0;

  add(row: number, slot: number, kind: number): void {
    if (this.length === this.rows.length) this.#grow();
    this.rows[this.length] = row;
    this.slots[this.length] = slot;
    this.kinds[this.length++] = kind;
  }

  /** A remembered left row, `count` times, now meets a right one or meets none any more; what was told of it changes. */
  turn(slot: number, count: number, answer: 'semi' | 'anti' | 'mark', meets: boolean): void {
    for (let n = count; n > 0; n--) {
      if (answer === 'mark') {
        this.add(meets ? 0 : 1, slot, RowKind.updateBefore);
        this.add(meets ? 1 : 0, slot, RowKind.updateAfter);
      } else this.add(-1, slot, meets === (answer === 'semi') ? RowKind.insert : RowKind.delete);
    }
  }

  /** As columns; the left input's first. */
  take(batch: RowBatch, width: number, other: JoinRows, otherWidth: number, input: number): RowBatch {
    const { length, rows, slots } = this;
    const own = Array.from({ length: width }, (_, c) => gatherOptional(batch.columns[c]!, rows, length));
    const others = Array.from({ length: otherWidth }, (_, c) => other.column(c, slots, length));
    return withKinds(length, input === 0 ? [...own, ...others] : [...others, ...own], this.kinds);
  }

  /** The `rows` alone, of the first `width` columns. */
  ownRows(batch: RowBatch, width: number): RowBatch {
    const columns = batch.columns.slice(0, width).map((column) => gather(column, this.rows, this.length));
    return withKinds(this.length, columns, this.kinds);
  }

  /** The `rows` alone, as `ownRows`, with a BOOLEAN behind: whether their slot is 1. */
  markedOwnRows(batch: RowBatch, width: number): RowBatch {
    return withMarks(this.ownRows(batch, width), this.slots);
  }

  /** The `slots` alone, as `otherRows`, with a BOOLEAN behind: whether their row is 1. */
  markedOtherRows(other: JoinRows, width: number): RowBatch {
    return withMarks(this.otherRows(other, width), this.rows);
  }

  /** The `slots` alone. */
  otherRows(other: JoinRows, width: number): RowBatch {
    const columns = Array.from({ length: width }, (_, c) => other.column(c, this.slots, this.length));
    return withKinds(this.length, columns, this.kinds);
  }

  #grow(): void {
    const capacity = this.rows.length * 2;
    const rows = new Int32Array(capacity);
    rows.set(this.rows);
    this.rows = rows;
    const slots = new Int32Array(capacity);
    slots.set(this.slots);
    this.slots = slots;
    const kinds = new Uint8Array(capacity);
    kinds.set(this.kinds);
    this.kinds = kinds;
  }
}

function withMarks(batch: RowBatch, marks: Int32Array): RowBatch {
  return { ...batch, columns: [...batch.columns, { values: Uint8Array.from(marks.subarray(0, batch.length)) }] };
}

/** A batch that leaves its kinds out where all are inserts. */
export function withKinds(length: number, columns: readonly Column[], kinds: Uint8Array): RowBatch {
  for (let i = 0; i < length; i++) {
    if (kinds[i] !== RowKind.insert) return { length, columns, kinds: kinds.slice(0, length) };
  }
  return { length, columns };
}
