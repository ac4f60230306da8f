import type { Lookup } from '../connector/lookup.ts';
import { batchOf, type RowBatch, valueAt } from '../types/batch.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { gather, gatherBytes } from '../types/gather.ts';
import { KeyIndex } from '../types/key-index.ts';
import type { PairCondition } from './join-pairs.ts';
import { gatherOptional } from './join-rows.ts';
import type { Emit, Operator } from './operator.ts';

export interface LookupJoinProgram {
  /** Columns of the input that go on; those behind are keys only. */
  readonly width: number;
  /** The input's columns that are looked up. */
  readonly keys: readonly number[];
  readonly keyTypes: readonly DataType[];
  /** Of what the lookup gives. */
  readonly foundTypes: readonly DataType[];
  /** The table's columns out of what the lookup gives. */
  readonly table: (found: RowBatch) => RowBatch;
  readonly condition?: PairCondition;
  /** Rows that meet none go on with NULLs. */
  readonly outer: boolean;
  /** Keys without rows are asked for again, so often at most, each time after `delay` milliseconds. */
  readonly retry?: { readonly delay: number; readonly attempts: number };
}

/**
 * Each row with the rows that a table outside has for it now; each key of a batch is asked for once. Batches leave in
 * the order in which they came.
 */
export class LookupJoin implements Operator {
  readonly #program: LookupJoinProgram;
  readonly #lookup: Lookup;
  #tail: Promise<void> = Promise.resolve();

  constructor(program: LookupJoinProgram, lookup: Lookup) {
    this.#program = program;
    this.#lookup = lookup;
  }

  push(batch: RowBatch, _input: number, emit: Emit): Promise<void> {
    const done = this.#tail.then(async () => {
      const result = await this.#join(batch);
      if (result.length > 0) await emit(result);
    });
    // Who pushed is told of a failure; nothing more is to come then.
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /** Event time waits for the rows before it. */
  advance(): Promise<void> {
    return this.#tail;
  }

  async #join(batch: RowBatch): Promise<RowBatch> {
    const { keys, keyTypes, foundTypes, table, condition, width } = this.#program;
    const { length } = batch;
    const skip = new Uint8Array(length);
    for (const c of keys) {
      const { nulls } = batch.columns[c]!;
      if (nulls !== undefined) for (let row = 0; row < length; row++) skip[row]! |= nulls[row]!;
    }
    const index = new KeyIndex(keyTypes);
    const slots = new Int32Array(length);
    const columns = keys.map((c) => batch.columns[c]!);
    index.assign(columns, length, skip, slots);
    const asked: Scalar[][] = new Array(index.limit);
    for (let row = 0; row < length; row++) {
      if (skip[row] === 0) asked[slots[row]!] ??= keyTypes.map((t, i) => valueAt(t, columns[i]!, row));
    }
    const answers = asked.length === 0 ? [] : await this.#find(asked);
    const starts = new Int32Array(answers.length + 1);
    for (const [i, rows] of answers.entries()) starts[i + 1] = starts[i]! + rows.length;
    const found = table(batchOf(foundTypes, answers.flat()));
    const pairs: { rows: number[]; places: number[] } = { rows: [], places: [] };
    for (let row = 0; row < length; row++) {
      if (skip[row] === 1) continue;
      for (let at = starts[slots[row]!]!; at < starts[slots[row]! + 1]!; at++) {
        pairs.rows.push(row);
        pairs.places.push(at);
      }
    }
    const passes = condition === undefined ? undefined : test(condition, batch, found, pairs);
    return this.#output(batch, found, pairs, passes, width);
  }

  async #find(asked: readonly (readonly Scalar[])[]): Promise<readonly (readonly (readonly Scalar[])[])[]> {
    const answers = [...(await this.#lookup.find(asked))];
    const { delay, attempts } = this.#program.retry ?? { delay: 0, attempts: 0 };
    for (let attempt = 0; attempt < attempts; attempt++) {
      const missing = answers.flatMap((rows, i) => (rows.length === 0 ? [i] : []));
      if (missing.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, delay));
      const found = await this.#lookup.find(missing.map((i) => asked[i]!));
      for (const [n, i] of missing.entries()) answers[i] = found[n]!;
    }
    return answers;
  }

  #output(
    batch: RowBatch,
    found: RowBatch,
    pairs: { rows: number[]; places: number[] },
    passes: Uint8Array | undefined,
    width: number,
  ): RowBatch {
    const rows: number[] = [];
    const places: number[] = [];
    let next = 0;
    for (let row = 0; row < batch.length; row++) {
      const before = rows.length;
      for (; pairs.rows[next] === row; next++) {
        if (passes?.[next] === 0) continue;
        rows.push(row);
        places.push(pairs.places[next]!);
      }
      if (!this.#program.outer || rows.length > before) continue;
      rows.push(row);
      places.push(-1);
    }
    const { length } = rows;
    const left = Int32Array.from(rows);
    const right = Int32Array.from(places);
    // A column that is read from has one place at least.
    const columns = found.length > 0 ? found.columns : this.#nothing().columns;
    const all = [
      ...batch.columns.slice(0, width).map((column) => gather(column, left, length)),
      ...columns.map((column) => gatherOptional(column, right, length)),
    ];
    return batch.kinds === undefined
      ? { length, columns: all }
      : { length, columns: all, kinds: gatherBytes(batch.kinds, left, length) };
  }

  #nothing(): RowBatch {
    const { foundTypes, table } = this.#program;
    return table(batchOf(foundTypes, [foundTypes.map(() => null)]));
  }
}

/** 1 for each pair of a row and a found one that passes. */
function test(
  condition: PairCondition,
  batch: RowBatch,
  found: RowBatch,
  pairs: { readonly rows: readonly number[]; readonly places: readonly number[] },
): Uint8Array {
  const { length } = pairs.rows;
  const passes = new Uint8Array(length);
  if (length === 0) return passes;
  const rows = Int32Array.from(pairs.rows);
  const places = Int32Array.from(pairs.places);
  const left = condition.left.map((c) => gather(batch.columns[c]!, rows, length));
  const right = condition.right.map((c) => gather(found.columns[c]!, places, length));
  const { values, nulls } = condition.test({ length, columns: [...left, ...right] });
  for (let i = 0; i < length; i++) passes[i] = values[i] === 1 && nulls?.[i] !== 1 ? 1 : 0;
  return passes;
}
