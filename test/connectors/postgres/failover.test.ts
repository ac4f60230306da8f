import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { batchOf } from '../../../engine/types/batch.ts';
import { type } from '../../../engine/types/data-type.ts';
import { need, query, startPgbouncer, startPostgres, startStandby, until } from '../../servers/index.ts';
import { failure, type SinkOf, sinkOf } from './sink-of.ts';

const columns = { n: type.int() };

/**
 * Writes the numbers below `end` from the stored position on, anew after each passing failure, as the runtime does;
 * `after` is called after each commit. Gives the messages of the failures.
 */
async function writeUpTo(end: number, of: Partial<SinkOf> & { url: string }, after?: (position: number) => unknown) {
  const failures: string[] = [];
  for (;;) {
    const sink = sinkOf({ table: 'numbers', columns, createTables: true, ...of });
    try {
      await sink.open();
      let position = Number((await sink.restore?.('ticks', ['a']))?.get('a') ?? 0);
      while (position < end) {
        await sink.write(batchOf(Object.values(columns), [[position]]));
        position++;
        await sink.commit({ positions: new Map([['ticks', new Map([['a', String(position)]])]]) });
        await after?.(position);
      }
      return failures;
    } catch (error) {
      if (!(error as { passing?: boolean }).passing) throw error;
      failures.push((error as Error).message);
      await sleep(100);
    } finally {
      await sink.close();
    }
  }
}

async function written(url: string): Promise<number[]> {
  return (await query(url, 'SELECT n FROM numbers ORDER BY n')).map((row) => Number(row.n));
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

const servers = await need('own-postgres');

servers.describe('a primary with a standby', () => {
  it('may fail: rows go on to the standby that became primary, each once', { timeout: 120_000 }, async () => {
    const primary = await startPostgres();
    const standby = await startStandby(primary.url);
    try {
      const alone = failure(sinkOf({ url: standby.url, table: 'numbers', columns, createTables: true }).open());
      expect(await alone).toMatchObject({
        code: 'jdbc-unavailable',
        passing: true,
        message: expect.stringMatching(/cannot take rows now: .*read-only transaction \(SQLSTATE 25006\)$/),
        help: "it is a read-only standby: option 'url' must name the primary",
      });
      const hosts = [standby.url, primary.url].map((url) => new URL(url).host).join(',');
      const of = { url: primary.url, options: { url: `jdbc:postgresql://${hosts}/postgres` } };
      let promoted: Promise<void> | undefined;
      const failures = await writeUpTo(60, of, async (position) => {
        if (position !== 30) return;
        await primary.kill();
        promoted = sleep(500).then(standby.promote);
      });
      await promoted;
      expect(failures.length).toBeGreaterThan(0);
      // The killed server may still have said goodbye.
      const goodbye = /unexpected postmaster exit/;
      for (const message of failures) {
        if (!goodbye.test(message)) expect(message).toMatch(/none of the hosts[\s\S]*is a read-only standby/);
      }
      expect(await written(standby.url)).toEqual(numbers(60));
    } finally {
      await standby.remove();
      await primary.remove();
    }
  });
});

servers.describe('a server that ends sessions', () => {
  it('for doing nothing gets each row once', { timeout: 60_000 }, async () => {
    const settings = { idle_session_timeout: '200ms', idle_in_transaction_session_timeout: '100ms' };
    const server = await startPostgres({ settings });
    try {
      await writeUpTo(4, { url: server.url }, () => sleep(400));
      expect(await written(server.url)).toEqual(numbers(4));
    } finally {
      await server.remove();
    }
  });
});

/** Workers see each other, also after the pooler's connections to the server were replaced by others. */
async function meetThrough(url: string, server: string): Promise<void> {
  const worker = (id: string) =>
    sinkOf({ url, table: 'numbers', columns, job: 'shared', worker: { id, timeout: 60_000 } });
  const [one, two] = [worker('one'), worker('two')];
  try {
    await Promise.all([one.open(), two.open()]);
    const holding = (split: string) => ({ splits: new Map([['ticks', [split]]]), ended: [] });
    await one.meet?.(holding('a'));
    const known = [{ id: 'one', ...holding('a') }];
    expect(await two.meet?.(holding('b'))).toEqual(known);
    await query(
      server,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
    );
    await until('a new connection of the pooler', async () => {
      expect(await two.meet?.(holding('b'))).toEqual(known);
      return true;
    });
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

const pooled = await need('own-postgres', 'pgbouncer');

pooled.describe('PgBouncer in transaction mode', () => {
  it('is written through, by several at once, and says which parameter it does not take', {
    timeout: 60_000,
  }, async () => {
    const server = await startPostgres();
    const bouncer = await startPgbouncer(server.url);
    try {
      await query(server.url, 'CREATE TABLE numbers (n int)');
      const jobs = ['one', 'two', 'three', 'four'];
      await Promise.all(jobs.map((job) => writeUpTo(25, { url: bouncer.url, job })));
      expect(await query(server.url, 'SELECT n, count(*)::int AS c FROM numbers GROUP BY n ORDER BY n')).toEqual(
        numbers(25).map((n) => ({ n, c: jobs.length })),
      );
      await meetThrough(bouncer.url, server.url);
      const url = `jdbc:postgresql://${new URL(bouncer.url).host}/postgres?options=-c%20geqo%3Doff`;
      const refused = sinkOf({ url: bouncer.url, table: 'numbers', columns, options: { url } });
      expect(await failure(refused.open())).toMatchObject({
        code: 'jdbc-pooler',
        passing: false,
        message: expect.stringMatching(
          /is a pooler that refuses the connection: unsupported startup parameter.*options/,
        ),
      });
    } finally {
      await bouncer.remove();
      await server.remove();
    }
  });
});
