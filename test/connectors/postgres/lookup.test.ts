import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConnectSettings, parseJdbcUrl } from '../../../connectors/postgres/jdbc-url.ts';
import { PostgresLookup } from '../../../connectors/postgres/lookup.ts';
import { type CacheSettings, LookupCache } from '../../../connectors/postgres/lookup-cache.ts';
import type { ConnectorContext, Log } from '../../../engine/connector/context.ts';
import { RunError } from '../../../engine/connector/errors.ts';
import type { Field } from '../../../engine/types/data-type.ts';
import { type } from '../../../engine/types/data-type.ts';
import { type Database, freshDatabase, need } from '../../servers/index.ts';
import { rejectsNothing } from '../rejects-nothing.ts';

const servers = await need('postgres');

const cache: CacheSettings = {
  maxRows: 2,
  expireAfterWrite: Number.POSITIVE_INFINITY,
  expireAfterAccess: Number.POSITIVE_INFINITY,
  missing: true,
};

servers.describe('the jdbc lookup', () => {
  let database: Database;
  const warnings: string[] = [];
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
    await database.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET timezone = 'Asia/Kolkata'`);
    await database.query(`
      CREATE TABLE c (id int4 PRIMARY KEY, tenant uuid, name varchar(20), price numeric(10, 3), at timestamptz,
        day date, ok bool, bytes bytea, ratio float8, seen timestamp(3));
      INSERT INTO c VALUES
        (1, '00000000-0000-0000-0000-00000000000a', 'ann "x"', 1.5, '2024-01-02 03:04:05.678+00', '2024-02-29', true, '\\x00ff', 'Infinity', '2024-01-01 10:00:00.5'),
        (2, '00000000-0000-0000-0000-00000000000b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (3, '00000000-0000-0000-0000-00000000000a', 'cy', -2, NULL, NULL, false, NULL, 'NaN', NULL);`);
  });
  afterAll(() => database?.drop());

  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (event) => void warnings.push(event),
    error: () => {},
  };
  const settings = (): ConnectSettings => {
    const address = new URL(database.url);
    const { settings: parsed } = parseJdbcUrl(`jdbc:postgresql://${address.host}${address.pathname}`);
    return { ...parsed!, user: decodeURIComponent(address.username), password: decodeURIComponent(address.password) };
  };
  const lookup = (keys: readonly Field[], wanted: readonly Field[], cached?: CacheSettings, table = 'c') => {
    const context: ConnectorContext = {
      job: 'j',
      id: 'c',
      log,
      counters: { add: () => {} },
      rejects: rejectsNothing,
      createTables: false,
      timeZone: 'UTC',
      notNull: 'ERROR',
    };
    return new PostgresLookup(
      { connect: settings(), table: { table }, keys, wanted, cache: cached, maxRetries: 1 },
      context,
    );
  };
  const id = { name: 'id', type: type.bigint() };
  const name = { name: 'name', type: type.string() };

  it('finds the rows of many keys at once, of every type', async () => {
    const wanted = [
      name,
      { name: 'price', type: type.decimal(10, 3) },
      { name: 'at', type: type.timestampLtz(3) },
      { name: 'day', type: type.date() },
      { name: 'ok', type: type.boolean() },
      { name: 'bytes', type: type.bytes() },
      { name: 'ratio', type: type.double() },
      { name: 'seen', type: type.timestamp(3) },
      { name: 'tenant', type: type.string() },
    ];
    const asking = lookup([id], wanted);
    try {
      const found = await asking.find([[3n], [77n], [1n], [3_000_000_000n]]);
      expect(found).toEqual([
        [['cy', -2000n, null, null, false, null, Number.NaN, null, '00000000-0000-0000-0000-00000000000a']],
        [],
        [
          [
            'ann "x"',
            1500n,
            1_704_164_645_678_000n,
            19782,
            true,
            new Uint8Array([0, 255]),
            Number.POSITIVE_INFINITY,
            1_704_103_200_500_000n,
            '00000000-0000-0000-0000-00000000000a',
          ],
        ],
        [],
      ]);
    } finally {
      await asking.close();
    }
  });

  it('finds several rows of a key of several columns, and more keys than one query takes', async () => {
    const asking = lookup(
      [
        { name: 'tenant', type: type.string() },
        { name: 'ok', type: type.boolean() },
      ],
      [id],
    );
    const many = lookup([id], [id]);
    try {
      expect(
        await asking.find([
          ['00000000-0000-0000-0000-00000000000a', true],
          ['00000000-0000-0000-0000-00000000000a', false],
        ]),
      ).toEqual([[[1n]], [[3n]]]);
      const found = await many.find(Array.from({ length: 2500 }, (_, i) => [BigInt(i)]));
      expect(found.flatMap((rows, i) => rows.map(([n]) => [i, n]))).toEqual([
        [1, 1n],
        [2, 2n],
        [3, 3n],
      ]);
    } finally {
      await asking.close();
      await many.close();
    }
  });

  it('asks again where the connection was lost', async () => {
    const asking = lookup([id], [name]);
    try {
      expect(await asking.find([[1n]])).toEqual([[['ann "x"']]]);
      await database.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      expect(await asking.find([[3n]])).toEqual([[['cy']]]);
    } finally {
      await asking.close();
    }
  });

  it('keeps what it found where a cache is wanted', async () => {
    const cached = lookup([id], [name], cache);
    const plain = lookup([id], [name]);
    try {
      await cached.find([[3n], [500n]]);
      await database.query("UPDATE c SET name = 'new' WHERE id = 3; INSERT INTO c (id, name) VALUES (500, 'late')");
      expect(await cached.find([[3n], [500n]])).toEqual([[['cy']], []]);
      expect(await plain.find([[3n], [500n]])).toEqual([[['new']], [['late']]]);
    } finally {
      await cached.close();
      await plain.close();
    }
  });

  it('says what is missing and what would fit', async () => {
    const failure = async (asking: PostgresLookup) => {
      try {
        await asking.find([[1n]]);
      } catch (error) {
        if (error instanceof RunError) return `${error.message} (${error.help})`;
        throw error;
      } finally {
        await asking.close();
      }
      return undefined;
    };
    expect(await failure(lookup([id], [{ ...name, name: 'nam' }]))).toBe(
      "table public.c has no column 'nam' (did you mean 'name'?)",
    );
    expect(await failure(lookup([id], [name], undefined, 'cc'))).toMatch(
      /^table cc, named by option 'table-name', does not exist/,
    );
    expect(await failure(lookup([id], [{ name: 'name', type: type.int() }]))).toBe(
      "column 'name' has 'ann \"x\"', which is no INT (undefined)",
    );
  });
});

it('a cache forgets the key used longest ago, and what is too old', () => {
  const entries = new LookupCache({ ...cache, expireAfterWrite: 100, expireAfterAccess: 50, missing: false });
  entries.put('a', [[1]], 0);
  entries.put('b', [[2]], 0);
  expect(entries.get('a', 10)).toEqual([[1]]);
  entries.put('c', [[3]], 10);
  expect(entries.get('b', 10)).toBeUndefined();
  expect(entries.get('a', 59)).toEqual([[1]]);
  expect(entries.get('a', 99)).toEqual([[1]]);
  expect(entries.get('a', 100)).toBeUndefined();
  expect(entries.get('c', 60)).toBeUndefined();
  entries.put('d', [], 60);
  expect(entries.get('d', 60)).toBeUndefined();
});
