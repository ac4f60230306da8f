import { RunError } from '../connector/errors.ts';
import { SlotColumn } from '../functions/aggregates/slots.ts';
import { type Column, type ColumnValues, type RowBatch, RowKind } from '../types/batch.ts';
import { type } from '../types/data-type.ts';
import type { Emit, Operator, OperatorState, Port } from './operator.ts';

export interface WatermarkProgram {
  /** Column of the rowtime. The last column of the input is the watermark that each row allows; it is taken off. */
  readonly rowtime: number;
  /** Its name. */
  readonly name: string;
  /** Whether event time before a row becomes a column behind the others. */
  readonly current?: boolean;
  /** Event time is sent on before every row that comes after it moved: what is above may change rows that were there. */
  readonly eager?: boolean;
  /** Milliseconds without rows after which nobody waits for a split; absent: splits are waited for for ever. */
  readonly idleTimeout?: number;
}

const TIMESTAMP = type.timestamp(3);

/** Rows of a source whose batches name no split. */
const ONE_SPLIT = '';

/** A split's event time; undefined as long as it gave none. */
interface SplitTime {
  watermark: bigint | undefined;
  idle: boolean;
  /** When it gave rows last, ms since 1970. */
  active: number;
}

/**
 * Event time out of rows: the greatest watermark that a split's rows allow, the least over all splits that may give
 * rows and are not idle. Rows that may be late are told after that watermark, so a batch is cut where one stands
 * (`rowtime ≤ watermark`) and before it what came first is emitted and the watermark sent on: late is late however rows
 * were batched, and where rows come in order nothing is cut; where `eager` a batch is cut whenever event time moves.
 */
export class WatermarkAssigner implements Operator {
  readonly #program: WatermarkProgram;
  readonly #out: Pick<Port, 'advance' | 'idle'>;
  #splits = new Map<string, SplitTime>();
  #sent: bigint | undefined;
  #idle = false;
  #pushing = false;
  readonly tick?: (now: number) => void | Promise<void>;

  /** `out` is told of event time, after the rows before it were emitted. */
  constructor(program: WatermarkProgram, out: Pick<Port, 'advance' | 'idle'>) {
    this.#program = program;
    this.#out = out;
    const { idleTimeout } = program;
    if (idleTimeout !== undefined) this.tick = (now) => this.#restIdle(now - idleTimeout);
  }

  readonly state: OperatorState = {
    whole: true,
    snapshot: () => new Map([...this.#splits].map(([name, { watermark }]) => [name, watermark])),
    restore: (image) => {
      const watermarks = image as ReadonlyMap<string, bigint | undefined>;
      this.#splits = new Map([...watermarks].map(([name, watermark]) => [name, splitTime(watermark)]));
    },
  };

  /** The splits that may give rows from now on. */
  splits(names: readonly string[]): void | Promise<void> {
    for (const name of names) if (!this.#splits.has(name)) this.#splits.set(name, splitTime(undefined));
    if (this.#splits.size === names.length) return undefined;
    for (const name of this.#splits.keys()) if (!names.includes(name)) this.#splits.delete(name);
    return this.#send(this.#least());
  }

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const current = this.#program.current === true ? new SlotColumn(TIMESTAMP) : undefined;
    current?.grow(batch.length);
    const columns = batch.columns.slice(0, -1);
    if (current !== undefined) columns.push(current);
    const allowed = batch.columns.at(-1)!;
    const { eager = false } = this.#program;
    const rowtime = batch.columns[this.#program.rowtime]!.values as BigInt64Array;
    this.#refuseNulls(batch);
    const whole: RowBatch = { ...batch, columns };
    const steps: (() => void | Promise<void>)[] = [];
    let from = 0;
    let due: bigint | undefined;
    const emitRows = (to: number) => {
      const part = from === 0 && to === batch.length ? whole : slice(whole, from, to);
      from = to;
      if (part.length > 0) steps.push(() => emit(part));
    };
    const send = () => {
      if (due === undefined) return;
      const watermark = due;
      due = undefined;
      this.#sent = watermark;
      steps.push(() => this.#out.advance(watermark));
    };
    let start = 0;
    this.#idle = false;
    for (const { split, end } of batch.splits ?? [{ split: ONE_SPLIT, end: batch.length }]) {
      const time = this.#activate(split);
      due = this.#beyond(this.#least()) ?? due;
      for (let row = start; row < end; row++) {
        if (due !== undefined && (eager || rowtime[row]! <= due)) {
          emitRows(row);
          send();
        }
        const passed = due ?? this.#sent;
        if (current !== undefined && passed !== undefined) {
          (current.values as BigInt64Array)[row] = passed;
          current.nulls[row] = 0;
        }
        if (allowed.nulls?.[row] === 1) continue;
        const value = (allowed.values as BigInt64Array)[row]!;
        if (time.watermark !== undefined && value <= time.watermark) continue;
        time.watermark = value;
        due = this.#beyond(this.#splits.size === 1 ? value : this.#least()) ?? due;
      }
      start = end;
    }
    emitRows(batch.length);
    send();
    const done = inOrder(steps);
    return done === undefined || this.tick === undefined ? done : this.#waitedFor(done);
  }

  /** A row without a time has no place in event time: as in Flink it ends the job. Of a deletion the key may be all. */
  #refuseNulls({ columns, kinds, length }: RowBatch): void {
    const { rowtime, name } = this.#program;
    const nulls = columns[rowtime]!.nulls?.subarray(0, length);
    if (nulls?.some((isNull, row) => isNull === 1 && kinds?.[row] !== RowKind.delete) !== true) return;
    throw new RunError(
      'null-rowtime',
      `a row has NULL in '${name}', which is the time of rows: WATERMARK FOR ${name}`,
      {
        help: `declare it over a column that has a value for every row, such as t AS COALESCE(${name}, …)`,
      },
    );
  }

  #activate(split: string): SplitTime {
    let time = this.#splits.get(split);
    if (time === undefined) {
      time = splitTime(undefined);
      this.#splits.set(split, time);
    }
    time.idle = false;
    if (this.tick !== undefined) time.active = Date.now();
    return time;
  }

  /** The least over the splits that are waited for; undefined where one of them gave none yet. */
  #least(): bigint | undefined {
    let least: bigint | undefined;
    for (const { watermark, idle } of this.#splits.values()) {
      if (idle) continue;
      if (watermark === undefined) return undefined;
      if (least === undefined || watermark < least) least = watermark;
    }
    return least;
  }

  /** Undefined where event time would not move on. */
  #beyond(watermark: bigint | undefined): bigint | undefined {
    return this.#sent !== undefined && watermark !== undefined && watermark <= this.#sent ? undefined : watermark;
  }

  #send(least: bigint | undefined): void | Promise<void> {
    const watermark = this.#beyond(least);
    if (watermark === undefined) return undefined;
    this.#sent = watermark;
    return this.#out.advance(watermark);
  }

  /** Splits without rows since `before` are not waited for. */
  #restIdle(before: number): void | Promise<void> {
    // Whoever is held back by the rows' reader is not idle.
    if (this.#pushing || this.#idle) return undefined;
    // One after another, as they fell silent: how often the clock is looked at shall not matter.
    const silent = [...this.#splits.values()].filter(({ idle, active }) => !idle && active <= before);
    let due: bigint | undefined;
    for (const time of silent.sort((a, b) => a.active - b.active)) {
      time.idle = true;
      due = this.#beyond(this.#least()) ?? due;
    }
    this.#idle = this.#splits.size > 0 && [...this.#splits.values()].every(({ idle }) => idle);
    const sent = this.#send(due);
    if (!this.#idle) return sent;
    return sent === undefined ? this.#out.idle?.() : sent.then(() => this.#out.idle?.());
  }

  /** The time that rows wait for their reader is nobody's idleness. */
  async #waitedFor(done: Promise<void>): Promise<void> {
    const since = Date.now();
    this.#pushing = true;
    try {
      await done;
    } finally {
      this.#pushing = false;
      const waited = Date.now() - since;
      for (const time of this.#splits.values()) time.active += waited;
    }
  }
}

function splitTime(watermark: bigint | undefined): SplitTime {
  return { watermark, idle: false, active: Date.now() };
}

/** Runs steps one after another, awaiting only those that answer with a promise. */
function inOrder(steps: readonly (() => void | Promise<void>)[]): void | Promise<void> {
  for (const [i, step] of steps.entries()) {
    const done = step();
    if (done !== undefined) return done.then(() => inOrder(steps.slice(i + 1)));
  }
}

/** Rows `from` to `to` (exclusive); typed columns are shared. */
function slice(batch: RowBatch, from: number, to: number): RowBatch {
  const columns = batch.columns.map(
    ({ values, nulls }): Column => ({
      values: (Array.isArray(values) ? values.slice(from, to) : values.subarray(from, to)) as ColumnValues,
      ...(nulls === undefined ? {} : { nulls: nulls.subarray(from, to) }),
    }),
  );
  const length = to - from;
  return batch.kinds === undefined ? { length, columns } : { length, columns, kinds: batch.kinds.subarray(from, to) };
}
