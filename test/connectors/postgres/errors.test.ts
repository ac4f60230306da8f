import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchOf } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { type Database, freePort, freshDatabase, need } from '../../servers/index.ts';
import { failure, type SinkOf, sinkOf } from './sink-of.ts';

const servers = await need('postgres');
const NOTHING = { positions: new Map() };

servers.describe('a row that PostgreSQL does not take', () => {
  let database: Database;
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
  });
  afterAll(() => database?.drop());

  /** Writes 300 good rows around the bad one. */
  const reject = async (table: string, t: DataType, good: Scalar, bad: Scalar, more: Partial<SinkOf> = {}) => {
    const columns = { id: type.int(), v: t };
    const sink = sinkOf({ url: database.url, table, columns, primaryKey: ['id'], ...more });
    await sink.open();
    const scalars = Array.from({ length: 301 }, (_, i) => [i, i === 217 ? bad : good]);
    try {
      await sink.write(batchOf(Object.values(columns), scalars));
      return await failure(sink.commit(NOTHING));
    } finally {
      await sink.close();
    }
  };

  const MIN = -(1n << 63n);
  it.each<[string, DataType, Scalar, Scalar, string]>([
    ['integer', type.bigint(), 1n, 1n << 40n, '1099511627776: integer out of range'],
    ['smallint', type.int(), 1, 40_000, '40000: smallint out of range'],
    [
      'numeric(4,2)',
      type.decimal(10, 2),
      1n,
      12345n,
      '123.45: numeric field overflow (A field with precision 4, scale 2 must round to an absolute value less than 10^2.)',
    ],
    ['real', type.double(), 1, 1e300, '1.0E300: value out of range: overflow'],
    [
      'numeric(4,2)',
      type.double(),
      1,
      Number.POSITIVE_INFINITY,
      'Infinity: numeric field overflow (A field with precision 4, scale 2 cannot hold an infinite value.)',
    ],
    ['varchar(3)', type.string(), 'abc', 'naïve', '"naïve": value too long for type character varying(3)'],
    ['text', type.string(), 'abc', 'a\0b', '"a\\u0000b": invalid byte sequence for encoding "UTF8": 0x00'],
    [
      'uuid',
      type.string(),
      '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
      'no',
      '"no": invalid input syntax for type uuid: "no"',
    ],
    [
      'jsonb',
      type.string(),
      '{}',
      '{',
      '"{": invalid input syntax for type json (The input string ended unexpectedly.)',
    ],
    [
      'timestamp',
      type.timestamp(6),
      0n,
      MIN,
      '-9223372036854775808 µs since 1970: the timestamp is before 4713 BC, where PostgreSQL begins',
    ],
    [
      'date',
      type.date(),
      0,
      -3_000_000,
      '-3000000 days since 1970: the date is before 4713 BC, where PostgreSQL begins',
    ],
    [
      'jsonb',
      type.map(type.string(), type.double()),
      new Map(),
      new Map([['x', Number.NaN]]),
      '{x=NaN}: the value has no text that PostgreSQL reads',
    ],
  ])('is named with its column: %s', async (column, t, good, bad, reason) => {
    const table = 'rejecting';
    await database.query(`DROP TABLE IF EXISTS ${table}`);
    await database.query(`CREATE TABLE ${table} (id int PRIMARY KEY, v ${column})`);
    const { code, message, passing } = await reject(table, t, good, bad);
    expect({ code, passing }).toEqual({ code: 'row-rejected', passing: false });
    const start = `public.${table} does not take the row with id = 217: column 'v' (`;
    expect(message.startsWith(start)).toBe(true);
    expect(message.slice(message.indexOf('cannot take ') + 12)).toBe(reason);
    expect(await database.query(`SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: 0 }]);
  });

  it('is named with the constraint it violates', async () => {
    await database.query('CREATE TABLE checked (id int PRIMARY KEY, v int NOT NULL CHECK (v > 0) UNIQUE)');
    await database.query('INSERT INTO checked VALUES (1000, 77)');
    const one = async (bad: Scalar) => {
      const columns = { id: type.int(), v: type.int() };
      const sink = sinkOf({ url: database.url, table: 'checked', columns, primaryKey: ['id'] });
      await sink.open();
      await sink.write(
        batchOf(
          Object.values(columns),
          Array.from({ length: 50 }, (_, i) => [i, i === 20 ? bad : i + 1000]),
        ),
      );
      const { message } = await failure(sink.commit(NOTHING));
      await sink.close();
      return message;
    };
    expect(await one(-5)).toBe(
      'public.checked does not take the row with id = 20: new row for relation "checked" violates check constraint "checked_v_check" (Failing row contains (20, -5).)',
    );
    expect(await one(77)).toBe(
      'public.checked does not take the row with id = 20: duplicate key value violates unique constraint "checked_v_key" (Key (v)=(77) already exists.)',
    );
    expect(await one(null)).toBe(
      `public.checked does not take the row with id = 20: column 'v' (integer) cannot take NULL: null value in column "v" of relation "checked" violates not-null constraint`,
    );
  });

  it('is told from a table that was changed meanwhile', async () => {
    await database.query('CREATE TABLE changing (id int PRIMARY KEY, v int)');
    const columns = { id: type.int(), v: type.int() };
    const sink = sinkOf({ url: database.url, table: 'changing', columns, primaryKey: ['id'] });
    await sink.open();
    await database.query('ALTER TABLE changing DROP COLUMN v');
    await sink.write(batchOf(Object.values(columns), [[1, 1]]));
    expect(await failure(sink.commit(NOTHING))).toEqual({
      code: 'jdbc-write',
      passing: false,
      message:
        'PostgreSQL refuses rows for public.changing: column "v" of relation "changing" does not exist (SQLSTATE 42703)',
      help: 'was the table changed? Starting again checks it against the job',
    });
    await sink.close();
  });

  it('is told from a column whose type was changed meanwhile, before anything is written', async () => {
    await database.query('CREATE TABLE retyped (id int PRIMARY KEY, v int)');
    const columns = { id: type.int(), v: type.int() };
    const sink = sinkOf({ url: database.url, table: 'retyped', columns, primaryKey: ['id'] });
    await sink.open();
    await sink.write(batchOf(Object.values(columns), [[1, 1]]));
    await sink.commit(NOTHING);
    await database.query('ALTER TABLE retyped ALTER COLUMN v TYPE date USING NULL');
    await sink.write(batchOf(Object.values(columns), [[2, 2]]));
    expect(await failure(sink.commit(NOTHING))).toMatchObject({
      code: 'jdbc-write',
      passing: false,
      message: expect.stringMatching(/column "v" is of type date but expression is of type integer/),
      help: 'was the table changed? Starting again checks it against the job',
    });
    await sink.close();
    expect(await database.query('SELECT id FROM retyped')).toEqual([{ id: 1 }]);
  });
});

servers.describe('a connection that cannot be made', () => {
  let database: Database;
  let silent: Server;
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    silent?.close();
    await database?.drop();
  });

  const refused = (options: Record<string, string>) =>
    failure(sinkOf({ url: database.url, table: 't', columns: { a: type.int() }, options }).open());
  const host = () => new URL(database.url).host;

  it('for the password', async () => {
    expect(await refused({ password: 'wrong secret' })).toEqual({
      code: 'jdbc-login',
      message: `PostgreSQL at ${host()} (option 'url') does not accept the password of user '${database.user}'`,
      help: "check the options 'username' and 'password'",
      passing: false,
    });
  });

  it('for the database, with the one that was meant', async () => {
    const name = new URL(database.url).pathname.slice(1);
    expect(await refused({ url: `jdbc:postgresql://${host()}/${name.slice(0, -1)}` })).toEqual({
      code: 'jdbc-database',
      message: `PostgreSQL at ${host()} (option 'url') has no database '${name.slice(0, -1)}'`,
      help: `did you mean '${name}'?`,
      passing: false,
    });
  });

  it('for the host or port', async () => {
    const port = await freePort();
    expect(await refused({ url: `jdbc:postgresql://127.0.0.1:${port}/x` })).toMatchObject({
      code: 'jdbc-connection',
      message: `PostgreSQL at 127.0.0.1:${port} (option 'url') refuses connections (ECONNREFUSED): is it running there?`,
      passing: true,
    });
    expect(await refused({ url: 'jdbc:postgresql://no-such-host.invalid/x' })).toMatchObject({
      code: 'jdbc-connection',
      message: expect.stringMatching(/no address is known for host 'no-such-host.invalid'/),
      passing: true,
    });
  });

  it('for silence', async () => {
    const { port } = silent.address() as { port: number };
    expect(await refused({ url: `jdbc:postgresql://127.0.0.1:${port}/x?connectTimeout=1` })).toMatchObject({
      code: 'jdbc-connection',
      message: `PostgreSQL at 127.0.0.1:${port} (option 'url') cannot be reached: no answer in time`,
      passing: true,
    });
  });

  it('for several hosts at once, unless one of them answers', async () => {
    const port = await freePort();
    const name = new URL(database.url).pathname.slice(1);
    expect(await refused({ url: `jdbc:postgresql://127.0.0.1:${port},localhost:${port}/x` })).toMatchObject({
      code: 'jdbc-unavailable',
      message: expect.stringContaining(`  - PostgreSQL at localhost:${port} (option 'url') refuses connections`),
      passing: true,
    });
    await database.query('CREATE TABLE t (a int)');
    const sink = sinkOf({
      url: database.url,
      table: 't',
      columns: { a: type.int() },
      options: { url: `jdbc:postgresql://127.0.0.1:${port},${host()}/${name}` },
    });
    await sink.open();
    await sink.close();
  });

  it('never shows the password', async () => {
    const shown: string[] = [];
    for (const options of [
      { password: 'top secret' },
      { url: `jdbc:postgresql://${host()}/x?password=top%20secret` },
    ]) {
      const { message, help } = await refused({ username: database.user, ...options });
      shown.push(message, help ?? '');
    }
    expect(shown.join()).not.toContain('secret');
  });
});
