import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { Rejection, RejectPolicy, RejectReason } from '../../engine/connector/rejection.ts';
import type { Column } from '../../engine/types/batch.ts';
import { rowJson } from '../../engine/types/row-json.ts';
import type { FittedColumn } from './check-target.ts';
import type { CheckpointTable, PositionChanges } from './checkpoint-table.ts';
import type { Connection } from './connection.ts';
import { SqlError } from './connection-error.ts';
import { type ArrayEncoder, arrayEncoder } from './encode-array.ts';
import { explainRow, refusedRow, rowError } from './explain-row.ts';
import { findBadRows, rejectReason } from './find-bad-rows.ts';
import type { RowBuffer } from './row-buffer.ts';
import { RowFault } from './row-fault.ts';
import { KEY_TWICE, reactionTo } from './sql-state.ts';
import { type StatementParts, type StatementShape, writeStatement } from './statements.ts';
import { type TableName, tableText } from './table-name.ts';

export interface WriterSettings {
  readonly table: Required<TableName>;
  readonly columns: readonly FittedColumn[];
  readonly key: readonly number[];
  /** Index of the column that tells newer rows from older ones, where they are to be told. */
  readonly newest?: number | undefined;
  readonly checkpoints: CheckpointTable;
  /** Whether statements stay prepared on the connection. */
  readonly prepare: boolean;
  readonly maxRetries: number;
  readonly log: Log;
  readonly policy: (reason: RejectReason) => RejectPolicy;
  readonly refuse: (rejections: readonly Rejection[]) => Promise<void>;
}

/** Rows of another table that are written in the same transactions. */
export interface JoinedRows {
  readonly count: number;
  insert(connection: Connection): Promise<void>;
}

/** Rows of a buffer by slot. */
export interface Slots {
  readonly columns: readonly Column[];
  readonly written: Int32Array;
  readonly deleted: Int32Array;
}

const NO_SLOTS = new Int32Array(0);
const NO_CHANGES: PositionChanges = { sources: [], splits: [], expected: [], epochs: [], next: [], nextEpochs: [] };

/** Turns buffers into statements, and the server's answers into what a user can act on. */
export class Writer {
  readonly #settings: WriterSettings;
  /** Tells this writer's prepared statements from all others that a pooler might put on the same server process. */
  readonly #id = randomUUID().slice(0, 13);
  readonly #shape: StatementShape;
  readonly #encoders: readonly ArrayEncoder[];
  /** Columns that deletions are told by, and their encoders. */
  readonly #deletedBy: readonly number[];
  readonly #deleteEncoders: readonly ArrayEncoder[];
  readonly #statements = new Map<string, string>();
  #prepare: boolean;
  #warnedOfPieces = false;

  constructor(settings: WriterSettings) {
    this.#settings = settings;
    this.#prepare = settings.prepare;
    this.#shape = {
      target: settings.table,
      columns: settings.columns,
      key: settings.key,
      newest: settings.newest,
      checkpointTable: settings.checkpoints.name,
      fence: `cryptopipe-fence-${this.#id}`,
    };
    const encoders = () =>
      settings.columns.map(({ field, fit }, i) => arrayEncoder(field.type, fit.element, i, fit.toText));
    this.#encoders = encoders();
    const all = encoders();
    this.#deletedBy = settings.newest === undefined ? settings.key : [...settings.key, settings.newest];
    this.#deleteEncoders = this.#deletedBy.map((i) => all[i]!);
  }

  /** Makes the buffer's rows, the positions and, where there are any, the joined rows durable in one transaction. */
  async write(
    connection: Connection,
    rows: RowBuffer,
    changes: PositionChanges,
    joined: JoinedRows | undefined,
  ): Promise<void> {
    let slots: Slots = { columns: rows.columns, ...rows.partition() };
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#commit(connection, slots, changes, joined);
        return;
      } catch (error) {
        const kept = await this.#withoutBad(error, connection, slots);
        if (kept !== undefined) slots = kept;
        else if ((await this.#react(error, connection, slots, changes, joined, attempt)) === 'written') return;
      }
    }
  }

  /** Inserts the rows within a transaction of the caller's. */
  async insert(connection: Connection, rows: RowBuffer): Promise<void> {
    const slots: Slots = { columns: rows.columns, ...rows.partition() };
    try {
      await this.#run(connection, slots, NO_CHANGES);
    } catch (error) {
      if (error instanceof RowFault) throw rowError(error, { ...this.#settings, slots });
      if (!(error instanceof SqlError)) throw error;
      const reaction = reactionTo(error.server.code);
      throw reaction === 'row' || reaction === 'lasting' ? this.#lasting(error) : error;
    }
  }

  async #commit(
    connection: Connection,
    slots: Slots,
    changes: PositionChanges,
    joined: JoinedRows | undefined,
  ): Promise<void> {
    if (joined === undefined || joined.count === 0) return this.#run(connection, slots, changes);
    await this.#transaction(connection, async () => {
      await joined.insert(connection);
      await this.#run(connection, slots, changes);
    });
  }

  async #transaction(connection: Connection, work: () => Promise<void>): Promise<void> {
    await connection.query({ text: 'BEGIN' });
    try {
      await work();
      const { command } = await connection.query({ text: 'COMMIT' });
      if (command !== 'COMMIT') {
        throw new RunError('jdbc-conflict', `PostgreSQL answered COMMIT with ${command}`, { passing: true });
      }
    } catch (error) {
      if (connection.alive) await connection.query({ text: 'ROLLBACK' });
      throw error;
    }
  }

  /** The rows without those that their policy lets the job go on without; undefined where that is no way out. */
  async #withoutBad(error: unknown, connection: Connection, slots: Slots): Promise<Slots | undefined> {
    const { policy, refuse, columns, key } = this.#settings;
    const first = rejectReason(error);
    if (first === undefined || policy(first) === 'fail') return undefined;
    const bad = await findBadRows(connection, slots.written, (written) =>
      this.#run(connection, { ...slots, written, deleted: NO_SLOTS }, NO_CHANGES),
    );
    const rejections: Rejection[] = [];
    for (const { row, error: cause } of bad) {
      const reason = rejectReason(cause);
      const what = reason === undefined ? 'fail' : policy(reason);
      if (reason === undefined || what === 'fail') return undefined;
      const { message } = refusedRow(cause, { ...this.#settings, slots }, row);
      const fields = columns.map((c) => c.field);
      rejections.push({
        reason,
        policy: what,
        message,
        ...(key.length === 0 ? {} : { key: rowJson(fields, slots.columns, row, key) }),
        value: rowJson(fields, slots.columns, row),
      });
    }
    if (rejections.length === 0) return undefined;
    await refuse(rejections);
    const gone = new Set(bad.map(({ row }) => row));
    return { ...slots, written: slots.written.filter((row) => !gone.has(row)) };
  }

  /** Whether the statement is worth repeating or was written another way; throws where neither helps. */
  async #react(
    error: unknown,
    connection: Connection,
    slots: Slots,
    changes: PositionChanges,
    joined: JoinedRows | undefined,
    attempt: number,
  ): Promise<'again' | 'written'> {
    const { table, columns, key, maxRetries, log } = this.#settings;
    if (error instanceof RowFault) throw rowError(error, { table, columns, key, slots });
    if (!(error instanceof SqlError)) throw error;
    if (error.message.includes(this.#shape.fence)) throw await this.#fenced(connection, changes);
    const reaction = reactionTo(error.server.code);
    if (error.server.code === KEY_TWICE) {
      await this.#writeInPieces(connection, slots, changes, joined);
      return 'written';
    }
    if (reaction === 'unprepared' && this.#prepare) {
      this.#prepare = false;
      log.info('statements_not_prepared', { reason: error.message });
      return 'again';
    }
    if (reaction === 'repeat') {
      if (attempt < maxRetries) {
        await sleep(2 ** attempt * 20 * (0.5 + Math.random()));
        return 'again';
      }
      throw new RunError(
        'jdbc-conflict',
        `rows for ${tableText(table)} lost against other transactions ${attempt + 1} times: ${error.message} (SQLSTATE ${error.server.code})`,
        { passing: true, cause: error },
      );
    }
    if (reaction === 'row') {
      throw await explainRow(error, { table, columns, key, slots }, connection, (part) =>
        this.#run(connection, part, NO_CHANGES),
      );
    }
    throw this.#lasting(error);
  }

  async #run(connection: Connection, slots: Slots, changes: PositionChanges): Promise<void> {
    const parts: StatementParts = {
      rows: slots.written.length > 0,
      deletes: slots.deleted.length > 0,
      positions: changes.splits.length > 0,
    };
    if (!parts.rows && !parts.deletes && !parts.positions) return;
    const values: unknown[] = [];
    if (parts.rows)
      for (const [i, encode] of this.#encoders.entries()) values.push(encodeAt(encode, slots, i, 'written'));
    if (parts.deletes) {
      for (const [k, encode] of this.#deleteEncoders.entries()) {
        values.push(encodeAt(encode, slots, this.#deletedBy[k]!, 'deleted'));
      }
    }
    if (parts.positions) values.push(...this.#settings.checkpoints.parameters(changes));
    const name = `cryptopipe_${this.#id}_${parts.rows ? 'w' : ''}${parts.deletes ? 'd' : ''}${parts.positions ? 'p' : ''}`;
    const text = this.#statement(name, parts);
    await connection.query({ text, values, ...(this.#prepare ? { name } : {}) });
  }

  #statement(name: string, parts: StatementParts): string {
    const known = this.#statements.get(name) ?? writeStatement(this.#shape, parts);
    this.#statements.set(name, known);
    return known;
  }

  /**
   * Keys that differ here are one in the table: its columns round, ignore case or trailing blanks. Written in order in
   * ever smaller pieces the last of them wins, as with equal keys.
   */
  async #writeInPieces(
    connection: Connection,
    slots: Slots,
    changes: PositionChanges,
    joined: JoinedRows | undefined,
  ): Promise<void> {
    if (!this.#warnedOfPieces) {
      this.#warnedOfPieces = true;
      this.#settings.log.warn('keys_collide', {
        table: tableText(this.#settings.table),
        reason: 'keys that differ in the job are equal in the table, which makes writing slow',
      });
    }
    try {
      await this.#transaction(connection, async () => {
        if (joined !== undefined && joined.count > 0) await joined.insert(connection);
        await this.#writePiece(connection, { ...slots, deleted: NO_SLOTS });
        await this.#run(connection, { ...slots, written: NO_SLOTS }, changes);
      });
    } catch (error) {
      if (!(error instanceof SqlError) || error.server.code === KEY_TWICE) throw error;
      await this.#react(error, connection, slots, changes, joined, this.#settings.maxRetries);
      throw error;
    }
  }

  async #writePiece(connection: Connection, slots: Slots): Promise<void> {
    const { written } = slots;
    await connection.query({ text: 'SAVEPOINT piece' });
    try {
      await this.#run(connection, slots, NO_CHANGES);
      await connection.query({ text: 'RELEASE SAVEPOINT piece' });
    } catch (error) {
      if (!(error instanceof SqlError) || error.server.code !== KEY_TWICE || written.length < 2) throw error;
      await connection.query({ text: 'ROLLBACK TO SAVEPOINT piece' });
      await connection.query({ text: 'RELEASE SAVEPOINT piece' });
      const half = written.length >> 1;
      await this.#writePiece(connection, { ...slots, written: written.subarray(0, half) });
      await this.#writePiece(connection, { ...slots, written: written.subarray(half) });
    }
  }

  async #fenced(connection: Connection, changes: PositionChanges): Promise<RunError> {
    const conflicts = await this.#settings.checkpoints.conflicts(connection, changes);
    const { table } = this.#settings;
    return new RunError(
      'fenced',
      `another worker of this job has moved on, nothing was written to ${tableText(table)}: ${conflicts.slice(0, 3).join('; ')}`,
      {
        passing: true,
        help: `a split belongs to one worker at a time; is the job running elsewhere, under the same 'pipeline.name'? Positions are in ${tableText(this.#settings.checkpoints.name)}`,
      },
    );
  }

  #lasting({ server }: SqlError): RunError {
    const table = tableText(this.#settings.table);
    const detail = server.detail === undefined ? '' : ` (${server.detail})`;
    const changed = server.code.startsWith('42') && server.code !== '42501';
    return new RunError(
      'jdbc-write',
      `PostgreSQL refuses rows for ${table}: ${server.message}${detail} (SQLSTATE ${server.code})`,
      {
        cause: server,
        help: changed ? 'was the table changed? Starting again checks it against the job' : server.hint,
      },
    );
  }
}

function encodeAt(encode: ArrayEncoder, slots: Slots, column: number, which: 'written' | 'deleted'): Buffer {
  const { values, nulls } = slots.columns[column]!;
  const rows = slots[which];
  return encode(values, nulls, rows, rows.length);
}
