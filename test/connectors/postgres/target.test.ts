import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type DataType, type } from '../../../engine/types/data-type.ts';
import { type Database, freshDatabase, need, query, uniqueName } from '../../servers/index.ts';
import { failure, type SinkOf, sinkOf } from './sink-of.ts';

const servers = await need('postgres');

servers.describe('before the first row, a target table', () => {
  let database: Database;
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
  });
  afterAll(() => database?.drop());

  const openSink = async (of: Omit<SinkOf, 'url'>) => {
    const sink = sinkOf({ url: database.url, ...of });
    try {
      await sink.open();
    } finally {
      await sink.close();
    }
  };
  const columns = { symbol: type.string(), price: type.double() };

  it('that is missing is answered with the statements that create it, which then do', async () => {
    const of = { table: 'machine.prices', columns, primaryKey: ['symbol'] };
    const { code, message, help, passing } = await failure(openSink(of));
    expect({ code, message, passing }).toEqual({
      code: 'jdbc-table',
      message: "table machine.prices, named by option 'table-name', does not exist",
      passing: false,
    });
    expect(help).toBe(`run with --create-tables, or create it:
CREATE SCHEMA IF NOT EXISTS "machine";
CREATE TABLE IF NOT EXISTS "machine"."prices" (
  "symbol" text NOT NULL,
  "price" double precision,
  PRIMARY KEY ("symbol")
);`);
    await database.query(help!.slice(help!.indexOf('CREATE')));
    await openSink(of);
  });

  it('that is missing is looked for under similar names and in other schemas', async () => {
    await database.query('CREATE SCHEMA far');
    await database.query('CREATE TABLE far.away (a int)');
    expect((await failure(openSink({ table: 'away', columns }))).help).toMatch(/^did you mean 'far.away'\? Or run/);
    expect((await failure(openSink({ table: 'far.awya', columns }))).help).toMatch(/^did you mean 'far.away'\?/);
    expect((await failure(openSink({ table: 'Far.Away', columns }))).help).toMatch(/^did you mean 'far.away'\?/);
  });

  it('is told all that is wrong with it at once', async () => {
    await database.query(`CREATE TABLE wrong (
      symbol text, prise double precision, volume text, id int GENERATED ALWAYS AS IDENTITY,
      twice double precision GENERATED ALWAYS AS (prise * 2) STORED, owner text NOT NULL, made timestamptz NOT NULL DEFAULT now(),
      UNIQUE (symbol, volume))`);
    const all: Record<string, DataType> = {
      symbol: type.string(),
      price: type.double(),
      volume: type.map(type.string(), type.int()),
      id: type.int(),
      twice: type.double(),
      prise: type.timestamp(3),
      extra: type.decimal(10, 2),
    };
    const { message } = await failure(openSink({ table: 'wrong', columns: all, primaryKey: ['symbol'] }));
    expect(message).toBe(`table public.wrong cannot take the rows of the job:
  - public.wrong has no column 'price'
    fix: ALTER TABLE "public"."wrong" ADD COLUMN "price" double precision
  - column 'id' of public.wrong computes its own value and takes no other
    fix: leave 'id' out of the job's table
  - column 'twice' of public.wrong computes its own value and takes no other
    fix: leave 'twice' out of the job's table
  - column 'prise' of public.wrong is double precision, which does not hold TIMESTAMP(3)
    fix: ALTER TABLE "public"."wrong" ALTER COLUMN "prise" TYPE timestamp(3) USING "prise"::timestamp(3), or declare and CAST it in the job to a type that double precision holds
  - public.wrong has no column 'extra'
    fix: ALTER TABLE "public"."wrong" ADD COLUMN "extra" numeric(10, 2)
  - column 'owner' of public.wrong is NOT NULL without a default, and the job never sets it
    fix: add 'owner' to the job's table, or ALTER TABLE "public"."wrong" ALTER COLUMN "owner" DROP NOT NULL
  - public.wrong has no unique constraint on exactly (symbol), the job's PRIMARY KEY; it has (symbol, volume)
    fix: ALTER TABLE "public"."wrong" ADD UNIQUE ("symbol")`);
  });

  it('with a column of nearly that name is told so', async () => {
    await database.query('CREATE TABLE near (symbol text, prize double precision)');
    expect((await failure(openSink({ table: 'near', columns }))).help).toMatch(
      /^write 'prize', which it has, or ALTER TABLE/,
    );
  });

  it.each([
    ['a unique index', 'symbol text, price float8', 'CREATE UNIQUE INDEX ON t (symbol)', true],
    [
      'a unique index with more columns included',
      'symbol text, price float8',
      'CREATE UNIQUE INDEX ON t (symbol) INCLUDE (price)',
      true,
    ],
    ['a partial unique index', 'symbol text, price float8', 'CREATE UNIQUE INDEX ON t (symbol) WHERE price > 0', false],
    ['a unique index on an expression', 'symbol text, price float8', 'CREATE UNIQUE INDEX ON t (lower(symbol))', false],
    ['a deferrable constraint', 'symbol text, price float8, UNIQUE (symbol) DEFERRABLE', 'SELECT 1', false],
    ['a plain index', 'symbol text, price float8', 'CREATE INDEX ON t (symbol)', false],
  ])('%s is or is no key', async (_, definition, index, fits) => {
    await database.query('DROP TABLE IF EXISTS t');
    await database.query(`CREATE TABLE t (${definition})`);
    await database.query(index);
    const opening = openSink({ table: 't', columns, primaryKey: ['symbol'] });
    if (fits) await opening;
    else expect((await failure(opening)).message).toMatch(/no unique constraint on exactly \(symbol\)/);
  });

  it('may be partitioned or a simple view, not a materialized one', async () => {
    await database.query('CREATE TABLE parts (symbol text PRIMARY KEY, price float8) PARTITION BY HASH (symbol)');
    await database.query('CREATE VIEW simple AS SELECT * FROM parts');
    await database.query('CREATE VIEW grouped AS SELECT symbol, max(price) AS price FROM parts GROUP BY symbol');
    await database.query('CREATE MATERIALIZED VIEW stored AS SELECT * FROM parts');
    await openSink({ table: 'parts', columns, primaryKey: ['symbol'] });
    await openSink({ table: 'simple', columns, primaryKey: ['symbol'] });
    expect((await failure(openSink({ table: 'grouped', columns }))).message).toMatch(/view that takes no rows/);
    expect((await failure(openSink({ table: 'stored', columns }))).message).toMatch(/materialized view/);
  });

  it('warns of what columns lose', async () => {
    await database.query('CREATE TABLE lossy (symbol text, price numeric(10,2))');
    const logged: string[] = [];
    await openSink({ table: 'lossy', columns, logged });
    expect(logged).toEqual([
      "value_loss table=public.lossy reason=column 'price' of public.lossy: DOUBLE is rounded to numeric(10,2)",
    ]);
  });

  it.each<[DataType, string]>([
    [type.string(), 'integer'],
    [type.string(), 'timestamp'],
    [type.string(), 'bytea'],
    [type.string(), 'text[]'],
    [type.int(), 'boolean'],
    [type.boolean(), 'integer'],
    [type.bytes(), 'text'],
    [type.date(), 'timestamptz'],
    [type.time(), 'timestamp'],
    [type.int(), 'jsonb'],
    [type.array(type.string()), 'integer[]'],
    [type.array(type.double()), 'integer[]'],
    [type.array(type.row([{ name: 'a', type: type.int() }])), 'text[]'],
    [type.row([{ name: 'a', type: type.int() }]), 'integer'],
  ])('refuses %j in %s', async (t, column) => {
    await database.query('DROP TABLE IF EXISTS refusing');
    await database.query(`CREATE TABLE refusing (v ${column})`);
    expect((await failure(openSink({ table: 'refusing', columns: { v: t } }))).message).toMatch(/which does not hold/);
  });

  it('takes strings in columns of any type where the url says so', async () => {
    await database.query('CREATE TABLE loose (v integer)');
    const url = `${database.jdbcUrl}?stringtype=unspecified`;
    await openSink({ table: 'loose', columns: { v: type.string() }, options: { url } });
  });
});

servers.describe('a user without privileges', () => {
  let database: Database;
  const user = uniqueName('poor').replaceAll('-', '_');
  let url: string;
  beforeAll(async () => {
    database = await freshDatabase(servers.postgres);
    await database.query(`CREATE USER ${user} PASSWORD 'p w'`);
    const address = new URL(database.url);
    address.username = user;
    address.password = encodeURIComponent('p w');
    url = address.href;
  });
  beforeEach(async () => {
    await database.query('DROP SCHEMA IF EXISTS shop CASCADE');
    await database.query('CREATE SCHEMA shop');
    await database.query('CREATE TABLE shop.prices (symbol text PRIMARY KEY, price float8)');
  });
  afterAll(async () => {
    await database?.drop();
    await query(servers.postgres, `DROP USER ${user}`);
  });

  const of = () => ({
    url,
    table: 'shop.prices',
    columns: { symbol: type.string(), price: type.double() },
    primaryKey: ['symbol'],
  });
  const start = async (more: Partial<SinkOf> = {}) => {
    const sink = sinkOf({ ...of(), ...more });
    try {
      await sink.open();
      await sink.restore?.('ticks', ['BTC-0']);
    } finally {
      await sink.close();
    }
  };

  it('is told what to grant, one after the other fewer', async () => {
    expect(await failure(start())).toMatchObject({
      message: expect.stringContaining(`user '${user}' has no USAGE on schema 'shop'`),
    });
    await database.query(`GRANT USAGE ON SCHEMA shop TO ${user}`);
    const { message } = await failure(start());
    expect(message).toContain(`user '${user}' has no INSERT, UPDATE, SELECT on shop.prices`);
    expect(message).toContain(`GRANT INSERT, UPDATE, SELECT ON "shop"."prices" TO "${user}"`);
    expect(message).toContain(`user '${user}' may not create shop.cryptopipe_checkpoint`);
    await database.query(`GRANT SELECT, INSERT, UPDATE (price) ON shop.prices TO ${user}`);
    const { code, help } = await failure(start());
    expect(code).toBe('jdbc-checkpoint');
    await database.query(help!.slice(help!.indexOf('CREATE'), help!.indexOf(';')));
    expect((await failure(start())).message).toMatch(/may not use shop.cryptopipe_checkpoint/);
    await database.query(help!.slice(help!.indexOf('GRANT')));
    await start();
  });

  it('may keep positions elsewhere', async () => {
    await database.query(`GRANT USAGE ON SCHEMA shop TO ${user}`);
    await database.query(`GRANT SELECT, INSERT, UPDATE ON shop.prices TO ${user}`);
    await database.query(`CREATE SCHEMA mine AUTHORIZATION ${user}`);
    await start({ options: { 'checkpoint-table': 'mine.positions' } });
    expect(await database.query('SELECT * FROM mine.positions')).toEqual([]);
  });

  it('is told the statements where it may not create the table', async () => {
    const { message, help } = await failure(start({ table: 'shop.orders', createTables: true }));
    expect(message).toBe('table shop.orders cannot be created: permission denied for schema shop');
    expect(help).toContain('CREATE TABLE IF NOT EXISTS "shop"."orders"');
  });
});
