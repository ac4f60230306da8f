import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchOf, type RowBatch } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { type Database, freshDatabase, need } from '../../servers/index.ts';
import { failure, type SinkOf, sinkOf } from './sink-of.ts';

const servers = await need('postgres');
const NOTHING = { positions: new Map() };

servers.describe('the jdbc sink writes', () => {
  let database: Database;
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
    await database.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET timezone = 'Asia/Kolkata'`);
  });
  afterAll(() => database?.drop());

  const columns = { symbol: type.string(), price: type.double(), at: type.timestamp(3), topic: type.string() };
  const batch = (of: Readonly<Record<string, DataType>>, rows: Scalar[][], kinds?: number[]): RowBatch => ({
    ...batchOf(Object.values(of), rows),
    ...(kinds === undefined ? {} : { kinds: Uint8Array.from(kinds) }),
  });
  /** Writes each batch in a commit of its own. */
  const write = async (of: Omit<SinkOf, 'url'>, ...batches: RowBatch[]) => {
    const sink = sinkOf({ url: database.url, createTables: true, ...of });
    try {
      await sink.open();
      for (const rows of batches) {
        await sink.write(rows);
        await sink.commit(NOTHING);
      }
    } finally {
      await sink.close();
    }
  };

  it('the last row of each key, into a table that it creates with its schema', async () => {
    const of = { table: 'machine.prices', columns, primaryKey: ['symbol', 'topic'] };
    await write(
      of,
      batch(columns, [
        ['BTC', 1, 1_000_000n, 'a'],
        ['BTC', 2, 2_000_000n, 'a'],
        ['BTC', 3, null, 'b'],
      ]),
      batch(columns, [['BTC', 4, 1_700_000_000_123_000n, 'a']]),
    );
    expect(await database.query('SELECT *, at::text FROM machine.prices ORDER BY topic')).toMatchObject([
      { symbol: 'BTC', price: 4, at: '2023-11-14 22:13:20.123', topic: 'a' },
      { symbol: 'BTC', price: 3, at: null, topic: 'b' },
    ]);
    const [made] = await database.query(
      "SELECT string_agg(format('%s %s %s', attname, format_type(atttypid, atttypmod), attnotnull), ', ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 'machine.prices'::regclass AND attnum > 0",
    );
    expect(made?.columns).toBe(
      'symbol text t, price double precision f, at timestamp(3) without time zone f, topic text t',
    );
  });

  it('rows that a changelog takes away and brings back', async () => {
    const of = { table: 'changes', columns: { id: type.bigint(), name: type.string() }, primaryKey: ['id'] };
    const rows = (kinds: number[], ...list: Scalar[][]) => batch(of.columns, list, kinds);
    await write(
      of,
      rows([0, 0, 0, 3], [1n, 'a'], [2n, 'b'], [3n, 'c'], [3n, 'c']),
      rows([1, 2, 3, 3, 0], [1n, 'a'], [1n, 'A'], [2n, 'b'], [4n, 'd'], [5n, 'e']),
    );
    expect(await database.query('SELECT * FROM changes ORDER BY id')).toEqual([
      { id: '1', name: 'A' },
      { id: '5', name: 'e' },
    ]);
  });

  it('only new rows where every column is a key', async () => {
    const of = { table: 'tags', columns: { a: type.string(), b: type.int() }, primaryKey: ['a', 'b'] };
    const rows = batch(of.columns, [
      ['x', 1],
      ['x', 2],
      ['x', 1],
    ]);
    await write(of, rows, rows);
    expect(await database.query('SELECT count(*)::int AS n FROM tags')).toEqual([{ n: 2 }]);
  });

  it('every row where there is no key', async () => {
    const of = { table: 'log', columns: { a: type.string(), b: type.int() } };
    const rows = batch(of.columns, [
      ['x', 1],
      ['x', null],
      ['x', 1],
    ]);
    await write(of, rows, rows);
    expect(await database.query('SELECT count(*)::int AS n, count(b)::int AS b FROM log')).toEqual([{ n: 6, b: 4 }]);
  });

  it('into tables and columns of any name', async () => {
    const odd = '"; DROP TABLE x; --';
    const of = { table: odd, columns: { 'a "b" $1': type.int(), "it's\\": type.string() }, primaryKey: ['a "b" $1'] };
    await write(of, batch(of.columns, [[1, "o'\\"]]));
    expect(await database.query('SELECT * FROM """; DROP TABLE x; --"')).toEqual([{ 'a "b" $1': 1, "it's\\": "o'\\" }]);
    await write({ ...of, table: '"Weird"."Name.with.dots"' }, batch(of.columns, [[1, 'x']]));
    expect(await database.query('SELECT * FROM "Weird"."Name.with.dots"')).toHaveLength(1);
  });

  it('a table of the search path, or of currentSchema', async () => {
    await database.query('CREATE SCHEMA other');
    await database.query('CREATE TABLE other.only_there (a int PRIMARY KEY)');
    await database.query('CREATE TABLE found_here (a int PRIMARY KEY)');
    const of = { columns: { a: type.int() }, primaryKey: ['a'], createTables: false };
    const rows = batch(of.columns, [[7]]);
    await write({ ...of, table: 'found_here' }, rows);
    const url = `${database.jdbcUrl}?currentSchema=other`;
    await write({ ...of, table: 'only_there', options: { url } }, rows);
    expect(await database.query('SELECT * FROM other.only_there NATURAL JOIN found_here')).toEqual([{ a: 7 }]);
  });

  const nested = type.row([
    { name: 'a', type: type.int() },
    { name: 'b', type: type.array(type.string()) },
  ]);
  /** Flink type, values, the column's type (default: that of a created table), its text in PostgreSQL. */
  const cases: readonly [DataType, Scalar[], string | undefined, (string | null)[]][] = [
    [type.boolean(), [true, false, null], undefined, ['true', 'false', null]],
    [type.tinyint(), [-128, 127], undefined, ['-128', '127']],
    [type.smallint(), [-32768, 32767], undefined, ['-32768', '32767']],
    [type.int(), [-2147483648, 2147483647, 0], undefined, ['-2147483648', '2147483647', '0']],
    [
      type.bigint(),
      [-(1n << 63n), (1n << 63n) - 1n, 0n],
      undefined,
      ['-9223372036854775808', '9223372036854775807', '0'],
    ],
    [type.float(), [Math.fround(0.1), -0], undefined, ['0.1', '-0']],
    [
      type.double(),
      [0.1, 5e-324, 1.7976931348623157e308, Number.NaN, Number.NEGATIVE_INFINITY, -0],
      undefined,
      ['0.1', '5e-324', '1.7976931348623157e+308', 'NaN', '-Infinity', '-0'],
    ],
    [
      type.decimal(18, 5),
      [0n, 1n, -1n, 100000n, 123456789012345678n, -123456789012345678n, 12340000n, 1000000000n],
      undefined,
      [
        '0.00000',
        '0.00001',
        '-0.00001',
        '1.00000',
        '1234567890123.45678',
        '-1234567890123.45678',
        '123.40000',
        '10000.00000',
      ],
    ],
    [
      type.decimal(38, 0),
      [99999999999999999999999999999999999999n, -10000000000000000n, 10000n],
      undefined,
      ['99999999999999999999999999999999999999', '-10000000000000000', '10000'],
    ],
    [type.decimal(38, 38), [1n, 10n ** 37n], undefined, [`0.${'0'.repeat(37)}1`, `0.1${'0'.repeat(37)}`]],
    [
      type.string(),
      ['', 'naïve 😀', 'x'.repeat(100), '😀'.repeat(40), 'NULL', '{"}', null],
      undefined,
      ['', 'naïve 😀', 'x'.repeat(100), '😀'.repeat(40), 'NULL', '{"}', null],
    ],
    [type.varchar(3), ['abc', ''], undefined, ['abc', '']],
    [type.char(3), ['abc'], 'char(5)', ['abc']],
    [type.string(), ['6ba7b810-9dad-11d1-80b4-00c04fd430c8'], 'uuid', ['6ba7b810-9dad-11d1-80b4-00c04fd430c8']],
    [type.string(), ['{"a": 1}', 'null', null], 'jsonb', ['{"a": 1}', 'null', null]],
    [type.string(), ['{"a":1 }'], 'json', ['{"a":1 }']],
    [type.string(), ['10.0.0.1'], 'inet', ['10.0.0.1/32']],
    [type.string(), ['happy'], 'mood', ['happy']],
    [type.string(), ['101'], 'bit(3)', ['101']],
    [type.bytes(), [Uint8Array.of(0, 255), new Uint8Array(), null], undefined, ['\\x00ff', '\\x', null]],
    [
      type.date(),
      [0, 19675, -719162, 2932896, 106751991],
      undefined,
      ['1970-01-01', '2023-11-14', '0001-01-01', '9999-12-31', '294247-01-10'],
    ],
    [type.time(3), [0, 86_399_999], undefined, ['00:00:00', '23:59:59.999']],
    [
      type.timestamp(6),
      [0n, 1_700_000_000_123_456n, -1n, -62_135_596_800_000_000n, (1n << 63n) - 1n],
      undefined,
      [
        '1970-01-01 00:00:00',
        '2023-11-14 22:13:20.123456',
        '1969-12-31 23:59:59.999999',
        '0001-01-01 00:00:00',
        '294247-01-10 04:00:54.775807',
      ],
    ],
    [
      type.timestamp(9),
      [1_700_000_000_123_456_500n, -1n, -501n],
      undefined,
      ['2023-11-14 22:13:20.123457', '1970-01-01 00:00:00', '1969-12-31 23:59:59.999999'],
    ],
    [type.timestampLtz(3), [1_700_000_000_123_000n], undefined, ['2023-11-15 03:43:20.123+05:30']],
    [type.timestampLtz(3), [1_700_000_000_123_000n], 'timestamp', ['2023-11-14 23:13:20.123']],
    [type.timestamp(3), [1_700_000_000_123_000n], 'timestamptz', ['2023-11-15 02:43:20.123+05:30']],
    [type.date(), [19675], 'timestamp', ['2023-11-14 00:00:00']],
    [type.timestamp(3), [1_700_000_000_123_000n], 'date', ['2023-11-14']],
    [type.intervalMonths(), [14, -1], undefined, ['1 year 2 mons', '-1 mons']],
    [type.intervalMillis(), [90_061_001n], undefined, ['25:01:01.001']],
    [type.bigint(), [1n], 'integer', ['1']],
    [type.int(), [1], 'smallint', ['1']],
    [type.int(), [1], 'numeric(5,2)', ['1.00']],
    [type.int(), [1], 'text', ['1']],
    [type.timestamp(3), [1_700_000_000_123_000n], 'text', ['2023-11-14 22:13:20.123']],
    [type.double(), [0.1], 'numeric', ['0.1']],
    [type.decimal(10, 2), [-12345n], 'double precision', ['-123.45']],
    [type.int(), [5], 'positive', ['5']],
    [type.array(type.int()), [[1, null, -2], [], null], undefined, ['{1,NULL,-2}', '{}', null]],
    [type.array(type.string()), [['a"b', 'NULL', '\\', '', null]], undefined, ['{"a\\"b","NULL","\\\\","",NULL}']],
    [
      type.array(type.array(type.bigint())),
      [
        [
          [1n, 2n],
          [3n, 4n],
        ],
      ],
      undefined,
      ['{{1,2},{3,4}}'],
    ],
    [type.array(type.bytes()), [[Uint8Array.of(1, 171)]], undefined, ['{"\\\\x01ab"}']],
    [type.array(type.double()), [[Number.NaN, 0.5]], undefined, ['{NaN,0.5}']],
    [type.array(type.timestamp(3)), [[1_700_000_000_123_000n]], undefined, ['{"2023-11-14 22:13:20.123"}']],
    [type.array(type.decimal(10, 2)), [[-5n]], 'numeric[]', ['{-0.05}']],
    [
      nested,
      [
        [1, ['x', null]],
        [null, null],
      ],
      undefined,
      ['{"a": 1, "b": ["x", null]}', '{"a": null, "b": null}'],
    ],
    [
      type.map(type.string(), type.decimal(5, 2)),
      [
        new Map([
          ['k', 150n],
          ['n', null],
        ]),
      ],
      undefined,
      ['{"k": 1.50, "n": null}'],
    ],
    [type.multiset(type.string()), [new Map([['k', 2]])], undefined, ['{"k": 2}']],
    [type.array(nested), [[[1, []]]], undefined, ['[{"a": 1, "b": []}]']],
    [type.array(type.int()), [[1, null]], 'json', ['[1,null]']],
  ];

  it.each(cases.map((c, i) => [`${c[0].kind} ${c[2] ?? ''}`.trim(), i] as const))('%s (%i)', async (_, i) => {
    const [t, scalars, column, texts] = cases[i]!;
    const table = `type_${i}`;
    await database.query(
      "DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad', 'happy'); EXCEPTION WHEN duplicate_object THEN END $$",
    );
    await database.query(
      'DO $$ BEGIN CREATE DOMAIN positive AS int CHECK (VALUE > 0); EXCEPTION WHEN duplicate_object THEN END $$',
    );
    if (column !== undefined) await database.query(`CREATE TABLE ${table} (i int PRIMARY KEY, v ${column})`);
    const of = { table, columns: { i: type.int(false), v: t }, primaryKey: ['i'], timeZone: 'Europe/Berlin' };
    await write(
      of,
      batch(
        of.columns,
        scalars.map((scalar, n) => [n, scalar]),
      ),
    );
    const rows = await database.query(`SELECT v::text FROM ${table} ORDER BY i`);
    expect(rows.map((row) => row.v)).toEqual(texts);
  });

  it('times in zones that are offsets', async () => {
    await database.query('CREATE TABLE zoned (at timestamptz)');
    const of = { table: 'zoned', columns: { at: type.timestamp(3) } };
    await write({ ...of, timeZone: 'GMT+02:00' }, batch(of.columns, [[1_700_000_000_000_000n]]));
    expect(await database.query("SELECT (at AT TIME ZONE 'UTC')::text AS at FROM zoned")).toEqual([
      { at: '2023-11-14 20:13:20' },
    ]);
  });

  it('keys that only the table holds equal, the last of them winning', async () => {
    await database.query('CREATE TABLE rounded (at timestamp(0) PRIMARY KEY, n int)');
    const of = { table: 'rounded', columns: { at: type.timestamp(3), n: type.int() }, primaryKey: ['at'] };
    const rows = Array.from({ length: 200 }, (_, i) => [BigInt(i) * 250_000n, i]);
    const logged: string[] = [];
    await write({ ...of, logged }, batch(of.columns, rows));
    const found = await database.query('SELECT n FROM rounded ORDER BY at LIMIT 3');
    // PostgreSQL rounds halves away from 2000-01-01: 0, 250 and 500 ms → 0 s; 750 to 1500 ms → 1 s; …
    expect(found).toEqual([{ n: 2 }, { n: 6 }, { n: 10 }]);
    expect(await database.query('SELECT count(*)::int AS n FROM rounded')).toEqual([{ n: 51 }]);
    expect(logged.filter((line) => line.startsWith('keys_collide'))).toHaveLength(1);
  });

  it('NULL in keys and NOT NULL columns as the enforcer says', async () => {
    const of = { table: 'strict', columns: { a: type.string(), b: type.int(false) }, primaryKey: ['a'] };
    const rows = batch(of.columns, [
      ['x', 1],
      [null, 2],
      ['y', null],
      ['z', 3],
    ]);
    expect(await failure(write(of, rows))).toMatchObject({
      code: 'null-in-not-null',
      message: "column 'a' of strict is NOT NULL, but a row has NULL there: a = NULL, b = 2",
    });
    const logged: string[] = [];
    await write({ ...of, notNull: 'DROP', logged }, rows);
    expect(await database.query('SELECT a FROM strict ORDER BY a')).toEqual([{ a: 'x' }, { a: 'z' }]);
    expect(logged.filter((line) => line.startsWith('rows_'))).toEqual([
      'rows_dropped_null amount=1',
      'rows_dropped_null amount=1',
    ]);
  });

  it('what is pending: keys, not rows', async () => {
    const sink = sinkOf({ url: database.url, table: 'pending', columns, primaryKey: ['symbol'], createTables: true });
    await sink.open();
    await sink.write(
      batch(columns, [
        ['a', 1, 0n, 't'],
        ['a', 2, 0n, 't'],
      ]),
    );
    expect(sink.pending).toBe(1);
    expect(sink.flush).toEqual({ maxRows: 10_000, interval: 1000 });
    const commit = sink.commit(NOTHING);
    expect(sink.pending).toBe(0);
    await sink.write(batch(columns, [['b', 3, 0n, 't']]));
    await commit;
    expect(sink.pending).toBe(1);
    await sink.close();
    expect(await database.query('SELECT symbol FROM pending')).toEqual([{ symbol: 'a' }]);
  });
});
