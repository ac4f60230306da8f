import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  createTopic,
  freePort,
  need,
  ownPostgres,
  produce,
  query,
  startPostgres,
  uniqueName,
  until,
} from '../servers/index.ts';
import { runBin } from './bin.ts';
import { createFlowTable, flowJob } from './flow.ts';
import { setScene } from './scene.ts';

const STACK = /\n\s+at .+:\d+/;

describe('validate', () => {
  it('accepts the jobs that ship', async () => {
    const result = await runBin(['validate', 'jobs/crypto_prices.sql']);
    expect(result).toEqual({ code: 0, stdout: '', stderr: '1 file checked, nothing found\n' });
  });

  it('shows six different mistakes of a file at once and exits with 1', async () => {
    const job = `
      CREATE TABLE prices (symbol STRING, price DOUBLE, ts BIGINT) WITH (
        'connector' = 'kafka', 'topic' = 'p', 'properties.bootstrap.servers' = 'localhost:9092', 'properties.group.id' = 'g',
        'scan.startup.mod' = 'latest-offset', 'format' = 'json');
      CREATE TABLE kept (symbol STRING, price DOUBLE) WITH (
        'connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost/db', 'table-name' = 't',
        'sink.buffer-flush.max-rows' = 'many');
      CREATE TABLE printed (symbol STRING) WITH ('connector' = 'prnt');
      INSERT INTO kept SELECT symbol, prise FROM prices;
      INSERT INTO kept SELECT symbol FROM prices;
      SELEC 1;
      `;
    const result = await runBin(['validate', '-', '--format', 'json'], { input: job });
    const found = JSON.parse(result.stdout) as { code: string; line: number; help?: string }[];
    expect(found.map((d) => [d.line, d.code])).toEqual([
      [4, 'unknown-option'],
      [7, 'bad-option'],
      [8, 'unknown-connector'],
      [9, 'unknown-column'],
      [10, 'column-count'],
      [11, 'syntax'],
    ]);
    expect(result.code).toBe(1);
    const text = await runBin(['validate', '-'], { input: job });
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain('scan.startup.mode');
    expect(text.stderr).toContain('^');
    expect(text.code).toBe(1);
  });
});

describe('a wrong command line', () => {
  it.each([
    [['vlidate', 'x.sql'], 'validate'],
    [['run', '--create-table', 'jobs/crypto_prices.sql'], '--create-tables'],
    [['run', 'jobs/crypto_price.sql'], 'crypto_prices.sql'],
    [['run', '--fresh', '--keep-matching-state', 'jobs/candles.sql'], '--fresh'],
    [['run'], 'files'],
  ])('%j exits with 2 and says what was meant', async (args, hint) => {
    const result = await runBin(args);
    expect(result.stderr).toContain(hint);
    expect(result.stderr).not.toMatch(STACK);
    expect(result.code).toBe(2);
  });
});

const servers = await need('kafka', 'postgres');

servers.describe('run ends at the start with 3, the reason and no stack trace', () => {
  async function run(change: (job: string) => string, setUp = createFlowTable('with key'), messages = ['{"id":1}']) {
    const scene = await setScene(servers.postgres);
    if (setUp !== '') await scene.database.query(setUp);
    const topic = await createTopic(servers.kafka, { name: uniqueName('orders') });
    await produce(
      servers.kafka,
      topic,
      messages.map((value) => ({ value, partition: 0 })),
    );
    const file = scene.write('flow.sql', change(flowJob(servers.kafka, topic, scene.database, 'with key')));
    const result = await runBin(['run', file], { cwd: scene.folder });
    expect(result.stderr).not.toMatch(STACK);
    expect(result.stderr).not.toContain(scene.database.password);
    return { ...result, topic, scene };
  }

  it('wrong password', async () => {
    const { stderr, code, scene } = await run((job) =>
      job.replace(/'password' = '[^']*'/, "'password' = 'no-password-of-ours'"),
    );
    expect(stderr).toContain(scene.database.user);
    expect(stderr).toContain("'password'");
    expect(stderr).not.toContain('no-password-of-ours');
    expect(code).toBe(3);
  });

  it('missing topic, with the nearest one', async () => {
    const { stderr, code, topic } = await run((job) => job.replace("'topic' = 'orders", "'topic' = 'ordes"));
    expect(stderr).toContain(topic.replace('orders', 'ordes'));
    expect(stderr).toContain(topic);
    expect(code).toBe(3);
  });

  it('missing table, with the statement that creates it', async () => {
    const { stderr, code } = await run((job) => job, '');
    expect(stderr).toMatch(/CREATE TABLE .*flow/);
    expect(code).toBe(3);
  });

  it('missing column, wrong type and missing key, together', async () => {
    const { stderr, code } = await run((job) => job, 'CREATE TABLE flow (id DATE)');
    expect(stderr).toContain('text');
    expect(stderr).toMatch(/id.*BIGINT/i);
    expect(stderr).toMatch(/unique|primary key/i);
    expect(code).toBe(3);
  });

  it('malformed JSON, with topic, partition, offset and the first bytes', async () => {
    const { stderr, code, topic } = await run((job) => job, undefined, ['{"id":1}', '{"id":2}', 'not json']);
    expect(stderr).toContain(topic);
    expect(stderr).toContain('not json');
    expect(stderr).toMatch(/partition.{0,5}0/);
    expect(stderr).toMatch(/offset.{0,5}2/);
    expect(code).toBe(3);
  });
});

servers.describe('run waits for servers that cannot be reached', () => {
  it('names the option, the host and the reason: Kafka', async () => {
    const scene = await setScene(servers.postgres);
    await scene.database.query(createFlowTable('with key'));
    const nobody = `127.0.0.1:${await freePort()}`;
    const bin = scene.start(['run', scene.write('flow.sql', flowJob(nobody, 'any', scene.database, 'with key'))]);
    await until('a message', () => bin.stderr.includes(nobody) && bin.stderr.includes('properties.bootstrap.servers'));
    await sleep(1000);
    expect(bin.stderr).toMatch(/ECONNREFUSED|refused/);
    expect(bin.stderr).not.toMatch(STACK);
    // Still there, and stops when told to.
    expect(await bin.end('SIGTERM', 5000)).toBe(0);
  });

  it('creates tables when told to', async () => {
    const scene = await setScene(servers.postgres);
    const topic = await createTopic(servers.kafka);
    await produce(servers.kafka, topic, [{ value: '{"id":7,"text":"seven"}' }]);
    const job = flowJob(servers.kafka, topic, scene.database, 'with key').replace(
      "'table-name' = 'flow'",
      "'table-name' = 'made.flow'",
    );
    const bin = scene.start(['run', '--create-tables', scene.write('flow.sql', job)]);
    await until('the row', async () => (await scene.database.query('SELECT id, text FROM made.flow')).length === 1);
    await expect(scene.database.query('INSERT INTO made.flow (id) VALUES (7)')).rejects.toThrow(/duplicate key/);
    expect(await bin.end('SIGTERM')).toBe(0);
  });
});

const own = await need('own-postgres', 'kafka');

own.describe('run waits for a database that starts later', () => {
  it('and then goes on', { timeout: 60_000 }, async () => {
    const scene = await setScene(servers.postgres);
    const port = await freePort();
    const topic = await createTopic(own.kafka);
    await produce(own.kafka, topic, [{ value: '{"id":1}' }]);
    const later = {
      ...scene.database,
      ...ownPostgres,
      jdbcUrl: `jdbc:postgresql://127.0.0.1:${port}/postgres`,
    };
    const bin = scene.start([
      'run',
      '--create-tables',
      scene.write('flow.sql', flowJob(own.kafka, topic, later, 'with key')),
    ]);
    await until('a message', () => bin.stderr.includes(`127.0.0.1:${port}`) && bin.stderr.includes("'url'"));
    const postgres = await startPostgres({ port });
    scene.after(() => postgres.remove());
    await until('the row', async () => (await query(postgres.url, 'SELECT id FROM flow')).length === 1);
    expect(await bin.end('SIGTERM')).toBe(0);
  });
});
