import { SlotColumn, type SlotImage } from '../functions/aggregates/slots.ts';
import type { RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import { type Emit, type Operator, type OperatorState, reopened } from './operator.ts';
import { TimeQueue, type TimeQueueImage } from './time-queue.ts';

export interface FirstByTimeProgram {
  /** Of the input's columns. */
  readonly types: readonly DataType[];
  readonly partition: readonly number[];
  /** Column of the event time. */
  readonly time: number;
  /** Whether the rank, which is 1, is the last column of the output. */
  readonly numbered: boolean;
  /** Milliseconds after which a partition that was told and got no row since is forgotten: its next row is the first; absent: never. */
  readonly ttl?: number;
  /** Told of the rows of a batch that are late. */
  late(batch: RowBatch, rows: Int32Array): void;
}

interface Image {
  readonly index: KeyIndexImage;
  readonly columns: readonly SlotImage[];
  readonly stages: Uint8Array;
  readonly queue: TimeQueueImage;
  readonly watermark: bigint | undefined;
  readonly ages?: AgesImage | undefined;
}

const WAITING = 1;
const TOLD = 2;

/**
 * The first row by event time of each partition, told once event time has passed it: an earlier one may come before
 * that. Late rows, and all rows of a partition that was told, are left out.
 */
export class FirstByTime implements Operator {
  readonly #program: FirstByTimeProgram;
  readonly #index: KeyIndex;
  readonly #columns: readonly SlotColumn[];
  readonly #queue = new TimeQueue();
  #stages = new Uint8Array(0);
  #watermark: bigint | undefined;
  readonly #ages: Ages | undefined;
  readonly tick?: (now: number) => void;

  constructor(program: FirstByTimeProgram) {
    const { types, partition } = program;
    this.#program = program;
    this.#index = new KeyIndex(
      partition.map((i) => types[i]!),
      { nulls: true },
    );
    this.#columns = types.map((t) => new SlotColumn(t));
    this.#ages = program.ttl === undefined ? undefined : new Ages(program.ttl);
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(this.#ages!, now);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      index: this.#index.snapshot(),
      columns: this.#columns.map((each) => each.snapshot(this.#index.limit)),
      stages: this.#stages.slice(0, this.#index.limit),
      queue: this.#queue.snapshot(),
      watermark: this.#watermark,
      ages: this.#ages?.snapshot(),
    }),
    restore: (image) => {
      const { index, columns, stages, queue, watermark, ages } = image as Image;
      this.#index.restore(index);
      for (const [i, each] of this.#columns.entries()) each.restore(columns[i]!);
      this.#stages = stages.slice();
      this.#queue.restore(queue);
      this.#watermark = watermark;
      this.#ages?.restore(ages, () => this.#stages);
    },
    reopen: () => {
      this.#watermark = reopened(this.#watermark);
    },
  };

  push(batch: RowBatch): void {
    const { partition, time } = this.#program;
    const times = batch.columns[time]!.values as BigInt64Array;
    const late = this.#lateRows(batch, times);
    const slots = new Int32Array(batch.length);
    this.#index.assign(
      partition.map((i) => batch.columns[i]!),
      batch.length,
      late,
      slots,
    );
    this.#grow(this.#index.limit);
    const best = new Map<number, number>();
    const known = this.#columns[time]!.values as BigInt64Array;
    for (let row = 0; row < batch.length; row++) {
      if (late?.[row] === 1) continue;
      const slot = slots[row]!;
      this.#ages?.note(slot);
      const stage = this.#stages[slot]!;
      if (stage === TOLD) continue;
      const other = best.get(slot);
      const earliest = other !== undefined ? times[other]! : stage === WAITING ? known[slot]! : undefined;
      if (earliest === undefined || times[row]! < earliest) best.set(slot, row);
    }
    const changed = Int32Array.from(best.keys());
    const rows = Int32Array.from(best.values());
    for (const [c, each] of this.#columns.entries()) each.scatter(changed, rows, rows.length, batch.columns[c]!);
    for (const [slot, row] of best) {
      this.#stages[slot] = WAITING;
      this.#queue.add(Number(times[row]!), slot);
    }
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    this.#watermark = watermark;
    const found: number[] = [];
    const times = this.#columns[this.#program.time]!.values as BigInt64Array;
    for (;;) {
      const slot = this.#queue.takeBefore(Number(watermark) + 1);
      if (slot === undefined) break;
      // Of a row that made room for an earlier one the queue still knows the time.
      if (this.#stages[slot] !== WAITING || times[slot]! > watermark) continue;
      this.#stages[slot] = TOLD;
      found.push(slot);
    }
    if (found.length === 0) return undefined;
    const slots = Int32Array.from(found);
    const columns = this.#columns.map((each) => each.gather(slots, slots.length));
    if (this.#program.numbered) columns.push({ values: new BigInt64Array(slots.length).fill(1n) });
    for (const slot of found) for (const each of this.#columns) each.clear(slot);
    return emit({ length: slots.length, columns });
  }

  /** What waits is told yet. */
  #forgetOld(ages: Ages, now: number): void {
    for (const slot of ages.expire(now)) {
      if (this.#stages[slot] === WAITING) ages.note(slot);
      else if (this.#stages[slot] === TOLD) {
        this.#stages[slot] = 0;
        this.#index.remove(slot);
      }
    }
  }

  /** 1 for each row that event time has passed, reported; one at the very time is told with the next event time. */
  #lateRows(batch: RowBatch, times: BigInt64Array): Uint8Array | undefined {
    const watermark = this.#watermark;
    if (watermark === undefined) return undefined;
    const late: number[] = [];
    for (let row = 0; row < batch.length; row++) if (times[row]! < watermark) late.push(row);
    if (late.length === 0) return undefined;
    this.#program.late(batch, Int32Array.from(late));
    const skip = new Uint8Array(batch.length);
    for (const row of late) skip[row] = 1;
    return skip;
  }

  #grow(limit: number): void {
    if (limit <= this.#stages.length) return;
    const stages = new Uint8Array(Math.max(limit, this.#stages.length * 2, 64));
    stages.set(this.#stages);
    this.#stages = stages;
    for (const each of this.#columns) each.grow(stages.length);
  }
}
