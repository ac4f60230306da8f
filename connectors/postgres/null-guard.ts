import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { RejectPolicy } from '../../engine/connector/rejection.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import type { Field } from '../../engine/types/data-type.ts';
import { rowJson } from '../../engine/types/row-json.ts';
import { rowText } from './row-text.ts';

/**
 * Flink's `table.exec.sink.not-null-enforcer` for key columns and columns declared NOT NULL: ERROR fails, DROP counts and
 * leaves the row out.
 */
export class NullGuard {
  readonly #fields: readonly Field[];
  readonly #guarded: readonly number[];
  readonly #table: string;
  readonly #policy: RejectPolicy;
  readonly #context: ConnectorContext;

  constructor(
    fields: readonly Field[],
    key: readonly number[],
    table: string,
    policy: RejectPolicy,
    context: ConnectorContext,
  ) {
    this.#fields = fields;
    this.#guarded = fields.flatMap((f, i) => (!f.type.nullable || key.includes(i) ? [i] : []));
    this.#table = table;
    this.#policy = policy;
    this.#context = context;
  }

  /** 1 for each row to leave out; undefined where all are fine. */
  check(batch: RowBatch): Uint8Array | undefined {
    let skip: Uint8Array | undefined;
    for (const column of this.#guarded) {
      const nulls = batch.columns[column]!.nulls;
      if (nulls === undefined) continue;
      for (let row = 0; row < batch.length; row++) {
        if (nulls[row] !== 1 || skip?.[row] === 1) continue;
        skip ??= new Uint8Array(batch.length);
        skip[row] = 1;
        this.#leaveOut(batch, row, column);
      }
    }
    return skip;
  }

  #leaveOut(batch: RowBatch, row: number, column: number): void {
    const { notNull, counters, rejects } = this.#context;
    if (this.#policy !== 'fail') {
      const { message } = this.#fault(batch, row, column);
      const value = rowJson(this.#fields, batch.columns, row);
      rejects.add({ reason: 'constraint', policy: this.#policy, message, value });
    } else if (notNull === 'DROP') {
      counters.add('rows_dropped_null', 1);
    } else {
      throw this.#fault(batch, row, column);
    }
  }

  #fault(batch: RowBatch, row: number, column: number): RunError {
    const name = this.#fields[column]!.name;
    return new RunError(
      'null-in-not-null',
      `column '${name}' of ${this.#table} is NOT NULL, but a row has NULL there: ${rowText(this.#fields, batch.columns, row)}`,
      { help: `filter such rows with WHERE ${name} IS NOT NULL, or SET 'table.exec.sink.not-null-enforcer' = 'DROP'` },
    );
  }
}
