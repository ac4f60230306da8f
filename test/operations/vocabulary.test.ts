import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ProcessReport } from '../../bin/serve/report.ts';
import { startExchange } from '../../connectors/binance/exchange/exchange.ts';
import { documentedEvents, documentedMetrics } from '../docs/vocabulary.ts';
import type { RunningBin } from '../end-to-end/bin.ts';
import { startFlow } from '../end-to-end/flow.ts';
import { setFolder, setScene } from '../end-to-end/scene.ts';
import {
  createTopic,
  freePort,
  need,
  produce,
  startKafka,
  startPgbouncer,
  startPostgres,
  until,
} from '../servers/index.ts';
import { crashOnFile } from './crash.ts';
import { Heard, servedUrl, untilLogged } from './heard.ts';

const servers = await need('kafka', 'postgres', 'own-kafka', 'own-postgres', 'pgbouncer');
const heard = new Heard();

servers.describe('every documented metric and event comes from a real run', () => {
  it('a job of five pipelines whose worker crashes and whose servers go away', { timeout: 300_000 }, async () => {
    const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
    const scene = await setScene(postgres);
    scene.after(() => kafka.remove());
    const { database } = scene;
    await database.query(`
      CREATE TABLE flow (id BIGINT, symbol TEXT);
      CREATE TABLE steps (price NUMERIC(10, 0) PRIMARY KEY, id BIGINT);
      CREATE TABLE totals (symbol TEXT PRIMARY KEY, n BIGINT);
      CREATE TABLE names (symbol TEXT PRIMARY KEY, name TEXT)`);
    const jdbc = (name: string) =>
      `'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = '${name}',
       'username' = '${database.user}', 'password' = '${database.password}'`;
    const broker = `'connector' = 'kafka', 'properties.bootstrap.servers' = '${kafka.address}', 'format' = 'json'`;
    const file = scene.write(
      'job.sql',
      `SET 'cryptopipe.dead-letter.table' = 'dead';
       CREATE TABLE dead (error_code STRING, record_value BYTES) WITH ('connector' = 'blackhole');
       CREATE TABLE ticks (id BIGINT, symbol STRING, price DOUBLE, p AS PROCTIME()) WITH (${broker},
         'topic-pattern' = 'ticks-.*', 'properties.group.id' = 'vocabulary', 'scan.startup.mode' = 'earliest-offset',
         'scan.topic-partition-discovery.interval' = '300 ms', 'on-error' = 'dead-letter');
       CREATE TABLE flow (id BIGINT, symbol STRING) WITH (${jdbc('flow')},
         'sink.buffer-flush.max-rows' = '50');
       CREATE TABLE steps (price DOUBLE, id BIGINT, PRIMARY KEY (price) NOT ENFORCED) WITH (${jdbc('steps')});
       CREATE TABLE totals (symbol STRING, n BIGINT, PRIMARY KEY (symbol) NOT ENFORCED) WITH (${jdbc('totals')});
       CREATE TABLE names (symbol STRING, name STRING) WITH (${jdbc('names')}, 'lookup.max-retries' = '100');
       CREATE TABLE numbers (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '50');
       CREATE TABLE copies (id BIGINT) WITH (${broker}, 'topic' = 'copies',
         'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'vocabulary');
       CREATE TABLE named (id BIGINT, name STRING) WITH ('connector' = 'blackhole');
       INSERT INTO flow SELECT id, symbol FROM ticks;
       INSERT INTO steps SELECT price, id FROM ticks;
       INSERT INTO totals SELECT symbol, COUNT(*) FROM ticks GROUP BY symbol;
       INSERT INTO copies SELECT id FROM numbers;
       INSERT INTO named SELECT t.id, n.name FROM ticks AS t
         LEFT JOIN names FOR SYSTEM_TIME AS OF t.p AS n ON t.symbol = n.symbol;`,
    );
    // Nobody listens there.
    const nobody = await freePort();
    scene.write(
      'cryptopipe.yaml',
      `alerts:
  receivers: { nobody: { url: "http://127.0.0.1:${nobody}/" } }
  rules: { away: { when: degraded, for: 1 s } }
`,
    );
    await createTopic(kafka.address, { name: 'copies' });
    const bin = scene.start(['run', file, '--parallelism', '2', '--port', '0', '--log-level', 'debug'], {
      NODE_OPTIONS: crashOnFile('worker'),
      XDG_RUNTIME_DIR: scene.folder,
    });
    scene.after(async () => heard.log(bin.stderr));
    const url = await servedUrl(bin);
    await untilLogged(bin, 'kafka_no_topics');
    await createTopic(kafka.address, { name: 'ticks-a', partitions: 4 });
    await untilLogged(bin, 'workers', 'not_shared', 'kafka_partitions_found', 'kafka_split', 'splits_gained');

    // Messages that keep coming, some of them with what nobody expected.
    await produce(kafka.address, 'ticks-a', [
      { value: '{"id":' },
      { value: '{"id":0,"symbol":"A","price":1,"more":1}' },
    ]);
    let id = 0;
    const message = () => ({
      key: `${++id}`,
      value: `{"id":${id},"symbol":"S${id % 7}","price":${100 + (id % 90) / 100}}`,
    });
    const flow = setInterval(() => {
      void produce(kafka.address, 'ticks-a', Array.from({ length: 50 }, message)).catch(() => undefined);
    }, 200);
    scene.after(async () => clearInterval(flow));
    await untilLogged(bin, 'row_rejected', 'fields_unknown', 'value_loss', 'keys_collide', 'splits_released');
    await until('rows', async () => (await database.query('SELECT 1 FROM flow LIMIT 1')).length > 0);
    scene.write('crash', '');
    await untilLogged(bin, 'worker_crashed');

    await postgres.kill();
    await untilLogged(bin, 'restarting', 'lookup_repeated', 'alert_firing', 'alert_not_sent');
    await heard.scrape(url);
    await postgres.restart();
    await untilLogged(bin, 'alert_resolved');

    // A lock holds rows back while the broker goes away, so that positions are to be told that nobody takes.
    const rows = async () => Number((await database.query('SELECT count(*)::int AS n FROM flow'))[0]!.n);
    const before = await rows();
    await until('rows again', async () => (await rows()) > before);
    const locked = database.query('BEGIN; LOCK TABLE flow; SELECT pg_sleep(12); COMMIT');
    await until('lag', async () => {
      const report = (await (await fetch(`${url}/status`)).json()) as ProcessReport;
      return report.jobs[0]!.pipelines[0]!.lag! > 200;
    });
    await heard.scrape(url);
    // It freezes first: what is asked of it then is under way when it dies.
    process.kill(kafka.pid, 'SIGSTOP');
    await sleep(4000);
    await kafka.kill();
    await untilLogged(bin, 'kafka_reconnecting', 'kafka_discovery_failed', 'kafka_connection_failed');
    await locked;
    await untilLogged(bin, 'kafka_group_commit_failed', 'kafka_end_unknown', 'kafka_rollback_failed');
    await heard.scrape(url);

    await bin.end('SIGTERM');
    await untilLogged(bin, 'stopping', 'job_ended');
  });

  it('an exchange with all its moods', { timeout: 60_000 }, async () => {
    const exchange = await startExchange({ symbols: { BTCUSDT: 64_000, SOLUSDT: 150 }, tickInterval: 50 });
    const scene = setFolder();
    scene.after(() => exchange.close());
    exchange.faults.halt('SOLUSDT');
    exchange.faults.skew(-60_000);
    const of = `'connector' = 'binance', 'symbols' = 'BTCUSDT;SOLUSDT', 'rest-url' = '${exchange.restUrl}',
      'ws-url' = '${exchange.wsUrl}', 'interval' = '50 ms', 'request.timeout' = '500 ms', 'silence.timeout' = '500 ms'`;
    const file = scene.write(
      'job.sql',
      `CREATE TABLE prices (symbol STRING, price DOUBLE) WITH (${of});
       CREATE TABLE trades (symbol STRING, price DOUBLE) WITH (${of}, 'stream' = 'trade');
       CREATE TABLE nowhere (symbol STRING, price DOUBLE) WITH ('connector' = 'blackhole');
       INSERT INTO nowhere SELECT * FROM prices UNION ALL SELECT * FROM trades;`,
    );
    const bin = scene.start(['run', file, '--port', '0'], { XDG_RUNTIME_DIR: scene.folder });
    scene.after(async () => heard.log(bin.stderr));
    const url = await servedUrl(bin);
    await untilLogged(bin, 'binance_connected', 'binance_symbol_not_trading', 'binance_clock_skew');
    exchange.faults.garbage(4);
    await untilLogged(bin, 'binance_malformed');
    exchange.faults.limit({ requests: 1 });
    await untilLogged(bin, 'binance_rate_limited');
    exchange.faults.silence(true);
    await untilLogged(bin, 'binance_silence', 'binance_disconnected', 'binance_request_failed');
    exchange.faults.silence(false);
    await until('a new connection', () => bin.stderr.split('"event":"binance_connected"').length > 2);
    await heard.scrape(url);
    expect(await bin.end('SIGTERM')).toBe(0);
  });

  it('files that are left behind and a folder that is taken away', { timeout: 60_000 }, async () => {
    const scene = setFolder();
    const file = scene.write(
      'job.sql',
      `CREATE TABLE numbers (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '100');
       CREATE TABLE files (id BIGINT) WITH (
         'connector' = 'filesystem', 'path' = '${path.join(scene.folder, 'out')}', 'format' = 'json');
       INSERT INTO files SELECT id FROM numbers;`,
    );
    const run = (...flags: readonly string[]) =>
      scene.start(['run', file, '--port', '0', ...flags], { XDG_RUNTIME_DIR: scene.folder });
    const first = run();
    const committed = async (bin: RunningBin) => {
      const url = await servedUrl(bin);
      await until('a commit', async () => /"commits":[1-9]/.test(await (await fetch(`${url}/status`)).text()));
    };
    await committed(first);
    await first.end('SIGKILL');
    const second = run('--log-level', 'debug');
    scene.after(async () => heard.log(second.stderr));
    await untilLogged(second, 'files_recovered');
    await committed(second);
    rmSync(path.join(scene.folder, 'out'), { recursive: true });
    await second.end('SIGTERM');
    await untilLogged(second, 'close_failed');
  });

  it('a pooler, an offset that is gone, a file without INSERT and a table that is not there', async () => {
    const pooler = await startPgbouncer(servers.postgres);
    const scene = await setScene(servers.postgres);
    scene.after(() => pooler.remove());
    const { database } = scene;
    await database.query('CREATE TABLE a (id BIGINT); CREATE TABLE b (id BIGINT)');
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(servers.kafka, topic, [{ value: '{"id":1}' }, { value: '{"id":2}' }]);
    const pooled = `jdbc:postgresql://${new URL(pooler.url).host}${new URL(database.url).pathname}`;
    const jdbc = (name: string) => `
      CREATE TABLE ${name} (id BIGINT) WITH ('connector' = 'jdbc', 'url' = '${pooled}', 'table-name' = '${name}',
        'username' = '${database.user}', 'password' = '${database.password}', 'sink.buffer-flush.interval' = '0 ms');`;
    const ids = `
      CREATE TABLE ids (id BIGINT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '${servers.kafka}',
        'topic' = '${topic}', 'format' = 'json', 'scan.startup.mode' = 'specific-offsets',
        'scan.startup.specific-offsets' = 'partition:0,offset:1000');`;
    const files = [
      scene.write(
        'job.sql',
        `${ids} ${jdbc('a')} ${jdbc('b')} INSERT INTO a SELECT id FROM ids; INSERT INTO b SELECT id FROM ids;`,
      ),
      scene.write('none.sql', ids),
    ];
    const bin = scene.start(['run', ...files]);
    scene.after(async () => heard.log(bin.stderr));
    await untilLogged(bin, 'kafka_offset_reset', 'nothing_to_run');
    // Two sinks share the pooler's connections: sooner or later one meets the statements of the other.
    const flow = startFlow(servers.kafka, topic, 3);
    scene.after(() => flow.stop());
    await untilLogged(bin, 'statements_not_prepared');
    expect(await bin.end('SIGTERM'), bin.stderr).toBe(0);

    const failed = scene.start([
      'run',
      scene.write('missing.sql', `${ids} ${jdbc('missing')} INSERT INTO missing SELECT id FROM ids;`),
    ]);
    scene.after(async () => heard.log(failed.stderr));
    expect(await failed.exited).toBe(3);
    await untilLogged(failed, 'job_failed');
  });

  it('a database that takes rows but not the farewell of a worker', async () => {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    await database.query('CREATE TABLE ids (id BIGINT)');
    const topic = await createTopic(servers.kafka, { partitions: 2 });
    await produce(servers.kafka, topic, [{ value: '{"id":1}' }]);
    const job = `
      CREATE TABLE sent (id BIGINT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '${servers.kafka}',
        'topic' = '${topic}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
      CREATE TABLE ids (id BIGINT) WITH ('connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = 'ids',
        'username' = '${database.user}', 'password' = '${database.password}');
      INSERT INTO ids SELECT id FROM sent;`;
    const file = scene.write('farewell.sql', job);
    const bin = scene.start(['run', file, '--parallelism', '2', '--log-level', 'debug']);
    scene.after(async () => heard.log(bin.stderr));
    await until('rows', async () => (await database.query('SELECT 1 FROM ids')).length > 0);
    await database.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not now''; END';
      CREATE TRIGGER refuse BEFORE UPDATE ON cryptopipe_checkpoint FOR EACH ROW
        WHEN (NEW.source = '' AND NEW.position IS NULL) EXECUTE FUNCTION refuse()`);
    await bin.end('SIGTERM');
    await untilLogged(bin, 'leave_failed');
  });

  it('a query that changes', async () => {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    await database.query('CREATE TABLE totals (k TEXT PRIMARY KEY, n BIGINT, m BIGINT)');
    for (const table of ['a', 'b', 'c']) {
      mkdirSync(path.join(scene.folder, table));
      scene.write(path.join(table, '1.json'), '{"k":"x","v":1}\n');
    }
    const read = (table: string) => `CREATE TABLE ${table} (k STRING, v BIGINT) WITH (
      'connector' = 'filesystem', 'path' = '${path.join(scene.folder, table)}', 'format' = 'json');`;
    const job = (other: string) => `${read('a')} ${read('b')} ${read('c')}
      CREATE TABLE totals (k STRING, n BIGINT, m BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH (
        'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = 'totals',
        'username' = '${database.user}', 'password' = '${database.password}');
      INSERT INTO totals SELECT x.k, x.n, y.m FROM (SELECT k, COUNT(*) AS n FROM a GROUP BY k) AS x
        JOIN (SELECT k, SUM(v) AS m FROM ${other} GROUP BY k) AS y ON x.k = y.k;`;
    for (const [other, ...flags] of [['b'], ['c', '--keep-matching-state']] as const) {
      const bin = scene.start(['run', ...flags, scene.write('changing.sql', job(other))]);
      expect(await bin.exited, bin.stderr).toBe(0);
      heard.log(bin.stderr);
    }
  });

  it('and no other is documented', () => {
    expect(documentedEvents().filter((event) => !heard.events.has(event))).toEqual([]);
    const metrics = documentedMetrics().map((row) => /`(\w+)`/.exec(row)![1]!);
    expect(metrics.filter((metric) => !heard.metrics.has(metric))).toEqual([]);
  });
});
