import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Sink } from '../../../engine/connector/sink.ts';
import { batchOf } from '../../../engine/types/batch.ts';
import { type } from '../../../engine/types/data-type.ts';
import { type Database, freshDatabase, need } from '../../servers/index.ts';
import { type Cut, type CuttingProxy, startProxy } from './proxy.ts';
import { failure, sinkOf } from './sink-of.ts';

const servers = await need('postgres');

servers.describe('rows, dead letters and positions of one commit', () => {
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

  const columns = { n: type.bigint() };
  const letterColumns = { error_message: type.string() };
  const rows = (...numbers: number[]) =>
    batchOf(
      Object.values(columns),
      numbers.map((n) => [BigInt(n)]),
    );
  const letter = (text: string) => batchOf(Object.values(letterColumns), [[text]]);
  const at = (position: string) => ({ positions: new Map([['ticks', new Map([['t-0', position]])]]) });

  /** Both sinks of a job, as the runtime opens them: the rows' sink takes the letters into its transactions. */
  const openBoth = async () => {
    // Statements are sent whole each time, so that their texts come by.
    const unprepared = `${database.jdbcUrl.replace(new URL(database.url).host, new URL(proxy.url).host)}?prepareThreshold=0`;
    const of = { url: proxy.url, createTables: true, options: { url: unprepared } };
    const numbers = sinkOf({ ...of, table: 'shop.numbers', columns });
    const letters = sinkOf({ ...of, table: 'shop.letters', columns: letterColumns });
    expect(numbers.join?.(letters)).toBe(true);
    sinks.push(numbers, letters);
    await numbers.open();
    await letters.open();
    const position = (await numbers.restore?.('ticks', ['t-0']))?.get('t-0');
    return { numbers, letters, position };
  };
  const stored = async () => {
    const [found] = await database.query(`SELECT
      (SELECT array_agg(n::int ORDER BY n) FROM shop.numbers) AS numbers,
      (SELECT array_agg(error_message ORDER BY error_message) FROM shop.letters) AS letters,
      (SELECT position FROM shop.cryptopipe_checkpoint WHERE split = 't-0') AS position`);
    return found;
  };
  const first = async () => {
    const both = await openBoth();
    await both.letters.write(letter('l1'));
    await both.numbers.write(rows(1));
    await both.numbers.commit(at('1'));
    return both;
  };
  const FIRST = { numbers: [1], letters: ['l1'], position: '1' };
  const SECOND = { numbers: [1, 2], letters: ['l1', 'l2'], position: '2' };

  // Where the bytes are cut, and what is stored then: all of the second commit, or nothing of it.
  const cuts: [string, string, Cut, object][] = [
    ['BEGIN', 'BEGIN', 'before', FIRST],
    ['BEGIN', 'BEGIN', 'after', FIRST],
    ['the letters', 'shop"."letters', 'before', FIRST],
    ['the letters', 'shop"."letters', 'within', FIRST],
    ['the letters', 'shop"."letters', 'after', FIRST],
    ['the rows', 'shop"."numbers', 'before', FIRST],
    ['the rows', 'shop"."numbers', 'within', FIRST],
    ['the rows', 'shop"."numbers', 'after', FIRST],
    ['COMMIT', 'COMMIT', 'before', FIRST],
    ['COMMIT', 'COMM', 'within', FIRST],
    ['COMMIT', 'COMMIT', 'after', SECOND],
  ];
  it.each(cuts)('are one: the connection is cut at %s (%s, %s)', async (_title, text, when, expected) => {
    const { numbers, letters } = await first();
    await letters.write(letter('l2'));
    await numbers.write(rows(2));
    proxy.cutAt(text, when);
    expect(await failure(numbers.commit(at('2')))).toMatchObject({ passing: true });
    const again = await openBoth();
    expect(await stored()).toEqual(expected);
    // What was not written is read again from where the position stands.
    if (again.position === '1') {
      await again.letters.write(letter('l2'));
      await again.numbers.write(rows(2));
      await again.numbers.commit(at('2'));
    }
    expect(await stored()).toEqual(SECOND);
  });

  it('are undone as one where COMMIT is answered by ROLLBACK', async () => {
    const { numbers, letters } = await first();
    await letters.write(letter('l2'));
    await numbers.write(rows(2));
    proxy.replaceNext('COMMIT', 'ABORT ');
    expect(await failure(numbers.commit(at('2')))).toEqual({
      code: 'jdbc-conflict',
      message: 'PostgreSQL answered COMMIT with ROLLBACK',
      help: undefined,
      passing: true,
    });
    expect(await stored()).toEqual(FIRST);
  });

  it('are undone where the server ends a transaction that stands still (idle_in_transaction_session_timeout)', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.query(`ALTER DATABASE ${name} SET idle_in_transaction_session_timeout = '200 ms'`);
    try {
      const { numbers, letters } = await first();
      await letters.write(letter('l2'));
      await numbers.write(rows(2));
      proxy.holdAt('COMMIT', 1500);
      expect(await failure(numbers.commit(at('2')))).toMatchObject({ passing: true });
      expect(await stored()).toEqual(FIRST);
      const again = await openBoth();
      expect(again.position).toBe('1');
      await again.letters.write(letter('l2'));
      await again.numbers.write(rows(2));
      await again.numbers.commit(at('2'));
      expect(await stored()).toEqual(SECOND);
    } finally {
      await database.query(`ALTER DATABASE ${name} RESET idle_in_transaction_session_timeout`);
    }
  });

  it('are kept out by a table that refuses a letter: that is lasting, nothing is written', async () => {
    const { numbers, letters } = await first();
    await database.query("ALTER TABLE shop.letters ADD CHECK (error_message <> 'no')");
    await letters.write(letter('no'));
    await numbers.write(rows(2));
    const failed = await failure(numbers.commit(at('2')));
    expect(failed).toMatchObject({ code: 'jdbc-write', passing: false });
    expect(failed.message).toContain('shop.letters');
    expect(failed.message).toContain('letters_error_message_check');
    expect(await stored()).toEqual(FIRST);
  });

  it('are undone together by the fence', async () => {
    const zombie = await first();
    const owner = await openBoth();
    await owner.numbers.commit(at('5'));
    await zombie.letters.write(letter('l2'));
    await zombie.numbers.write(rows(2));
    expect((await failure(zombie.numbers.commit(at('2')))).code).toBe('fenced');
    expect(await stored()).toEqual({ ...FIRST, position: '5' });
  });

  it('have no transaction in common with another user or database', () => {
    const one = sinkOf({ url: database.url, table: 'shop.numbers', columns });
    const user = new URL(database.url);
    user.username = 'someone';
    const elsewhere = new URL(database.url);
    elsewhere.pathname = '/elsewhere';
    for (const url of [user.href, elsewhere.href]) {
      expect(one.join?.(sinkOf({ url, table: 'shop.letters', columns: letterColumns }))).toBe(false);
    }
  });
});
