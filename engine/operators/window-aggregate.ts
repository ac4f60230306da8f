import { type Accumulators, isRetraction } from '../functions/aggregate.ts';
import type { RowBatch } from '../types/batch.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { filtered, type GroupAggregateProgram } from './group-aggregate.ts';
import { type Emit, MAX_WATERMARK, type Operator, type OperatorState, reopened } from './operator.ts';

export interface WindowAggregateProgram extends Omit<GroupAggregateProgram, 'before'> {
  /** Column of the window's last instant: it closes when event time gets there. */
  readonly time: number;
  /** Windows close by the clock, not by event time, and no row is late. */
  readonly processing: boolean;
  /** Told of the rows of a batch that are late. */
  late(batch: RowBatch, rows: Int32Array): void;
}

interface Image {
  readonly index: KeyIndexImage;
  readonly counts: Float64Array;
  readonly windows: ReadonlyMap<bigint, ReadonlySet<number>>;
  readonly watermark: bigint | undefined;
  readonly calls: readonly unknown[];
}

/**
 * A final row for each group of a window when the window closes. Rows of windows that are closed already are late and
 * left out. The window's bounds are among the keys.
 */
export class WindowAggregate implements Operator {
  readonly #program: WindowAggregateProgram;
  readonly #index: KeyIndex;
  readonly #accumulators: readonly Accumulators[];
  /** The groups of each open window, by its last instant. */
  #windows = new Map<bigint, Set<number>>();
  #counts = new Float64Array(0);
  #watermark: bigint | undefined;
  readonly tick?: (now: number, emit: Emit) => void | Promise<void>;

  constructor(program: WindowAggregateProgram) {
    this.#program = program;
    this.#index = new KeyIndex(
      program.keys.map((i) => program.types[i]!),
      { nulls: true },
    );
    this.#accumulators = program.calls.map(({ resolved }) => resolved.create(program.retracts));
    if (program.processing) this.tick = (now, emit) => this.#close(BigInt(now) * 1000n, emit);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => {
      const { limit } = this.#index;
      return {
        index: this.#index.snapshot(),
        counts: this.#counts.slice(0, limit),
        windows: new Map([...this.#windows].map(([time, groups]) => [time, new Set(groups)])),
        watermark: this.#watermark,
        calls: this.#accumulators.map((each) => each.snapshot(limit)),
      };
    },
    restore: (image) => {
      const { index, counts, windows, watermark, calls } = image as Image;
      this.#index.restore(index);
      this.#counts = counts.slice();
      this.#windows = new Map([...windows].map(([time, groups]) => [time, new Set(groups)]));
      this.#watermark = watermark;
      for (const [i, each] of this.#accumulators.entries()) each.restore(calls[i]);
    },
    reopen: () => {
      this.#watermark = reopened(this.#watermark);
    },
  };

  push(batch: RowBatch): void {
    const times = batch.columns[this.#program.time]!.values as BigInt64Array;
    const watermark = this.#program.processing ? undefined : this.#watermark;
    let late: Uint8Array | undefined;
    if (watermark !== undefined) {
      for (let row = 0; row < batch.length; row++) {
        if (times[row]! > watermark) continue;
        late ??= new Uint8Array(batch.length);
        late[row] = 1;
      }
    }
    if (late !== undefined)
      this.#program.late(
        batch,
        Int32Array.from(late.keys()).filter((row) => late[row] === 1),
      );
    const assigned = new Int32Array(batch.length);
    this.#index.assign(
      this.#program.keys.map((i) => batch.columns[i]!),
      batch.length,
      late,
      assigned,
    );
    this.#grow(this.#index.limit);
    const rows = new Int32Array(batch.length);
    const slots = new Int32Array(batch.length);
    let length = 0;
    for (let row = 0; row < batch.length; row++) {
      if (late?.[row] === 1) continue;
      const slot = assigned[row]!;
      if (this.#counts[slot] === 0) this.#open(times[row]!, slot);
      this.#counts[slot]! += batch.kinds !== undefined && isRetraction(batch.kinds[row]!) ? -1 : 1;
      rows[length] = row;
      slots[length++] = slot;
    }
    const kinds = batch.kinds === undefined ? {} : { kinds: batch.kinds };
    for (const [c, call] of this.#program.calls.entries()) {
      const columns = call.arguments.map((i) => batch.columns[i]!);
      const all = { columns, rows, slots, length, ...kinds };
      this.#accumulators[c]!.update(call.filter === undefined ? all : filtered(all, batch.columns[call.filter]!));
    }
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    if (this.#program.processing && watermark !== MAX_WATERMARK) return undefined;
    this.#watermark = watermark;
    return this.#close(watermark, emit);
  }

  #close(watermark: bigint, emit: Emit): void | Promise<void> {
    const due = [...this.#windows.keys()].filter((time) => time <= watermark).sort((a, b) => (a < b ? -1 : 1));
    if (due.length === 0) return undefined;
    const closed = due.flatMap((time) => [...this.#windows.get(time)!]);
    const slots = Int32Array.from(closed.filter((slot) => this.#counts[slot]! > 0));
    const columns = [
      ...this.#program.keys.map((_, i) => this.#index.gather(i, slots, slots.length)),
      ...this.#accumulators.map((each) => each.values(slots, slots.length)),
    ];
    for (const time of due) this.#windows.delete(time);
    for (const slot of closed) {
      for (const each of this.#accumulators) each.clear(slot);
      this.#counts[slot] = 0;
      this.#index.remove(slot);
    }
    return slots.length === 0 ? undefined : emit({ length: slots.length, columns });
  }

  #open(time: bigint, slot: number): void {
    const groups = this.#windows.get(time);
    if (groups === undefined) this.#windows.set(time, new Set([slot]));
    else groups.add(slot);
  }

  #grow(limit: number): void {
    if (limit <= this.#counts.length) return;
    const capacity = Math.max(limit, this.#counts.length * 2, 64);
    const counts = new Float64Array(capacity);
    counts.set(this.#counts);
    this.#counts = counts;
    for (const each of this.#accumulators) each.grow(capacity);
  }
}
