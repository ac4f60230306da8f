import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { RejectPolicy, RejectReason } from '../../engine/connector/rejection.ts';
import type { Checkpoint, Holdings, Peer, Sink } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import type { Field } from '../../engine/types/data-type.ts';
import { CheckpointTable, checkpointTableName } from './checkpoint-table.ts';
import { connect } from './connect.ts';
import type { Connection } from './connection.ts';
import type { ConnectSettings } from './jdbc-url.ts';
import { NullGuard } from './null-guard.ts';
import { openTarget } from './open-target.ts';
import { RowBuffer } from './row-buffer.ts';
import { type TableName, tableText, withSchema } from './table-name.ts';
import { WorkerRows } from './worker-rows.ts';
import { type JoinedRows, Writer } from './writer.ts';

export interface SinkSettings {
  readonly connect: ConnectSettings;
  readonly table: TableName;
  /** Where not the schema of the table and the usual name. */
  readonly checkpointTable?: TableName;
  readonly fields: readonly Field[];
  /** Indexes into `fields`. */
  readonly key: readonly number[];
  /** Index into `fields` of the column of 'newer-than'. */
  readonly newest?: number | undefined;
  readonly maxRows: number;
  readonly interval: number;
  readonly maxRetries: number;
  readonly policy: (reason: RejectReason) => RejectPolicy;
}

/** A buffer of more bytes than this is full, however few its rows. */
const FULL_BYTES = 32 * 1024 * 1024;

/**
 * Upserts (or, without a key, inserts) rows into a PostgreSQL table and keeps the job's positions beside them: rows and
 * positions of a commit are one transaction, so each row counts exactly once.
 */
export class PostgresSink implements Sink {
  readonly #settings: SinkSettings;
  readonly #context: ConnectorContext;
  readonly #guard: NullGuard;
  #filling: RowBuffer;
  #writing: RowBuffer;
  #last: Promise<unknown> = Promise.resolve();
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  #closed = false;
  /** A sink whose rows this one's transactions write, and the sink whose transactions write this one's rows. */
  #joined: PostgresSink | undefined;
  #host: PostgresSink | undefined;
  #checkpoints: CheckpointTable | undefined;
  #workers: WorkerRows | undefined;
  #writer: Writer | undefined;

  constructor(settings: SinkSettings, context: ConnectorContext) {
    this.#settings = settings;
    this.#context = context;
    const types = settings.fields.map((f) => f.type);
    this.#filling = new RowBuffer(types, settings.key, settings.newest);
    this.#writing = new RowBuffer(types, settings.key, settings.newest);
    this.#guard = new NullGuard(
      settings.fields,
      settings.key,
      tableText(settings.table),
      settings.policy('constraint'),
      context,
    );
  }

  get pending(): number {
    return this.#filling.count;
  }

  get flush(): { readonly maxRows: number; readonly interval: number } {
    const { maxRows, interval } = this.#settings;
    return { maxRows: this.#filling.bytes > FULL_BYTES ? 1 : maxRows, interval };
  }

  async open(): Promise<void> {
    const { table, fields, key, newest } = this.#settings;
    const { log, timeZone, createTables } = this.#context;
    const connection = await this.#connect();
    const wanted = { fields, primaryKey: key.map((i) => fields[i]!.name) };
    const { castStrings } = this.#settings.connect;
    const fit = { zone: timeZone, castStrings, createTables, newest: fields[newest ?? -1]?.name };
    const name = withSchema(table, this.#settings.connect.schema);
    const target = await openTarget(connection, name, wanted, fit, (schema) => this.#checkpointTable(schema));
    for (const warning of target.warnings) log.warn('value_loss', { table: tableText(target.name), reason: warning });
    this.#checkpoints = this.#checkpointTable(target.name.schema);
    const { job, id, worker } = this.#context;
    if (worker !== undefined) this.#workers = new WorkerRows(this.#checkpoints.name, job, id, worker);
    this.#writer = new Writer({
      table: target.name,
      columns: target.columns,
      key,
      newest,
      checkpoints: this.#checkpoints,
      prepare: this.#settings.connect.prepare,
      maxRetries: this.#settings.maxRetries,
      log,
      policy: this.#settings.policy,
      refuse: (rejections) => this.#context.rejects.refuse(rejections),
    });
  }

  write(batch: RowBatch): void {
    if (batch.length === 0) return;
    this.#filling.add(batch, this.#guard.check(batch));
  }

  commit(checkpoint: Checkpoint): Promise<void> {
    // At once: rows that are written from now on have no position in this checkpoint.
    const rows = this.#filling;
    this.#filling = this.#writing;
    this.#writing = rows;
    return this.#alone(() => this.#commit(rows, checkpoint));
  }

  async #commit(rows: RowBuffer, checkpoint: Checkpoint): Promise<void> {
    const { checkpoints, writer } = this.#opened();
    const changes = checkpoints.changes(checkpoint);
    const joined = this.#joined?.rows;
    if (rows.count > 0 || changes.splits.length > 0 || (joined !== undefined && joined.count > 0)) {
      const connection = await this.#connect();
      const before = connection.bytesWritten;
      await writer.write(connection, rows, changes, joined);
      this.#context.counters.add('bytes_written', connection.bytesWritten - before);
      checkpoints.committed(changes);
    }
    rows.clear();
    joined?.clear();
  }

  join(other: Sink): boolean {
    if (!(other instanceof PostgresSink)) return false;
    if (JSON.stringify(other.#settings.connect) !== JSON.stringify(this.#settings.connect)) return false;
    this.#joined = other;
    other.#host = this;
    return true;
  }

  /** What waits for the transaction of the sink that this one joined. */
  get rows(): JoinedRows & { clear(): void } {
    const rows = this.#filling;
    return {
      get count() {
        return rows.count;
      },
      insert: (connection) => this.#opened().writer.insert(connection, rows),
      clear: () => rows.clear(),
    };
  }

  restore(source: string, splits: readonly string[]): Promise<Positions> {
    return this.#alone(async () => this.#opened().checkpoints.restore(await this.#connect(), source, splits));
  }

  forget(): Promise<void> {
    return this.#alone(async () => this.#opened().checkpoints.forget(await this.#connect()));
  }

  meet(holdings: Holdings): Promise<readonly Peer[]> {
    return this.#alone(async () => {
      const { checkpoints } = this.#opened();
      const connection = await this.#connect();
      await checkpoints.ensure(connection);
      return this.#workers!.meet(connection, holdings);
    });
  }

  leave(): Promise<void> {
    return this.#alone(async () => {
      if (this.#connection?.alive === true) await this.#workers?.leave(this.#connection);
    });
  }

  /** Runs after what was begun before: a transaction of several statements is not to have others among its own. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection?.close();
  }

  /** The connection, a new one where the last was lost while nothing was under way. */
  #connect(): Promise<Connection> {
    if (this.#host !== undefined) return this.#host.#connect();
    if (this.#connection?.alive === true) return Promise.resolve(this.#connection);
    this.#connecting ??= this.#reconnect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #reconnect(): Promise<Connection> {
    const connection = await connect(this.#settings.connect);
    this.#connection = connection;
    if (this.#closed) {
      await connection.close();
      throw new RunError('jdbc-connection', 'the sink was closed while it was connecting');
    }
    return connection;
  }

  #checkpointTable(schema: string): CheckpointTable {
    const { job, id } = this.#context;
    return new CheckpointTable(checkpointTableName(this.#settings.checkpointTable, schema), job, id);
  }

  #opened(): { readonly checkpoints: CheckpointTable; readonly writer: Writer } {
    if (this.#checkpoints === undefined || this.#writer === undefined) {
      throw new RunError('jdbc-connection', 'the sink is not open');
    }
    return { checkpoints: this.#checkpoints, writer: this.#writer };
  }
}
