import { RunError } from '../../engine/connector/errors.ts';
import type { Positions, RestorePositions, Source } from '../../engine/connector/source.ts';
import { columnOf as columnOfValues, type RowBatch } from '../../engine/types/batch.ts';
import type { Field, Scalar } from '../../engine/types/data-type.ts';
import { findTarget } from './catalog.ts';
import { connect } from './connect.ts';
import type { Connection } from './connection.ts';
import { SqlError } from './connection-error.ts';
import type { ConnectSettings } from './jdbc-url.ts';
import { quoteName } from './quote.ts';
import { columnOf, columnText, notThere, reader } from './read-columns.ts';
import { holdsExactly } from './scan-filter.ts';
import { quoteTable, type TableName, tableText } from './table-name.ts';

export interface ScanSettings {
  readonly connect: ConnectSettings;
  readonly table: TableName;
  readonly wanted: readonly Field[];
  /** Rows of one round trip. */
  readonly fetchSize: number;
  readonly partitions: readonly Partition[];
  /** Conditions over the alias `t`, each with the columns that it compares. */
  readonly filters: readonly { readonly text: string; readonly columns: readonly Field[] }[];
}

/** The rows whose `column` is between two values, both included; without a column: all. */
export interface Partition {
  readonly split: string;
  readonly bounds?: { readonly column: string; readonly from: bigint; readonly to: bigint };
}

/** Of a partition that is read to its end. */
const READ = 'read';

/**
 * Reads a table once, as it is at the start, in pages of a cursor. The position of a partition is the number of rows read:
 * a start in the middle passes over so many, which are the same where the table did not change.
 */
export class PostgresScan implements Source {
  readonly #settings: ScanSettings;
  readonly #readers: readonly ((text: string) => Scalar)[];
  readonly #positions = new Map<string, string>();
  readonly #waiting: Partition[] = [];
  #connection: Connection | undefined;
  #query: ((partition: Partition, passed: number) => string) | undefined;
  #current: Partition | undefined;

  constructor(settings: ScanSettings) {
    this.#settings = settings;
    this.#readers = settings.wanted.map(reader);
  }

  async open(restore: RestorePositions): Promise<void> {
    const { connect: where, table, wanted, filters } = this.#settings;
    // How many rows were read says nothing of others.
    const among = filters.map(({ text }) => ` ${text}`).join(',');
    const partitions = this.#settings.partitions.map((each) => ({ ...each, split: `${each.split}${among}` }));
    const restored = await restore(partitions.map(({ split }) => split));
    for (const partition of partitions) {
      const position = restored.get(partition.split) ?? '0';
      if (position !== READ && !/^\d+$/.test(position)) {
        throw new RunError('bad-checkpoint', `the position '${position}' of '${partition.split}' is no number of rows`);
      }
      this.#positions.set(partition.split, position);
      if (position !== READ) this.#waiting.push(partition);
    }
    if (this.#waiting.length === 0) return;
    const connection = await connect(where);
    this.#connection = connection;
    const target = await findTarget(connection, table);
    if (target === undefined) throw await notThere(connection, table);
    const columns = wanted.map((field) => columnText(field, columnOf(field, target).type.name)).join(', ');
    const asked = filters.flatMap(({ text, columns: compared }) =>
      compared.every((field) => holdsExactly(field.type, columnOf(field, target).type.text)) ? [text] : [],
    );
    this.#query = ({ bounds }, passed) => {
      const within = bounds && `t.${quoteName(bounds.column)} BETWEEN ${bounds.from} AND ${bounds.to}`;
      const conditions = [...(within === undefined ? [] : [within]), ...asked];
      const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
      return `SELECT ${columns} FROM ${quoteTable(target.name)} AS t${where} OFFSET ${passed}`;
    };
    // All partitions as of one moment, and rows in the same order each time: what was read before is passed over.
    await this.#run('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await this.#run('SET LOCAL synchronize_seqscans = off');
  }

  async poll(signal: AbortSignal): Promise<RowBatch | null> {
    signal.throwIfAborted();
    const partition = this.#current ?? (await this.#next());
    if (partition === undefined) return null;
    const rows = await this.#run(`FETCH FORWARD ${this.#settings.fetchSize} FROM cryptopipe_scan`);
    if (rows.length === 0) {
      await this.#run('CLOSE cryptopipe_scan');
      this.#current = undefined;
      this.#positions.set(partition.split, READ);
      return { length: 0, columns: this.#settings.wanted.map(({ type: t }) => columnOfValues(t, [])) };
    }
    const columns = this.#settings.wanted.map(({ type: t }, i) => {
      const read = this.#readers[i]!;
      return columnOfValues(
        t,
        rows.map((row) => (row[i] === null ? null : read(row[i] as string))),
      );
    });
    this.#positions.set(partition.split, String(Number(this.#positions.get(partition.split)) + rows.length));
    return { length: rows.length, columns };
  }

  positions(): Positions {
    return new Map(this.#positions);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async #next(): Promise<Partition | undefined> {
    const partition = this.#waiting.shift();
    if (partition === undefined) return undefined;
    const query = this.#query!(partition, Number(this.#positions.get(partition.split)));
    await this.#run(`DECLARE cryptopipe_scan NO SCROLL CURSOR FOR ${query}`);
    this.#current = partition;
    return partition;
  }

  async #run(text: string): Promise<readonly unknown[][]> {
    try {
      return (await this.#connection!.query({ text })).rows;
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw new RunError('jdbc-scan', `reading ${tableText(this.#settings.table)} failed: ${error.server.message}`, {
        cause: error,
        ...(error.server.code === '42501' ? { help: 'GRANT SELECT on the table to the user of the job' } : {}),
      });
    }
  }
}

/** So many ranges of numbers, as even as they come, as Flink divides them. */
export function partitionsOf(column: string, count: number, lower: bigint, upper: bigint): Partition[] {
  const values = upper - lower + 1n;
  const parts = BigInt(count) < values ? BigInt(count) : values;
  const size = values / parts;
  const larger = values % parts;
  return Array.from({ length: Number(parts) }, (_, n): Partition => {
    const i = BigInt(n);
    const from = lower + i * size + (i < larger ? i : larger);
    const to = from + size - (i < larger ? 0n : 1n);
    return { split: `${column} ${from} to ${to}`, bounds: { column, from, to } };
  });
}
