import { RunError } from '../../engine/connector/errors.ts';
import type { FittedColumn } from './check-target.ts';
import type { Connection } from './connection.ts';
import { SqlError } from './connection-error.ts';
import { arrayEncoder } from './encode-array.ts';
import type { RowFault } from './row-fault.ts';
import { rowText, valueText } from './row-text.ts';
import { reactionTo } from './sql-state.ts';
import { type TableName, tableText } from './table-name.ts';
import type { Slots } from './writer.ts';

/** Rows that were to be written, and where. */
export interface RejectedRows {
  readonly table: TableName;
  readonly columns: readonly FittedColumn[];
  readonly key: readonly number[];
  readonly slots: Slots;
}

type WriteRows = (slots: Slots) => Promise<void>;

const NONE = new Int32Array(0);

/**
 * The error that names the row, and where it can be found the column, that a statement failed for. Writes ever smaller
 * parts of the rows in a transaction that is undone.
 */
export async function explainRow(
  error: SqlError,
  rejected: RejectedRows,
  connection: Connection,
  write: WriteRows,
): Promise<RunError> {
  const found = await findRow(rejected.slots, connection, write);
  if (found === undefined) return describe(error, rejected, undefined, undefined);
  const column = await findColumn(found.error, rejected, found.row, connection);
  return describe(found.error, rejected, found.row, column);
}

/** The error for a value that was found wrong before it was sent. */
export function rowError(fault: RowFault, rejected: RejectedRows): RunError {
  return compose(rejected, fault.row, fault.column, fault.message, undefined, fault);
}

/** The error for one row that the server, or the encoder, refused. */
export function refusedRow(error: SqlError | RowFault, rejected: RejectedRows, row: number): RunError {
  if (!(error instanceof SqlError)) return rowError(error, rejected);
  const column = rejected.columns.findIndex((c) => c.field.name === error.server.column);
  return describe(error, rejected, row, column < 0 ? undefined : column);
}

async function findRow(
  slots: Slots,
  connection: Connection,
  write: WriteRows,
): Promise<{ row: number; error: SqlError } | undefined> {
  await connection.query({ text: 'BEGIN' });
  try {
    // Constraints checked at the end of a transaction would let every part pass.
    await connection.query({ text: 'SET CONSTRAINTS ALL IMMEDIATE' });
    const part = (rows: Int32Array) => attempt(connection, () => write({ ...slots, written: rows, deleted: NONE }));
    const all = slots.written;
    let low = 0;
    let high = all.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((await part(all.subarray(low, middle))) === undefined) low = middle;
      else high = middle;
    }
    const failed = high > low ? await part(all.subarray(low, high)) : undefined;
    return failed === undefined ? undefined : { row: all[low]!, error: failed };
  } finally {
    if (connection.alive) await connection.query({ text: 'ROLLBACK' });
  }
}

/** The error about rows that `write` ends in; it leaves no trace then. */
async function attempt(connection: Connection, write: () => Promise<void>): Promise<SqlError | undefined> {
  await connection.query({ text: 'SAVEPOINT attempt' });
  try {
    await write();
    await connection.query({ text: 'RELEASE SAVEPOINT attempt' });
    return undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    await connection.query({ text: 'ROLLBACK TO SAVEPOINT attempt' });
    // A key twice within a part says nothing about a single row.
    return reactionTo(error.server.code) === 'row' ? error : undefined;
  }
}

/** The index of the column whose value is to blame; undefined where the server does not let one tell. */
async function findColumn(
  error: SqlError,
  { columns, slots }: RejectedRows,
  row: number,
  connection: Connection,
): Promise<number | undefined> {
  const { code, column: named } = error.server;
  const byName = columns.findIndex((c) => c.field.name === named);
  if (byName >= 0) return byName;
  if (!code.startsWith('22')) return undefined;
  for (const [i, { field, fit, target }] of columns.entries()) {
    const { values, nulls } = slots.columns[i]!;
    if (nulls?.[row] === 1) continue;
    const { length } = target.type;
    const value: unknown = values[row];
    if (length !== undefined && typeof value === 'string' && [...value].length > length) return i;
    const encoded = arrayEncoder(field.type, fit.element, i, fit.toText)(values, nulls, Int32Array.of(row), 1);
    const text = `SELECT CAST(${fit.expression('u.v')} AS ${target.type.text}) FROM unnest($1::${fit.element}[]) AS u(v)`;
    try {
      await connection.query({ text, values: [encoded] });
    } catch (failure) {
      if (!(failure instanceof SqlError)) throw failure;
      return i;
    }
  }
  return undefined;
}

function describe(
  error: SqlError,
  rejected: RejectedRows,
  row: number | undefined,
  column: number | undefined,
): RunError {
  const { code, message, detail, hint } = error.server;
  const reason = `${message}${detail === undefined || code === '23502' ? '' : ` (${detail})`}`;
  return compose(rejected, row, column, reason, helpFor(code, rejected, column) ?? hint, error.server);
}

function compose(
  { table, columns, key, slots }: RejectedRows,
  row: number | undefined,
  column: number | undefined,
  reason: string,
  help: string | undefined,
  cause: unknown,
): RunError {
  const fields = columns.map((c) => c.field);
  const whole = row === undefined ? '' : rowText(fields, slots.columns, row, key.length > 0 ? key : undefined);
  const which = row === undefined ? 'a row' : `the row with ${whole}`;
  const where =
    row === undefined || column === undefined
      ? ''
      : `column '${fields[column]!.name}' (${columns[column]!.target.type.text}) cannot take ${valueText(fields[column]!, slots.columns[column]!, row)}: `;
  return new RunError('row-rejected', `${tableText(table)} does not take ${which}: ${where}${reason}`, { help, cause });
}

function helpFor(code: string, { columns }: RejectedRows, column: number | undefined): string | undefined {
  const name = column === undefined ? undefined : columns[column]!.field.name;
  switch (code) {
    case '23502':
      return `filter such rows with WHERE ${name ?? 'the column'} IS NOT NULL, or give a value with COALESCE`;
    case '23505':
      return 'another unique constraint than the PRIMARY KEY of the job holds such a row already';
    case '22021':
      return 'PostgreSQL stores no NUL characters: remove them in the query with REPLACE';
    case '22003':
    case '22001':
      return 'filter or shorten such values in the query, or widen the column';
    default:
      return undefined;
  }
}
