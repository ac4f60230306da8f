import type { Worker } from '../../engine/connector/context.ts';
import type { Holdings, Peer } from '../../engine/connector/sink.ts';
import type { Connection } from './connection.ts';
import { quoteTable, type TableName } from './table-name.ts';

/**
 * The workers of a job, as rows of the table of positions: their source is '', their split the worker's id, their
 * position what it holds as JSON, NULL once it is gone. A worker is alive while its row was written within the timeout
 * and the server process that wrote it still runs: a killed worker's connection ends with it, long before any timeout.
 * Behind a pooler, whose server processes come and go as they like, only the timeout counts: 'since' is NULL there.
 *
 *   {"pid": 4711, "since": "2026-11-24T07:20:00.123456+00:00", "holds": {"splits": {"ticks": ["BTC-0"]}, "ended": []}}
 */
export class WorkerRows {
  readonly #table: string;
  readonly #job: string;
  readonly #sink: string;
  readonly #worker: Worker;
  #entered = false;

  constructor(table: Required<TableName>, job: string, sink: string, worker: Worker) {
    this.#table = quoteTable(table);
    this.#job = job;
    this.#sink = sink;
    this.#worker = worker;
  }

  /** Writes this worker's row, buries the dead and returns the others. */
  async meet(connection: Connection, holdings: Holdings): Promise<Peer[]> {
    await this.#enter(connection);
    const holds = JSON.stringify({ splits: Object.fromEntries(holdings.splits), ended: holdings.ended });
    const { rows } = await connection.query({
      text: `WITH others AS (
  SELECT w.split, w.position, w.updated_at > now() - $5::float8 * interval '1 ms' AND ((w.position::json)->>'since' IS NULL OR EXISTS (
    SELECT FROM pg_catalog.pg_stat_activity a WHERE a.pid = ((w.position::json)->>'pid')::int4
      AND (a.backend_start IS NULL OR a.backend_start = ((w.position::json)->>'since')::timestamptz))) AS alive
  FROM ${this.#table} w
  WHERE w.job = $1 AND w.sink = $2 AND w.source = '' AND w.split <> $3 AND w.position IS NOT NULL),
me AS (
  INSERT INTO ${this.#table} AS w (job, sink, source, split, position, epoch)
  SELECT $1, $2, '', $3, json_build_object('pid', pg_backend_pid(), 'since', (
    SELECT a.backend_start FROM pg_catalog.pg_stat_activity a
    WHERE a.pid = pg_backend_pid() AND a.pid = $6::int4), 'holds', $4::json)::text, 0
  ON CONFLICT (job, sink, source, split) DO UPDATE
  SET position = EXCLUDED.position, epoch = w.epoch + 1, updated_at = EXCLUDED.updated_at),
buried AS (
  UPDATE ${this.#table} w SET position = NULL, epoch = w.epoch + 1 FROM others o
  WHERE w.job = $1 AND w.sink = $2 AND w.source = '' AND w.split = o.split AND w.position = o.position AND NOT o.alive)
SELECT split, (position::json)->>'holds' FROM others WHERE alive`,
      values: [this.#job, this.#sink, this.#worker.id, holds, this.#worker.timeout, connection.processId ?? null],
    });
    return (rows as [string, string][]).map(([id, text]) => {
      const { splits, ended } = JSON.parse(text) as { splits: Record<string, string[]>; ended: string[] };
      return { id, splits: new Map(Object.entries(splits)), ended };
    });
  }

  async leave(connection: Connection): Promise<void> {
    await connection.query({
      text: `UPDATE ${this.#table} SET position = NULL, epoch = epoch + 1
WHERE job = $1 AND sink = $2 AND source = '' AND split = $3`,
      values: [this.#job, this.#sink, this.#worker.id],
    });
  }

  /** Rows of those that are gone are used again, so that they do not pile up and no right to delete is needed. */
  async #enter(connection: Connection): Promise<void> {
    if (this.#entered) return;
    await connection.query({
      text: `UPDATE ${this.#table} SET split = $3, updated_at = now()
WHERE job = $1 AND sink = $2 AND source = '' AND split = (
  SELECT split FROM ${this.#table} WHERE job = $1 AND sink = $2 AND source = '' AND position IS NULL AND NOT EXISTS (
    SELECT FROM ${this.#table} WHERE job = $1 AND sink = $2 AND source = '' AND split = $3)
  LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      values: [this.#job, this.#sink, this.#worker.id],
    });
    this.#entered = true;
  }
}
