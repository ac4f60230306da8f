import { describe, expect, it } from 'vitest';
import { partitionsOf } from '../../../connectors/postgres/scan.ts';
import { setScene } from '../../end-to-end/scene.ts';
import { need } from '../../servers/index.ts';

const servers = await need('postgres');

describe('partitions', () => {
  it('cover every value once, as evenly as they come', () => {
    const bounds = (...args: [number, bigint, bigint]) =>
      partitionsOf('id', ...args).map(({ bounds }) => [bounds!.from, bounds!.to]);
    expect(bounds(3, 1n, 10n)).toEqual([
      [1n, 4n],
      [5n, 7n],
      [8n, 10n],
    ]);
    expect(bounds(5, -1n, 1n)).toEqual([
      [-1n, -1n],
      [0n, 0n],
      [1n, 1n],
    ]);
    expect(bounds(1, 7n, 7n)).toEqual([[7n, 7n]]);
  });
});

servers.describe('a jdbc table that is read', () => {
  async function setUp(table: string, columns: string, options = '') {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    await database.query(table);
    const given = `CREATE TABLE given (${columns}) WITH ('connector' = 'jdbc', 'url' = '${database.jdbcUrl}',
      'table-name' = 'given', 'username' = '${database.user}', 'password' = '${database.password}'${options});
      CREATE TABLE printed (row_text STRING) WITH ('connector' = 'print');
      SET 'table.local-time-zone' = 'UTC';`;
    const run = async (expression: string, rest = '', flags: readonly string[] = ['run']) => {
      const file = scene.write('job.sql', `${given} INSERT INTO printed SELECT ${expression} FROM given ${rest};`);
      const bin = scene.start([...flags, file]);
      const code = await bin.exited;
      return { code, rows: bin.stdout.trimEnd().split('\n').sort(), stderr: bin.stderr };
    };
    return { scene, database, run };
  }

  it('gives the values of all types, and NULL', { timeout: 60_000 }, async () => {
    const { database, run } = await setUp(
      `CREATE TABLE given (b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric(20, 3),
        s text, y bytea, d date, ts timestamp(3), tz timestamptz(3), u uuid, j jsonb)`,
      `b BOOLEAN, i2 SMALLINT, i4 INT, i8 BIGINT, f4 FLOAT, f8 DOUBLE, n DECIMAL(20, 3), s STRING, y BYTES, d DATE,
        ts TIMESTAMP(3), tz TIMESTAMP_LTZ(3), u STRING, j STRING`,
    );
    await database.query(`INSERT INTO given VALUES (true, -32768, 2147483647, -9223372036854775808, 1.5, 0.1, -12345678901234567.891,
      'it''s ; ü', '\\x00ff', '0001-01-01', '2024-02-29 23:59:59.999', '2024-01-01 00:00:00.5+02',
      '6f2d0b1e-0000-4000-8000-000000000001', '{"a": 1}')`);
    await database.query('INSERT INTO given (b) VALUES (NULL)');
    const columns = ['b', 'i2', 'i4', 'i8', 'f4', 'f8', 'n', 's', 'd', 'ts', 'tz', 'u', 'j'];
    const text = [...columns.map((name) => `CAST(${name} AS STRING)`), "CAST(y = X'00FF' AS STRING)"]
      .map((part) => `COALESCE(${part}, '-')`)
      .join(" || '|' || ");
    expect(await run(text)).toMatchObject({
      code: 0,
      rows: [
        '+I[-|-|-|-|-|-|-|-|-|-|-|-|-|-]',
        `+I[TRUE|-32768|2147483647|-9223372036854775808|1.5|0.1|-12345678901234567.891|it's ; ü|0001-01-01|2024-02-29 23:59:59.999|2023-12-31 22:00:00.500|6f2d0b1e-0000-4000-8000-000000000001|{"a": 1}|TRUE]`,
      ],
    });
  });

  it('comes in pages and partitions, only what the bounds hold', { timeout: 60_000 }, async () => {
    const options = `, 'scan.partition.column' = 'id', 'scan.partition.num' = '3', 'scan.partition.lower-bound' = '1',
      'scan.partition.upper-bound' = '1000', 'scan.fetch-size' = '7'`;
    const { database, run } = await setUp('CREATE TABLE given (id integer, other xml)', 'id INT', options);
    await database.query('INSERT INTO given SELECT n FROM generate_series(-5, 1010) AS n');
    const { code, rows } = await run('CAST(id AS STRING)');
    expect(code).toBe(0);
    expect(rows).toEqual(Array.from({ length: 1000 }, (_, i) => `+I[${i + 1}]`).sort());
  });

  it('asks PostgreSQL for the rows that the query wants, and only for what both understand alike', {
    timeout: 120_000,
  }, async () => {
    const set = (options = '') =>
      setUp(
        'CREATE TABLE given (id integer, name text, price numeric(10,2), loose numeric, day date, note text)',
        'id INT, name STRING, price DECIMAL(10, 2), loose DECIMAL(10, 2), `day` DATE, note INT',
        options,
      );
    const { database, run } = await set();
    // Whoever reads the note of a row with id 1 fails: no number stands there.
    await database.query(`INSERT INTO given VALUES (1, 'a', 1, 1, '2024-01-01', 'none'), (2, 'B', 10.5, 1.005, '2024-01-02', '20'),
      (3, 'c''s', NULL, 9, '2024-01-03', '30'), (4, NULL, 7.25, 9, NULL, '40')`);
    const notes = async (where: string) => (await run('CAST(note AS STRING)', `WHERE ${where}`)).rows;
    expect(await notes('id > 1')).toEqual(['+I[20]', '+I[30]', '+I[40]']);
    expect(await notes("id >= 2 AND name = 'c''s'")).toEqual(['+I[30]']);
    expect(await notes("2 <= id AND name <> 'B'")).toEqual(['+I[30]']);
    expect(await notes("(price > 7 OR `day` = DATE '2024-01-03') AND price IS NOT NULL")).toEqual(['+I[20]', '+I[40]']);
    // 1.005 is read as 1.01: PostgreSQL is not asked for it.
    expect(await notes('id > 1 AND loose = 1.01')).toEqual(['+I[20]']);
    // Strings have another order there.
    expect((await run('CAST(note AS STRING)', "WHERE name > 'A'")).stderr).toContain("'none', which is no INT");

    const explained = await run('CAST(note AS STRING)', 'WHERE id > 1', ['explain']);
    expect(explained.rows.join('\n')).toContain('rows where (id > 1), asked of the source');

    const own = await set(", 'filter.handling.policy' = 'never'");
    await own.database.query("INSERT INTO given (id, note) VALUES (1, 'none'), (2, '20')");
    expect((await own.run('CAST(note AS STRING)', 'WHERE id > 1')).stderr).toContain("'none', which is no INT");
  });

  it('ends a query that counts', { timeout: 60_000 }, async () => {
    const { database, run } = await setUp('CREATE TABLE given (id integer)', 'id INT');
    await database.query('INSERT INTO given SELECT n FROM generate_series(1, 10000) AS n');
    const { code, rows } = await run("'n ' || CAST(COUNT(*) AS STRING)", 'WHERE id > 100 GROUP BY TRUE');
    expect(code).toBe(0);
    expect(rows).toContain('+U[n 9900]');
  });

  it('says what is wrong: options, columns, tables', { timeout: 60_000 }, async () => {
    const { run } = await setUp('CREATE TABLE given (idx integer)', 'id INT', ", 'scan.partition.num' = '3'");
    const options = await run('CAST(id AS STRING)');
    expect(options.code).toBe(1);
    expect(options.stderr).toContain(
      "'scan.partition.column', 'scan.partition.lower-bound', 'scan.partition.upper-bound'",
    );
    const other = await setUp('CREATE TABLE given (idx integer)', 'id INT');
    const column = await other.run('CAST(id AS STRING)');
    expect(column.code).toBe(3);
    expect(column.stderr).toContain("has no column 'id'");
    const connect = await other.run('CAST(id AS STRING)', '', ['validate', '--connect']);
    expect(connect.stderr).toContain('error[unfit-target]: table');
    expect(connect.stderr).toContain("did you mean 'idx'?");
  });
});
