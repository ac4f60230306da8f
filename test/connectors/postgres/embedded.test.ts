import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../connectors/postgres/embedded.ts';
import { batchOf } from '../../../engine/types/batch.ts';
import { type } from '../../../engine/types/data-type.ts';
import { query } from '../../servers/index.ts';
import { failure, sinkOf } from './sink-of.ts';

const run = promisify(execFile);
const columns = { symbol: type.string(), price: type.double() };
const batch = (...rows: [string, number][]) => batchOf(Object.values(columns), rows);
const at = (position: string) => ({ positions: new Map([['ticks', new Map([['BTC-0', position]])]]) });

describe('the embedded PostgreSQL', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startEmbeddedPostgres();
  });
  afterAll(() => server?.close());

  const openSink = async (table: string, job = table) => {
    const sink = sinkOf({ url: server.url, table, columns, primaryKey: ['symbol'], createTables: true, job });
    await sink.open();
    return sink;
  };

  it('takes rows and positions, from several clients at once', async () => {
    const sinks = await Promise.all(['shop.a', 'shop.b', 'c'].map((table) => openSink(table)));
    await Promise.all(
      sinks.map(async (sink, s) => {
        await sink.restore?.('ticks', ['BTC-0']);
        for (let i = 0; i < 30; i++) {
          await sink.write(batch(['BTC', i], [`S${i}`, s]));
          await sink.commit(at(`${s}-${i}`));
        }
      }),
    );
    await Promise.all(sinks.map((sink) => sink.close()));
    for (const table of ['shop.a', 'shop.b', 'c']) {
      expect(await query(server.url, `SELECT count(*)::int AS n, max(price) AS price FROM ${table}`)).toEqual([
        { n: 31, price: 29 },
      ]);
    }
  });

  it('keeps a zombie out', async () => {
    const zombie = await openSink('fenced.t');
    await zombie.restore?.('ticks', ['BTC-0']);
    await zombie.commit(at('1'));
    const owner = await openSink('fenced.t');
    await owner.restore?.('ticks', ['BTC-0']);
    await owner.write(batch(['BTC', 1]));
    await owner.commit(at('2'));
    await zombie.write(batch(['BTC', 2]));
    expect((await failure(zombie.commit(at('3')))).code).toBe('fenced');
    expect(await query(server.url, 'SELECT price FROM fenced.t')).toEqual([{ price: 1 }]);
    await Promise.all([zombie.close(), owner.close()]);
  });

  it('keeps statements of clients apart that come in parts', async () => {
    await query(server.url, 'CREATE TABLE parts (client int, n int)');
    const clients = Array.from({ length: 4 }, () => new pg.Client(server.url));
    await Promise.all(clients.map((client) => client.connect()));
    await Promise.all(
      clients.map(async (client, c) => {
        // Long enough to arrive in several pieces.
        const text = String(c).repeat(500_000);
        for (let n = 0; n < 20; n++) {
          const { rows } = await client.query(`INSERT INTO parts VALUES (${c}, $1) RETURNING client, n, md5($2)`, [
            n,
            text,
          ]);
          expect(rows).toEqual([{ client: c, n, md5: createHash('md5').update(text).digest('hex') }]);
        }
      }),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(await query(server.url, 'SELECT count(DISTINCT (client, n))::int AS n FROM parts')).toEqual([{ n: 80 }]);
  });

  it('goes on when a client goes away in the middle of a statement', async () => {
    const gone = new pg.Client(server.url);
    gone.on('error', () => undefined);
    await gone.connect();
    const { connection } = gone as unknown as {
      connection: { parse(query: object): void; stream: { destroy(): void } };
    };
    connection.parse({ text: 'SELECT $1::int', types: [] });
    await new Promise((resolve) => setTimeout(resolve, 100));
    connection.stream.destroy();
    expect(await query(server.url, 'SELECT $1::int AS n', [7])).toEqual([{ n: 7 }]);
  });

  it('lets clients take turns by transactions', async () => {
    await query(server.url, 'CREATE TABLE turns (n int)');
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO turns VALUES (1)');
    const other = query(server.url, 'SELECT count(*)::int AS n FROM turns');
    await client.query('ROLLBACK');
    expect(await other).toEqual([{ n: 0 }]);
    await client.end();
  });

  it('serves psql', async (context) => {
    const psql = run('psql', [server.url, '-Atc', 'SELECT 6 * 7']);
    const answer = await psql.catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      context.skip('no psql on PATH');
    });
    expect(answer?.stdout).toBe('42\n');
  });

  it('keeps a database in a folder, and takes a free port where the wanted one is taken', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'cryptopipe-embedded-'));
    const options = { port: server.port, dir: path.join(dir, 'new', 'folder') };
    const first = await startEmbeddedPostgres(options);
    expect(first.port).not.toBe(server.port);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS a');
    await first.close();
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    const second = await startEmbeddedPostgres(options);
    expect(await query(second.url, 'SELECT a FROM kept')).toEqual([{ a: 1 }]);
    await second.close();
    rmSync(dir, { recursive: true });
  });
});
