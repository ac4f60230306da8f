import { describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check, run } from '../../engine/index.ts';
import { createTopic, need, produce } from '../servers/index.ts';
import { badMessages, message } from './bad-rows-cases.ts';
import { setScene } from './scene.ts';

const { kafka, postgres } = await need('kafka', 'postgres');
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function runJob(text: string): Promise<ReadonlyMap<string, number>> {
  const job = check({ file: 'bad.sql', text }, { registry, variables: () => undefined });
  expect(job.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const started = run(job, { log: silent, createTables: false, fresh: false, checkpointFolder: '/nonexistent' });
  await started.done;
  return started.counted;
}

const columns = `id BIGINT, symbol STRING, price DOUBLE, volume INT, ok BOOLEAN, day_of DATE, time_of TIMESTAMP(3),
  bytes_of BYTES, tags ARRAY<STRING>, info ROW<a INT>, name STRING`;

/** What the target takes: one good message lies between any two bad ones. */
const target = (
  table: string,
) => `CREATE TABLE ${table} (id BIGINT, symbol TEXT NOT NULL REFERENCES symbols, price FLOAT8 CHECK (price >= 0),
  volume INT2, name VARCHAR(20), day_of DATE, time_of TIMESTAMP, bytes_of BYTEA, tags INT, info INT)`;

describe('messages that cannot be read or written', () => {
  it(`${badMessages.length} kinds reach their end under fail, skip and dead-letter`, { timeout: 120_000 }, async () => {
    expect(badMessages.length).toBeGreaterThanOrEqual(100);
    const { database } = await setScene(postgres);
    await database.query('CREATE TABLE symbols (symbol TEXT PRIMARY KEY)');
    await database.query("INSERT INTO symbols VALUES ('BTC')");
    await database.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.name = 'refused' THEN RAISE EXCEPTION 'no such name'; END IF; RETURN NEW; END $$`);
    for (const table of ['kept', 'skipped', 'failing']) {
      await database.query(target(table));
      await database.query(`CREATE TRIGGER refuses BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`);
    }
    await database.query(`CREATE TABLE dead (failed_at timestamptz, job_name text, table_name text, split_name text,
      split_position text, error_code text, error_message text, record_key bytea, record_value bytea, record_headers text)`);
    const topic = await createTopic(kafka, { partitions: 1, config: { 'max.message.bytes': '40000000' } });
    const all = badMessages.flatMap(({ value }, i) => [
      { key: `k${i}`, value, headers: { case: String(i) } },
      { key: 'good', value: message(i) },
    ]);
    for (let at = 0; at < all.length; at += 20) await produce(kafka, topic, all.slice(at, at + 20));

    const source = (name: string, policy: string, scan: string) => `CREATE TABLE ${name} (${columns}) WITH (
      'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${kafka}', ${scan},
      'format' = 'json', 'json.fail-on-missing-field' = 'true', 'max-record-size' = '8mb', 'on-error' = '${policy}');\n`;
    const jdbc = `'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'username' = '${database.user}', 'password' = '${database.password}'`;
    const sink = (
      name: string,
      policy: string,
    ) => `CREATE TABLE ${name} (id BIGINT, symbol STRING, price DOUBLE, volume INT, name STRING,
      day_of DATE, time_of TIMESTAMP(3), bytes_of BYTES, tags INT, info INT) WITH (${jdbc}, 'table-name' = '${name}', 'on-error' = '${policy}');\n`;
    const insert = (to: string, from: string) =>
      `INSERT INTO ${to} SELECT id, symbol, price, volume, name, day_of, time_of, bytes_of, CARDINALITY(tags), info.a FROM ${from};\n`;
    const everything = "'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset'";

    const counted = await runJob(`SET 'pipeline.name' = 'bad';
      SET 'cryptopipe.dead-letter.table' = 'dead';
      CREATE TABLE dead (failed_at TIMESTAMP_LTZ(3), job_name STRING, table_name STRING, split_name STRING,
        split_position STRING, error_code STRING, error_message STRING, record_key BYTES, record_value BYTES,
        record_headers STRING) WITH (${jdbc}, 'table-name' = 'dead');
      ${source('reading', 'dead-letter', everything)}${sink('kept', 'dead-letter')}
      ${source('passing', 'skip', everything)}${sink('skipped', 'skip')}
      ${insert('kept', 'reading')}${insert('skipped', 'passing')}`);

    // Good rows are all there, once, in their order, under both policies.
    const ids = badMessages.map((_, i) => ({ id: String(i) }));
    for (const table of ['kept', 'skipped']) {
      expect(await database.query(`SELECT id::text FROM ${table} ORDER BY ctid`)).toEqual(ids);
    }
    // Each bad message is there once, with where it was, why, and its very bytes.
    const read = badMessages.flatMap((bad, i) => (bad.by === 'source' ? [{ ...bad, i }] : []));
    const letters = await database.query(
      `SELECT split_position AS position, error_code AS code, convert_from(record_key, 'UTF8') AS key, md5(record_value) AS value,
        record_headers AS headers FROM dead WHERE table_name = 'reading' AND job_name = 'bad' AND split_name = $1 ORDER BY split_position::int`,
      [`${topic}-0`],
    );
    const { createHash } = await import('node:crypto');
    expect(letters).toEqual(
      read.map(({ i, reason, value }) => ({
        position: String(2 * i),
        code: reason,
        key: `k${i}`,
        value: createHash('md5').update(value).digest('hex'),
        headers: `[["case","${i}"]]`,
      })),
    );
    const refused = badMessages.filter(({ by }) => by === 'sink').map(({ reason }) => reason);
    const codes = await database.query("SELECT error_code AS code FROM dead WHERE table_name = 'kept'");
    expect(codes.map(({ code }) => code).sort()).toEqual([...refused].sort());
    const count = (reason: string) => badMessages.filter((bad) => bad.reason === reason).length;
    expect(counted.get('rejected_wrong_type')).toBe(2 * count('wrong-type'));
    expect(counted.get('dead_letters')).toBe(badMessages.length);

    // Each stops a job that may not go on without it; what is bad is named, and nothing was written of it.
    const outcomes: string[] = [];
    for (const [i, bad] of badMessages.entries()) {
      const only = `'scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:${2 * i}',
        'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:${2 * i + 1}'`;
      const job = `SET 'pipeline.name' = 'fail${i}';\n${source('reading', 'fail', only)}${sink('failing', 'fail')}${insert('failing', 'reading')}`;
      const told = await runJob(job).then(
        () => 'it went on',
        (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
      );
      const expected =
        bad.by === 'source' ? `malformed-record: topic '${topic}', partition 0, offset ${2 * i}` : 'row-rejected: ';
      if (!told.startsWith(expected)) outcomes.push(`${bad.name}: ${told}`);
    }
    expect(outcomes).toEqual([]);
    expect(await database.query('SELECT count(*)::int AS n FROM failing')).toEqual([{ n: 0 }]);
  });
});
