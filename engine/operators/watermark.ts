import type { Column, ColumnValues, RowBatch } from '../types/batch.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';

export interface WatermarkProgram {
  /** Column of the rowtime. The last column of the input is the watermark that each row allows; it is taken off. */
  readonly rowtime: number;
}

/** Rows of a source whose batches name no split. */
const ONE_SPLIT = '';

/**
 * Event time out of rows: the greatest watermark that a split's rows allow, the least over all splits seen. Rows that
 * may be late are told after that watermark, so a batch is cut where one stands (`rowtime ≤ watermark`) and before it
 * what came first is emitted and the watermark sent on: late is late however rows were batched, and where rows come in
 * order nothing is cut.
 */
export class WatermarkAssigner implements Operator {
  readonly #program: WatermarkProgram;
  readonly #advance: (watermark: bigint) => void | Promise<void>;
  #splits = new Map<string, bigint>();
  #sent: bigint | undefined;

  /** `advance` is told of event time, after the rows before it were emitted. */
  constructor(program: WatermarkProgram, advance: (watermark: bigint) => void | Promise<void>) {
    this.#program = program;
    this.#advance = advance;
  }

  readonly state: OperatorState = {
    snapshot: () => new Map(this.#splits),
    restore: (image) => {
      this.#splits = new Map(image as Map<string, bigint>);
    },
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const columns = batch.columns.slice(0, -1);
    const allowed = batch.columns.at(-1)!;
    const rowtime = batch.columns[this.#program.rowtime]!.values as BigInt64Array;
    const whole: RowBatch = { ...batch, columns };
    const steps: (() => void | Promise<void>)[] = [];
    let from = 0;
    let watermark = this.#least();
    const emitRows = (to: number) => {
      const part = from === 0 && to === batch.length ? whole : slice(whole, from, to);
      from = to;
      if (part.length > 0) steps.push(() => emit(part));
    };
    const send = () => {
      if (watermark === undefined || (this.#sent !== undefined && watermark <= this.#sent)) return;
      const now = watermark;
      this.#sent = now;
      steps.push(() => this.#advance(now));
    };
    let start = 0;
    for (const { split, end } of batch.splits ?? [{ split: ONE_SPLIT, end: batch.length }]) {
      let greatest = this.#splits.get(split);
      for (let row = start; row < end; row++) {
        if (watermark !== undefined && watermark !== this.#sent && rowtime[row]! <= watermark) {
          emitRows(row);
          send();
        }
        if (allowed.nulls?.[row] === 1) continue;
        const value = (allowed.values as BigInt64Array)[row]!;
        if (greatest !== undefined && value <= greatest) continue;
        greatest = value;
        this.#splits.set(split, value);
        watermark = this.#splits.size === 1 ? value : this.#least();
      }
      start = end;
    }
    emitRows(batch.length);
    send();
    return inOrder(steps);
  }

  /** The least over the splits. */
  #least(): bigint | undefined {
    let least: bigint | undefined;
    for (const each of this.#splits.values()) if (least === undefined || each < least) least = each;
    return least;
  }
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
