import type { RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { localOfInstant, type TimeZone } from '../types/time-zone.ts';
import { type Emit, MAX_WATERMARK, type Operator, type OperatorState, reopened } from './operator.ts';
import { RowStore, type RowStoreImage } from './row-store.ts';
import { MILLISECOND } from './window-rows.ts';

export interface SessionWindowsProgram {
  /** Of the input's columns. */
  readonly types: readonly DataType[];
  readonly keys: readonly number[];
  /** Column of the rows' time, in microseconds. */
  readonly time: number;
  /** Microseconds. */
  readonly gap: bigint;
  /** Of TIMESTAMP_LTZ: bounds are told by its clock. Absent for TIMESTAMP. */
  readonly zone?: TimeZone;
  /** Sessions end by the clock, not by event time. */
  readonly processing: boolean;
  /** Told of the rows of a batch that are late. */
  late(batch: RowBatch, rows: Int32Array): void;
}

/** A session of one key: from its first row to a gap after its last. */
interface Session {
  readonly key: number;
  start: bigint;
  end: bigint;
  readonly rows: number[];
}

interface Image {
  readonly index: KeyIndexImage;
  readonly sessions: readonly Session[];
  readonly rows: RowStoreImage;
  readonly watermark: bigint | undefined;
}

const SECOND = 1_000_000n;

/**
 * Keeps rows until their session ends, and emits them with its start, its end and its last instant behind the columns.
 * A row that joins two sessions makes them one; rows a gap apart are of one session, as in Flink. A row is late where
 * the session that it makes or joins would be over.
 */
export class SessionWindows implements Operator {
  readonly #program: SessionWindowsProgram;
  readonly #index: KeyIndex;
  readonly #rows: RowStore;
  /** The open sessions of each key by their starts. */
  readonly #sessions = new Map<number, Session[]>();
  #watermark: bigint | undefined;
  /** No session ends before. */
  #earliest: bigint | undefined;
  readonly tick?: (now: number, emit: Emit) => void | Promise<void>;

  constructor(program: SessionWindowsProgram) {
    this.#program = program;
    const keyTypes = program.keys.map((i) => program.types[i]!);
    this.#index = new KeyIndex(keyTypes, { nulls: true });
    this.#rows = new RowStore(program.types);
    if (program.processing) this.tick = (now, emit) => this.#close(BigInt(now) * MILLISECOND, emit);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      index: this.#index.snapshot(),
      sessions: [...this.#sessions.values()].flat().map((each) => ({ ...each, rows: [...each.rows] })),
      rows: this.#rows.snapshot(),
      watermark: this.#watermark,
    }),
    restore: (image) => {
      const { index, sessions, rows, watermark } = image as Image;
      this.#index.restore(index);
      this.#rows.restore(rows);
      this.#watermark = watermark;
      for (const each of sessions) this.#open({ ...each, rows: [...each.rows] });
    },
    reopen: () => {
      this.#watermark = reopened(this.#watermark);
    },
  };

  push(batch: RowBatch): void {
    const { keys, time, gap, processing } = this.#program;
    const times = batch.columns[time]!.values as BigInt64Array;
    const assigned = new Int32Array(batch.length);
    this.#index.assign(
      keys.map((i) => batch.columns[i]!),
      batch.length,
      undefined,
      assigned,
    );
    const slots = this.#rows.add(batch, Int32Array.from(assigned.keys()));
    const late: number[] = [];
    for (let row = 0; row < batch.length; row++) {
      const key = assigned[row]!;
      const start = times[row]!;
      const end = start + gap;
      const sessions = this.#of(key);
      const met = sessions.filter((each) => each.start <= end && start <= each.end);
      const last = met.reduce((latest, each) => (each.end > latest ? each.end : latest), end);
      if (!processing && this.#watermark !== undefined && last - MILLISECOND <= this.#watermark) {
        late.push(row);
        this.#rows.remove([slots[row]!]);
        continue;
      }
      const [first, ...others] = met;
      if (first === undefined) {
        this.#open({ key, start, end, rows: [slots[row]!] });
        continue;
      }
      first.start = met.reduce((least, each) => (each.start < least ? each.start : least), start);
      first.end = last;
      first.rows.push(...others.flatMap((each) => each.rows), slots[row]!);
      for (const each of others) sessions.splice(sessions.indexOf(each), 1);
    }
    if (late.length === 0) return;
    for (const key of new Set(late.map((row) => assigned[row]!))) if (this.#of(key).length === 0) this.#forget(key);
    this.#program.late(batch, Int32Array.from(late));
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    if (this.#program.processing && watermark !== MAX_WATERMARK) return undefined;
    return this.#close(watermark, emit);
  }

  #close(now: bigint, emit: Emit): void | Promise<void> {
    this.#watermark = now;
    if (this.#earliest === undefined || this.#earliest - MILLISECOND > now) return undefined;
    this.#earliest = undefined;
    const due: Session[] = [];
    for (const [key, sessions] of this.#sessions) {
      const open = sessions.filter((each) => each.end - MILLISECOND > now);
      for (const { end } of open) this.#expect(end);
      if (open.length === sessions.length) continue;
      due.push(...sessions.filter((each) => !open.includes(each)));
      if (open.length === 0) this.#forget(key);
      else this.#sessions.set(key, open);
    }
    if (due.length === 0) return undefined;
    due.sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
    const slots = Int32Array.from(due.flatMap((each) => each.rows));
    const columns = [...this.#rows.gather(slots), ...this.#bounds(due, slots.length)];
    this.#rows.remove(slots);
    return emit({ length: slots.length, columns });
  }

  #bounds(sessions: readonly Session[], length: number) {
    const { zone } = this.#program;
    const bounds = [new BigInt64Array(length), new BigInt64Array(length), new BigInt64Array(length)] as const;
    const local = (instant: bigint) => (zone === undefined ? instant : localOfInstant(zone, instant, SECOND));
    let at = 0;
    for (const { start, end, rows } of sessions) {
      const to = at + rows.length;
      bounds[0].fill(local(start), at, to);
      bounds[1].fill(local(end), at, to);
      bounds[2].fill(end - MILLISECOND, at, to);
      at = to;
    }
    return bounds.map((values) => ({ values }));
  }

  #open(session: Session): void {
    this.#of(session.key).push(session);
    this.#expect(session.end);
  }

  #expect(end: bigint): void {
    if (this.#earliest === undefined || end < this.#earliest) this.#earliest = end;
  }

  #of(key: number): Session[] {
    let sessions = this.#sessions.get(key);
    if (sessions === undefined) {
      sessions = [];
      this.#sessions.set(key, sessions);
    }
    return sessions;
  }

  #forget(key: number): void {
    this.#sessions.delete(key);
    this.#index.remove(key);
  }
}
