import type { RejectReason } from '../../engine/connector/rejection.ts';
import type { Connection } from './connection.ts';
import { SqlError } from './connection-error.ts';
import { RowFault } from './row-fault.ts';
import { KEY_TWICE, reactionTo } from './sql-state.ts';

/** A row that cannot be written even alone. */
export interface BadRow {
  readonly row: number;
  readonly error: SqlError | RowFault;
}

/** Why a row was refused; undefined where the error is not about one row. */
export function rejectReason(error: unknown): RejectReason | undefined {
  if (error instanceof RowFault) return 'out-of-range';
  if (!(error instanceof SqlError) || reactionTo(error.server.code) !== 'row') return undefined;
  const { code } = error.server;
  if (code === '22021' || code === '22P05') return 'encoding';
  return code.startsWith('22') || code.startsWith('54') ? 'out-of-range' : 'constraint';
}

/**
 * Splits rows until the bad ones are alone: writes ever smaller parts, in order, in a transaction that is undone. Good
 * rows stay in it, so that a row that only collides with an earlier one is the bad one of the two.
 */
export async function findBadRows(
  connection: Connection,
  rows: Int32Array,
  write: (rows: Int32Array) => Promise<void>,
): Promise<BadRow[]> {
  const bad: BadRow[] = [];
  const search = async (part: Int32Array): Promise<void> => {
    const error = await attempt(connection, () => write(part));
    if (error === undefined) return;
    if (part.length === 1) {
      bad.push({ row: part[0]!, error });
      return;
    }
    const half = part.length >> 1;
    await search(part.subarray(0, half));
    await search(part.subarray(half));
  };
  await connection.query({ text: 'BEGIN' });
  try {
    // Constraints checked at the end of a transaction would let every part pass.
    await connection.query({ text: 'SET CONSTRAINTS ALL IMMEDIATE' });
    if (rows.length > 0) await search(rows);
  } finally {
    if (connection.alive) await connection.query({ text: 'ROLLBACK' });
  }
  return bad;
}

/** The error about rows that `write` ends in; it leaves no trace then. */
async function attempt(connection: Connection, write: () => Promise<void>): Promise<BadRow['error'] | undefined> {
  await connection.query({ text: 'SAVEPOINT part' });
  try {
    await write();
    await connection.query({ text: 'RELEASE SAVEPOINT part' });
    return undefined;
  } catch (error) {
    const about = error instanceof RowFault || error instanceof SqlError;
    const twice = error instanceof SqlError && error.server.code === KEY_TWICE;
    if (!about || (!twice && rejectReason(error) === undefined)) throw error;
    await connection.query({ text: 'ROLLBACK TO SAVEPOINT part' });
    await connection.query({ text: 'RELEASE SAVEPOINT part' });
    return error;
  }
}
