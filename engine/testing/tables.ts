import type { BoundFormat } from '../connector/define.ts';
import { DecodeError, RunError } from '../connector/errors.ts';
import type { Decoder } from '../connector/format.ts';
import type { Rejection, RejectPolicy, RejectReason } from '../connector/rejection.ts';
import type { Checkpoint } from '../connector/sink.ts';
import type { Positions } from '../connector/source.ts';
import type { TableShape } from '../connector/table.ts';
import { isRetraction } from '../functions/aggregate.ts';
import { compareNullable } from '../functions/compare-values.ts';
import type { SpillPlace } from '../operators/spill.ts';
import type { StateStore } from '../runtime/state-store.ts';
import { batchOf, type Column, columnOf, type RowBatch, RowKind, rowsOf } from '../types/batch.ts';
import type { DataType, Field, Scalar } from '../types/data-type.ts';
import { textOf } from '../types/text.ts';
import type { ReadRow } from './read-rows.ts';
import type { Change } from './show-rows.ts';
import { SpillMemory } from './spill-memory.ts';
import { StateMemory } from './state-memory.ts';

/** Rows that arrive together, and the messages among them that could not be read. */
export interface GivenBatch {
  readonly rows: RowBatch;
  readonly rejected: readonly Rejection[];
}

/** The rows of one commit for one table. */
export interface CommittedRows {
  readonly table: TableShape;
  readonly newerThan?: string | undefined;
  readonly batches: readonly RowBatch[];
}

/** How rows arrive and what happens meanwhile; one answer is expected in all of them. */
export interface Mode {
  readonly name: string;
  /** Rows a batch; absent: all in one. */
  readonly batchRows?: number;
  /** Ends the attempt after each commit of rows; the next one starts from its checkpoint. */
  readonly crash?: boolean;
  /** Without optimizer rules. */
  readonly plain?: boolean;
  /** State has no room in memory, so that all of it moves out after each batch. */
  readonly spills?: boolean;
}

export const modes: readonly Mode[] = [
  { name: 'one batch' },
  { name: 'batches of one row', batchRows: 1 },
  { name: 'a crash after each commit', batchRows: 1, crash: true },
  { name: 'without optimizer rules', plain: true },
  { name: 'a crash after each commit, with no room for state', batchRows: 1, crash: true, spills: true },
];

/** Rows of a table, by the names of its columns. */
export interface GivenRows {
  readonly columns: readonly string[];
  readonly rows: readonly ReadRow[];
  /** Further rows, as messages in the table's format. */
  readonly messages: readonly Buffer[];
}

/** Thrown where a mode asks for it; not a failure of the test. */
export class Crash extends Error {}

/** The rows of a test: those it gives to sources, and those that sinks wrote. */
export class TestTables {
  readonly #inputs: ReadonlyMap<string, GivenRows>;
  readonly #mode: Mode;
  readonly #written = new Map<
    string,
    { readonly fields: readonly Field[]; readonly rows: Map<string, readonly Scalar[]> }
  >();
  readonly #positions = new Map<string, Checkpoint>();
  readonly #states = new Map<string, StateMemory>();
  readonly #spilled = new Map<string, SpillMemory>();
  readonly #changes = new Map<string, Change[]>();
  #crashing = false;
  #rows = 0;

  constructor(inputs: ReadonlyMap<string, GivenRows>, mode: Mode) {
    this.#inputs = inputs;
    this.#mode = mode;
  }

  /** Begins an attempt: it may crash again. */
  attempt(): void {
    this.#crashing = false;
  }

  read(
    table: TableShape,
    wanted: readonly number[],
    formats: ReadonlyMap<string, BoundFormat>,
    policy: (reason: RejectReason) => RejectPolicy,
  ): readonly GivenBatch[] {
    const { columns, rows, messages } = this.#inputs.get(table.name) ?? { columns: [], rows: [], messages: [] };
    const places = wanted.map((index) => columns.indexOf(table.columns[index]!.name));
    const size = this.#mode.batchRows ?? Math.max(rows.length, 1);
    const types = wanted.map((index) => table.columns[index]!.type);
    const batches: GivenBatch[] = [];
    for (let at = 0; at < rows.length; at += size) {
      const part = rows.slice(at, at + size);
      const batch = batchOf(
        types,
        part.map(({ row }) => places.map((place) => row[place] ?? null)),
      );
      const kinds = Uint8Array.from(part, ({ deleted }) => (deleted ? RowKind.delete : RowKind.insert));
      batches.push({ rows: part.some(({ deleted }) => deleted) ? { ...batch, kinds } : batch, rejected: [] });
    }
    return messages.length === 0 ? batches : [...batches, ...this.#decode(table, wanted, formats, policy, messages)];
  }

  /** Messages hold the physical columns; metadata is NULL. */
  #decode(
    table: TableShape,
    wanted: readonly number[],
    formats: ReadonlyMap<string, BoundFormat>,
    policy: (reason: RejectReason) => RejectPolicy,
    messages: readonly Buffer[],
  ): GivenBatch[] {
    const format = formats.get('value.format') ?? formats.get('format');
    if (format === undefined) throw new Error(`table '${table.name}' has no format for messages`);
    const physical = table.columns.flatMap((column, i) => (column.kind === 'physical' ? [i] : []));
    const asked = wanted.filter((index) => physical.includes(index));
    const decoder = format.createDecoder(
      physical.map((index) => table.columns[index]!),
      asked.map((index) => physical.indexOf(index)),
      { timeZone: 'UTC', counters: { add: () => {} } },
    );
    const size = this.#mode.batchRows ?? messages.length;
    const batches: GivenBatch[] = [];
    for (let at = 0; at < messages.length; at += size) {
      const rejected = messages
        .slice(at, at + size)
        .flatMap((message, i) => decodeMessage(decoder, message, at + i, table.name, policy) ?? []);
      const length = decoder.length;
      const columns = decoder.take();
      const rows = {
        length,
        columns: wanted.map((index) => {
          const place = asked.indexOf(index);
          return place < 0 ? nullColumn(table.columns[index]!.type, length) : columns[place]!;
        }),
      };
      batches.push({ rows, rejected });
    }
    return batches;
  }

  /** The states of a pipeline, which outlive a crash. */
  readonly stateStore = (pipeline: string): StateStore => {
    const saved = this.#states.get(pipeline) ?? new StateMemory();
    this.#states.set(pipeline, saved);
    return saved;
  };

  /** Where the state of a pipeline moves to, which outlives a crash; undefined where the mode has room for all. */
  get spillPlace(): ((pipeline: string) => SpillPlace) | undefined {
    if (this.#mode.spills !== true) return undefined;
    return (pipeline) => {
      const spilled = this.#spilled.get(pipeline) ?? new SpillMemory();
      this.#spilled.set(pipeline, spilled);
      return spilled;
    };
  }

  writing(): void {
    if (this.#crashing) throw new Crash();
  }

  /** The last row of a key stays, or with `newerThan` the newest. */
  commit(sink: string, rows: readonly CommittedRows[], checkpoint: Checkpoint): void {
    if (this.#crashing) throw new Crash();
    this.#positions.set(sink, checkpoint);
    for (const each of rows) this.#write(each);
    if (this.#mode.crash === true && rows.some(({ batches }) => batches.length > 0)) this.#crashing = true;
  }

  #write({ table, newerThan, batches }: CommittedRows): void {
    const fields = table.columns.filter((column) => column.kind === 'physical' || !column.virtual);
    const types = fields.map((field) => field.type);
    const written = this.#written.get(table.name) ?? { fields, rows: new Map<string, readonly Scalar[]>() };
    this.#written.set(table.name, written);
    const changes = this.#changes.get(table.name) ?? [];
    this.#changes.set(table.name, changes);
    const age = fields.findIndex((field) => field.name === newerThan);
    const older = (row: readonly Scalar[], held: readonly Scalar[] | undefined) =>
      age >= 0 && held !== undefined && compareNullable(types[age]!, row[age]!, held[age]!) < 0;
    for (const batch of batches) {
      rowsOf(types, batch).forEach((row, i) => {
        changes.push({ kind: batch.kinds?.[i] ?? 0, row });
        const retracted = batch.kinds !== undefined && isRetraction(batch.kinds[i]!);
        const key = table.primaryKey?.map((index) => String(row[index])).join('\0');
        if (key !== undefined && older(row, written.rows.get(key))) return;
        if (key !== undefined && retracted) written.rows.delete(key);
        else if (key !== undefined) written.rows.set(key, row);
        else if (retracted) takeBack(written.rows, types, row, table.name);
        else written.rows.set(`${this.#rows++}`, row);
      });
    }
  }

  restore(sink: string, source: string): Positions {
    return this.#positions.get(sink)?.positions.get(source) ?? new Map();
  }

  /** Every change that was written to a table, in order. */
  changes(table: string): readonly Change[] {
    return this.#changes.get(table) ?? [];
  }

  /** What was written to a table. */
  written(table: string): readonly (readonly Scalar[])[] {
    return [...(this.#written.get(table)?.rows.values() ?? [])];
  }
}

/** Takes one row away that equals the retracted one. */
function takeBack(
  rows: Map<string, readonly Scalar[]>,
  types: readonly DataType[],
  row: readonly Scalar[],
  table: string,
): void {
  const text = (each: readonly Scalar[]) => JSON.stringify(types.map((t, i) => textOf(t, each[i]!, 'UTC')));
  const found = [...rows].find(([, each]) => text(each) === text(row));
  if (found === undefined) throw new Error(`'${table}' is told to take back a row that it does not have: ${text(row)}`);
  rows.delete(found[0]);
}

/** The rejection of message `index` of the table, where its policy lets the job go on without it. */
function decodeMessage(
  decoder: Decoder,
  bytes: Buffer,
  index: number,
  table: string,
  policyOf: (reason: RejectReason) => RejectPolicy,
): Rejection | undefined {
  try {
    decoder.decode(bytes, 0, bytes.length);
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { reason } = error;
    const policy = policyOf(reason);
    if (policy !== 'fail') {
      return { reason, policy, message: error.message, split: 'messages', position: String(index), value: bytes };
    }
    throw new RunError('malformed-record', `a message of '${table}' cannot be read: ${error.message}`, {
      cause: error,
    });
  }
}

function nullColumn(t: DataType, length: number): Column {
  return columnOf(t, new Array<Scalar>(length).fill(null));
}
