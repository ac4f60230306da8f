import type { Column, RowBatch } from '../types/batch.ts';
import { gather, gatherBytes } from '../types/gather.ts';
import { lastInstantOfLocal, localOfInstant, type TimeZone } from '../types/time-zone.ts';

/** Windows whose bounds do not depend on rows; lengths in microseconds. */
export type AlignedWindow =
  | { readonly kind: 'tumble'; readonly size: bigint; readonly offset: bigint }
  | { readonly kind: 'hop'; readonly slide: bigint; readonly size: bigint; readonly offset: bigint }
  | { readonly kind: 'cumulate'; readonly step: bigint; readonly size: bigint; readonly offset: bigint };

export interface WindowRowsProgram {
  /** Column of the rows' time, in microseconds. */
  readonly time: number;
  readonly window: AlignedWindow;
  /** Of TIMESTAMP_LTZ: windows begin by its clock. Absent for TIMESTAMP. */
  readonly zone?: TimeZone;
}

/** The last instant of a window is a millisecond before its end. */
export const MILLISECOND = 1000n;
const SECOND = 1_000_000n;

/** Each row once for each window that it is in, with its start, its end and its last instant behind the columns. */
export function windowRows({ time, window, zone }: WindowRowsProgram): (batch: RowBatch) => RowBatch {
  return (batch) => {
    const times = batch.columns[time]!.values as BigInt64Array;
    const bounds = new Bounds(window.kind === 'tumble' ? batch.length : batch.length * 2);
    for (let row = 0; row < batch.length; row++) {
      const instant = times[row]!;
      addWindows(bounds, row, zone === undefined ? instant : localOfInstant(zone, instant, SECOND), window);
    }
    const { length, starts, ends, rows } = bounds;
    const once = window.kind === 'tumble';
    const columns = once ? batch.columns : batch.columns.map((column) => gather(column, rows, length));
    const kinds = batch.kinds === undefined || once ? batch.kinds : gatherBytes(batch.kinds, rows, length);
    const added: Column[] = [{ values: starts }, { values: ends }, { values: lastInstants(ends, length, zone) }];
    const all = { length, columns: [...columns, ...added] };
    return kinds === undefined ? all : { ...all, kinds };
  };
}

/** Windows as they are found, and the rows in them. */
class Bounds {
  starts: BigInt64Array;
  ends: BigInt64Array;
  rows: Int32Array;
  length = 0;

  constructor(capacity: number) {
    this.starts = new BigInt64Array(capacity);
    this.ends = new BigInt64Array(capacity);
    this.rows = new Int32Array(capacity);
  }

  add(row: number, start: bigint, end: bigint): void {
    if (this.length === this.rows.length) this.#grow();
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.rows[this.length++] = row;
  }

  #grow(): void {
    const { starts, ends, rows } = this;
    const capacity = Math.max(64, rows.length * 2);
    this.starts = new BigInt64Array(capacity);
    this.starts.set(starts);
    this.ends = new BigInt64Array(capacity);
    this.ends.set(ends);
    this.rows = new Int32Array(capacity);
    this.rows.set(rows);
  }
}

function addWindows(bounds: Bounds, row: number, local: bigint, window: AlignedWindow): void {
  switch (window.kind) {
    case 'tumble': {
      const start = startOf(local, window.offset, window.size);
      bounds.add(row, start, start + window.size);
      return;
    }
    case 'hop': {
      const earliest = local - window.size;
      for (let start = startOf(local, window.offset, window.slide); start > earliest; start -= window.slide) {
        bounds.add(row, start, start + window.size);
      }
      return;
    }
    case 'cumulate': {
      const start = startOf(local, window.offset, window.size);
      const last = start + window.size;
      for (let end = startOf(local, start, window.step) + window.step; end <= last; end += window.step) {
        bounds.add(row, start, end);
      }
    }
  }
}

/** The last of the times offset, offset + size, offset + 2 size … that is not after `local`. */
export function startOf(local: bigint, offset: bigint, size: bigint): bigint {
  const rest = (local - offset) % size;
  return local - (rest < 0n ? rest + size : rest);
}

function lastInstants(ends: BigInt64Array, length: number, zone: TimeZone | undefined): BigInt64Array {
  const last = new BigInt64Array(length);
  for (let i = 0; i < length; i++) {
    last[i] = i > 0 && ends[i] === ends[i - 1] ? last[i - 1]! : lastInstant(ends[i]!, zone);
  }
  return last;
}

/** The last instant of a window with a local end; where clocks are set back the later one: rows come until then. */
export function lastInstant(end: bigint, zone: TimeZone | undefined): bigint {
  const last = end - MILLISECOND;
  return zone === undefined ? last : lastInstantOfLocal(zone, last, SECOND);
}
