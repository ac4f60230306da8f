import type { BoundFormat } from '../connector/define.ts';
import { DecodeError, RunError } from '../connector/errors.ts';
import type { Decoder } from '../connector/format.ts';
import type { Checkpoint } from '../connector/sink.ts';
import type { Positions } from '../connector/source.ts';
import type { TableShape } from '../connector/table.ts';
import { batchOf, type Column, columnOf, type RowBatch, rowsOf } from '../types/batch.ts';
import type { DataType, Field, Scalar } from '../types/data-type.ts';

/** How rows arrive and what happens meanwhile; one answer is expected in all of them. */
export interface Mode {
  readonly name: string;
  /** Rows a batch; absent: all in one. */
  readonly batchRows?: number;
  /** Ends the attempt after each commit of rows; the next one starts from its checkpoint. */
  readonly crash?: boolean;
  /** Without optimizer rules. */
  readonly plain?: boolean;
}

export const modes: readonly Mode[] = [
  { name: 'one batch' },
  { name: 'batches of one row', batchRows: 1 },
  { name: 'a crash after each commit', batchRows: 1, crash: true },
  { name: 'without optimizer rules', plain: true },
];

/** Rows of a table, by the names of its columns. */
export interface GivenRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Scalar[])[];
  /** Further rows, as messages in the table's format. */
  readonly messages: readonly string[];
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

  read(table: TableShape, wanted: readonly number[], formats: ReadonlyMap<string, BoundFormat>): readonly RowBatch[] {
    const { columns, rows, messages } = this.#inputs.get(table.name) ?? { columns: [], rows: [], messages: [] };
    const places = wanted.map((index) => columns.indexOf(table.columns[index]!.name));
    const size = this.#mode.batchRows ?? Math.max(rows.length, 1);
    const types = wanted.map((index) => table.columns[index]!.type);
    const batches: RowBatch[] = [];
    for (let at = 0; at < rows.length; at += size) {
      const part = rows.slice(at, at + size).map((row) => places.map((place) => row[place] ?? null));
      batches.push(batchOf(types, part));
    }
    return messages.length === 0 ? batches : [...batches, ...this.#decode(table, wanted, formats, messages)];
  }

  /** Messages hold the physical columns; metadata is NULL. */
  #decode(
    table: TableShape,
    wanted: readonly number[],
    formats: ReadonlyMap<string, BoundFormat>,
    messages: readonly string[],
  ): RowBatch[] {
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
    const batches: RowBatch[] = [];
    for (let at = 0; at < messages.length; at += size) {
      for (const message of messages.slice(at, at + size)) decodeMessage(decoder, message, table.name);
      const length = decoder.length;
      const columns = decoder.take();
      batches.push({
        length,
        columns: wanted.map((index) => {
          const place = asked.indexOf(index);
          return place < 0 ? nullColumn(table.columns[index]!.type, length) : columns[place]!;
        }),
      });
    }
    return batches;
  }

  writing(): void {
    if (this.#crashing) throw new Crash();
  }

  /** The last row of a key stays, where the table has one. */
  commit(table: TableShape, sink: string, batches: readonly RowBatch[], checkpoint: Checkpoint): void {
    if (this.#crashing) throw new Crash();
    this.#positions.set(sink, checkpoint);
    const fields = table.columns.filter((column) => column.kind === 'physical' || !column.virtual);
    const types = fields.map((field) => field.type);
    const written = this.#written.get(table.name) ?? { fields, rows: new Map<string, readonly Scalar[]>() };
    this.#written.set(table.name, written);
    for (const row of batches.flatMap((batch) => rowsOf(types, batch))) {
      const key = table.primaryKey?.map((index) => String(row[index])).join('\0') ?? `${this.#rows++}`;
      written.rows.set(key, row);
    }
    if (this.#mode.crash === true && batches.length > 0) this.#crashing = true;
  }

  restore(sink: string, source: string): Positions {
    return this.#positions.get(sink)?.positions.get(source) ?? new Map();
  }

  /** What was written to a table. */
  written(table: string): readonly (readonly Scalar[])[] {
    return [...(this.#written.get(table)?.rows.values() ?? [])];
  }
}

function decodeMessage(decoder: Decoder, message: string, table: string): void {
  const bytes = Buffer.from(message, 'utf8');
  try {
    decoder.decode(bytes, 0, bytes.length);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new RunError('malformed-record', `a message of '${table}' cannot be read: ${error.message}`, {
      cause: error,
    });
  }
}

function nullColumn(t: DataType, length: number): Column {
  return columnOf(t, new Array<Scalar>(length).fill(null));
}
