import type { RowBatch } from '../types/batch.ts';
import { gather, gatherBytes } from '../types/gather.ts';
import { type Emit, type Operator, type OperatorState, reopened } from './operator.ts';

export interface DropLateProgram {
  /** Column of a row's time, in microseconds. */
  readonly time: number;
  /** A row is late when its time plus this is behind event time; microseconds. */
  readonly keep: bigint;
  /** Told of the rows of a batch that are late. */
  late(batch: RowBatch, rows: Int32Array): void;
}

/**
 * Leaves out rows of windows that event time has closed. For who has several inputs: the event time that counts is that of
 * the rows' own input, so that which rows are late does not depend on how far the others are.
 */
export class DropLate implements Operator {
  readonly #program: DropLateProgram;
  #watermark: bigint | undefined;

  constructor(program: DropLateProgram) {
    this.#program = program;
  }

  readonly state: OperatorState = {
    whole: true,
    snapshot: () => this.#watermark,
    restore: (image) => {
      this.#watermark = image as bigint | undefined;
    },
    reopen: () => {
      this.#watermark = reopened(this.#watermark);
    },
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const { time, keep } = this.#program;
    const watermark = this.#watermark;
    if (watermark === undefined) return emit(batch);
    const times = batch.columns[time]!.values as BigInt64Array;
    const all = Int32Array.from({ length: batch.length }, (_, row) => row);
    const late = all.filter((row) => times[row]! + keep < watermark);
    if (late.length === 0) return emit(batch);
    this.#program.late(batch, late);
    if (late.length === batch.length) return undefined;
    const kept = all.filter((row) => times[row]! + keep >= watermark);
    const columns = batch.columns.map((column) => gather(column, kept, kept.length));
    const kinds = batch.kinds && gatherBytes(batch.kinds, kept, kept.length);
    return emit({ length: kept.length, columns, ...(kinds && { kinds }) });
  }

  advance(watermark: bigint): void {
    this.#watermark = watermark;
  }
}
