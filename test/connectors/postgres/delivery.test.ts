import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sink } from '../../../engine/connector/sink.ts';
import { batchOf } from '../../../engine/types/batch.ts';
import { type } from '../../../engine/types/data-type.ts';
import { type Database, freshDatabase, need, startPostgres } from '../../servers/index.ts';
import { type CuttingProxy, startProxy } from './proxy.ts';
import { failure, type SinkOf, sinkOf } from './sink-of.ts';

const servers = await need('postgres');

servers.describe('rows and positions', () => {
  let database: Database;
  let proxy: CuttingProxy;
  const sinks: Sink[] = [];
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
    proxy = await startProxy(database.url);
  });
  beforeEach(async () => {
    await database.query('DROP SCHEMA IF EXISTS shop CASCADE');
  });
  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
  });
  afterAll(async () => {
    proxy?.close();
    await database?.drop();
  });

  const columns = { n: type.bigint(), text: type.string() };
  const openSink = async (more: Partial<SinkOf> = {}): Promise<Sink> => {
    const sink = sinkOf({ url: database.url, table: 'shop.numbers', columns, createTables: true, ...more });
    sinks.push(sink);
    await sink.open();
    return sink;
  };
  const rows = (...numbers: number[]) =>
    batchOf(
      Object.values(columns),
      numbers.map((n) => [BigInt(n), `t${n}`]),
    );
  const at = (positions: Record<string, string>) => ({
    positions: new Map([['ticks', new Map(Object.entries(positions))]]),
  });
  const numbers = async () =>
    (await database.query('SELECT n FROM shop.numbers ORDER BY n')).map((row) => Number(row.n));
  const positions = async (sink: Sink, ...splits: string[]) =>
    Object.fromEntries((await sink.restore?.('ticks', splits)) ?? []);

  it('are durable together and found again', async () => {
    const sink = await openSink();
    expect(await positions(sink, 'BTC-0', 'BTC-1')).toEqual({});
    await sink.commit(at({ 'BTC-0': '5', 'BTC-1': '7' }));
    await sink.write(rows(1, 2));
    await sink.commit(at({ 'BTC-0': '6', 'BTC-1': '7' }));
    const next = await openSink();
    expect(await positions(next, 'BTC-0', 'BTC-1', 'BTC-2')).toEqual({ 'BTC-0': '6', 'BTC-1': '7' });
    expect(await numbers()).toEqual([1, 2]);
  });

  it('are kept apart by job, sink and source, whatever their names hold', async () => {
    const one = await openSink({ job: "it's {a}" });
    await positions(one, 'x,"y"');
    await one.commit(at({ 'x,"y"': 'null' }));
    const other = await openSink({ job: 'other' });
    expect(await positions(other, 'x,"y"')).toEqual({});
    expect(Object.fromEntries((await one.restore?.('elsewhere', ['x,"y"'])) ?? [])).toEqual({});
    expect(await positions(one, 'x,"y"')).toEqual({ 'x,"y"': 'null' });
  });

  it('are written by one worker only: the other is fenced off, then and later', async () => {
    const zombie = await openSink();
    await positions(zombie, 'BTC-0');
    await zombie.write(rows(1));
    await zombie.commit(at({ 'BTC-0': '1' }));
    const owner = await openSink();
    expect(await positions(owner, 'BTC-0')).toEqual({ 'BTC-0': '1' });
    await owner.write(rows(2));
    await owner.commit(at({ 'BTC-0': '2' }));
    await zombie.write(rows(2, 3));
    expect(await failure(zombie.commit(at({ 'BTC-0': '3' })))).toMatchObject({
      code: 'fenced',
      passing: true,
      message: 'another worker of this job has moved on, nothing was written to shop.numbers: BTC-0 is at 2, not at 1',
    });
    await owner.write(rows(3));
    await owner.commit(at({ 'BTC-0': '3' }));
    expect(await numbers()).toEqual([1, 2, 3]);
  });

  it('have one first worker', async () => {
    const [a, b] = [await openSink(), await openSink()];
    expect(await positions(a, 'BTC-0')).toEqual({});
    expect(await positions(b, 'BTC-0')).toEqual({});
    await a.write(rows(1));
    await b.write(rows(1));
    const outcomes = await Promise.allSettled([a.commit(at({ 'BTC-0': '1' })), b.commit(at({ 'BTC-0': '1' }))]);
    expect(outcomes.map((o) => o.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await numbers()).toEqual([1]);
  });

  it('fail together where one of several splits was lost', async () => {
    const sink = await openSink();
    await positions(sink, 'a', 'b');
    await sink.commit(at({ a: '1', b: '1' }));
    const other = await openSink();
    await positions(other, 'b');
    await other.commit(at({ b: '2' }));
    await sink.write(rows(1));
    expect((await failure(sink.commit(at({ a: '2', b: '3' })))).code).toBe('fenced');
    expect(await numbers()).toEqual([]);
    expect(await positions(other, 'a', 'b')).toEqual({ a: '1', b: '2' });
  });

  it('are fenced off after another worker started afresh', async () => {
    const sink = await openSink();
    await positions(sink, 'a');
    await sink.commit(at({ a: '1' }));
    const fresh = await openSink();
    await fresh.forget?.();
    expect(await positions(fresh, 'a')).toEqual({});
    await sink.write(rows(1));
    expect((await failure(sink.commit(at({ a: '2' })))).code).toBe('fenced');
  });

  it('are fenced off when a forgotten position comes round again', async () => {
    const zombie = await openSink();
    await positions(zombie, 'a', 'b');
    await zombie.write(rows(1));
    await zombie.commit(at({ a: '1' }));
    const fresh = await openSink();
    await fresh.forget?.();
    expect(await positions(fresh, 'a', 'b')).toEqual({});
    await fresh.write(rows(1));
    await fresh.commit(at({ a: '1' }));
    await zombie.write(rows(2));
    expect(await failure(zombie.commit(at({ a: '2' })))).toMatchObject({
      code: 'fenced',
      message: expect.stringMatching(/a was begun anew since this worker read its position \(1\)$/),
    });
    // Nor does one pass for the first that had read nothing yet when the positions were forgotten.
    const idle = await openSink();
    await fresh.forget?.();
    await positions(idle, 'a');
    await fresh.forget?.();
    await idle.write(rows(3));
    expect((await failure(idle.commit(at({ a: '3' })))).code).toBe('fenced');
    expect(await numbers()).toEqual([1, 1]);
  });

  it('stay exact where an administrator deletes them while a job runs', async () => {
    const zombie = await openSink();
    await positions(zombie, 'a');
    await zombie.commit(at({ a: '1' }));
    await database.query('DELETE FROM shop.cryptopipe_checkpoint');
    await new Promise((resolve) => setTimeout(resolve, 2));
    const next = await openSink();
    await positions(next, 'a');
    await next.commit(at({ a: '1' }));
    await zombie.write(rows(2));
    expect((await failure(zombie.commit(at({ a: '2' })))).code).toBe('fenced');
  });

  it('are taken over from a table of an earlier version, whose workers may go on', async () => {
    await database.query('CREATE SCHEMA shop');
    await database.query(`CREATE TABLE shop.cryptopipe_checkpoint (job text NOT NULL, sink text NOT NULL, source text NOT NULL,
      split text NOT NULL, position text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (job, sink, source, split))`);
    await database.query(
      "INSERT INTO shop.cryptopipe_checkpoint VALUES ('job', 'target', 'ticks', 'a', '7'), ('job', 'target', 'ticks', 'b', '8')",
    );
    const [one, other] = [await openSink(), await openSink()];
    expect(await Promise.all([positions(one, 'a', 'b'), positions(other, 'a')])).toEqual([
      { a: '7', b: '8' },
      { a: '7' },
    ]);
    await one.write(rows(7));
    await one.commit(at({ a: '9', b: '8' }));
    expect(await positions(other, 'a', 'b')).toEqual({ a: '9', b: '8' });
    // As an earlier version writes.
    await database.query("UPDATE shop.cryptopipe_checkpoint SET position = '10' WHERE split = 'a' AND position = '9'");
    expect((await failure(one.commit(at({ a: '11' })))).code).toBe('fenced');
  });

  /** Writes numbers from the restored position on, as the runtime does: anew after each passing error. */
  const writeUpTo = async (end: number, more: Partial<SinkOf>, step = 3) => {
    let failures = 0;
    for (;;) {
      const sink = sinkOf({ url: proxy.url, table: 'shop.numbers', columns, createTables: true, ...more });
      try {
        await sink.open();
        let position = Number((await sink.restore?.('ticks', ['BTC-0']))?.get('BTC-0') ?? 0);
        while (position < end) {
          await sink.write(rows(...Array.from({ length: step }, (_, i) => position + i)));
          position += step;
          await sink.commit(at({ 'BTC-0': String(position) }));
        }
        return failures;
      } catch (error) {
        if (!(error as { passing?: boolean }).passing) throw error;
        failures++;
      } finally {
        await sink.close();
      }
    }
  };

  describe.each(['before', 'after'] as const)('when the connection is cut %s the server commits', (when) => {
    it.each([
      ['with a key', ['n']],
      ['without a key', undefined],
    ])('count once, %s', async (_, primaryKey) => {
      const more = primaryKey === undefined ? {} : { primaryKey };
      await writeUpTo(3, more);
      proxy.cutAt('t7', when);
      expect(await writeUpTo(12, more)).toBe(1);
      expect(await numbers()).toEqual(Array.from({ length: 12 }, (_, i) => i));
    });
  });

  it('survive a connection that is lost while nothing is under way', async () => {
    const sink = await openSink({ url: proxy.url });
    await positions(sink, 'a');
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await sink.write(rows(1));
    await sink.commit(at({ a: '1' }));
    expect(await numbers()).toEqual([1]);
  });

  it('survive a terminated server process', async () => {
    const sink = await openSink();
    await positions(sink, 'a');
    await database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await sink.write(rows(1));
    const outcome = sink.commit(at({ a: '1' }));
    await outcome.catch(() => undefined);
    expect(await writeUpTo(3, {}, 1)).toBe(0);
  });

  it('are rolled back where a constraint is checked at the very end', async () => {
    await database.query('CREATE SCHEMA shop');
    await database.query('CREATE TABLE shop.known (n bigint PRIMARY KEY)');
    await database.query(
      'CREATE TABLE shop.numbers (n bigint REFERENCES shop.known DEFERRABLE INITIALLY DEFERRED, text text)',
    );
    await database.query('INSERT INTO shop.known VALUES (1), (3)');
    const sink = await openSink();
    await positions(sink, 'a');
    await sink.commit(at({ a: '0' }));
    await sink.write(rows(1, 2, 3));
    expect(await failure(sink.commit(at({ a: '1' })))).toMatchObject({
      code: 'row-rejected',
      message:
        'shop.numbers does not take the row with n = 2, text = "t2": insert or update on table "numbers" violates foreign key constraint "numbers_n_fkey" (Key (n)=(2) is not present in table "known".)',
    });
    const next = await openSink();
    expect(await positions(next, 'a')).toEqual({ a: '0' });
    expect(await numbers()).toEqual([]);
  });

  it('are repeated at once after a deadlock', async () => {
    const more = { primaryKey: ['n'] };
    await writeUpTo(6, more);
    const [sink, rival] = [await openSink(more), new pg.Client(database.url)];
    await positions(sink, 'BTC-0');
    await rival.connect();
    await rival.query("SET deadlock_timeout = '10s'");
    await rival.query('BEGIN');
    await rival.query('UPDATE shop.numbers SET text = text WHERE n = 5');
    await sink.write(rows(1, 5));
    const commit = sink.commit(at({ 'BTC-0': '7' }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const update = rival.query('UPDATE shop.numbers SET text = text WHERE n = 1');
    await update;
    await rival.query('COMMIT');
    await commit;
    await rival.end();
    expect(await positions(sink, 'BTC-0')).toEqual({ 'BTC-0': '7' });
  });

  it('need no prepared statements', async () => {
    const url = `${database.jdbcUrl}?prepareThreshold=0`;
    const sink = await openSink({ options: { url } });
    await positions(sink, 'a');
    for (let i = 0; i < 3; i++) {
      await sink.write(rows(i));
      await sink.commit(at({ a: String(i) }));
    }
    expect(await numbers()).toEqual([0, 1, 2]);
  });

  it('survive statements that a pooler lost', async () => {
    const logged: string[] = [];
    const sink = await openSink({ url: proxy.url, logged });
    await positions(sink, 'a');
    await sink.write(rows(0));
    await sink.commit(at({ a: '0' }));
    proxy.replaceNext('cryptopipe_', 'somebodys_');
    await sink.write(rows(1));
    await sink.commit(at({ a: '1' }));
    expect(logged.filter((line) => !line.startsWith('bytes_written'))).toEqual([
      expect.stringMatching(/^statements_not_prepared .*"somebodys_.*does not exist$/),
    ]);
    expect(await numbers()).toEqual([0, 1]);
  });
});

const own = await need('own-postgres');
own.describe('a PostgreSQL server', () => {
  it('may restart, or be a standby for a while', async () => {
    const server = await startPostgres();
    const columns = { n: type.int() };
    const of = { url: server.url, table: 'numbers', columns, createTables: true };
    const batch = batchOf([type.int()], [[1]]);
    try {
      const sink = sinkOf(of);
      await sink.open();
      await server.restart();
      await sink.write(batch);
      const commit = sink.commit({ positions: new Map() });
      await commit.catch((error) => expect(error).toMatchObject({ passing: true }));
      await sink.close();

      const client = new pg.Client(server.url);
      await client.connect();
      await client.query('ALTER SYSTEM SET default_transaction_read_only = on');
      await client.query('SELECT pg_reload_conf()');
      await client.end();
      const reading = sinkOf(of);
      await reading.open();
      await reading.write(batch);
      expect(await failure(reading.commit({ positions: new Map() }))).toMatchObject({
        code: 'jdbc-unavailable',
        passing: true,
        help: "it is a read-only standby: option 'url' must name the primary",
      });
      await reading.close();

      await server.stop();
      expect(await failure(sinkOf(of).open())).toMatchObject({
        code: 'jdbc-connection',
        passing: true,
        message: `PostgreSQL at ${new URL(server.url).host} (option 'url') refuses connections (ECONNREFUSED): is it running there?`,
      });
    } finally {
      await server.remove();
    }
  });
});
