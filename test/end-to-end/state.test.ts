import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { candlesCase } from '../chaos/candles-case.ts';
import { joinCase } from '../chaos/join-case.ts';
import { spilled } from '../chaos/kill-case.ts';
import { runKills } from '../chaos/run-kills.ts';
import { createTopic, need, produce, readTopic, uniqueName, until } from '../servers/index.ts';
import { type Folder, setFolder, setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

const START = Date.UTC(2024, 0, 1);

/** One message for each second from `from` to `to`, all in one partition. */
function seconds(from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => ({
    partition: 0,
    value: `{"id":${from + i},"time_ms":${START + (from + i) * 1000}}`,
  }));
}

/** A count for each minute of event time. */
function minuteJob(kafka: string, topic: string, out: string, counted = 'COUNT(*)'): string {
  return `
SET 'pipeline.name' = '${topic}';
CREATE TABLE ev (id BIGINT, time_ms BIGINT,
  ts AS CAST(TO_TIMESTAMP_LTZ(time_ms, 3) AS TIMESTAMP(3)), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${kafka}',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE minutes (last_id BIGINT, n BIGINT) WITH (${out});
INSERT INTO minutes SELECT MAX(id), ${counted}
FROM TABLE(TUMBLE(TABLE ev, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;`;
}

/** The rows of minutes 0 to `count` - 1. */
const minutes = (count: number) => Array.from({ length: count }, (_, i) => ({ last_id: i * 60 + 59, n: 60 }));

/** Runs the job again and again, ended by a signal in the middle of a minute each time, until all minutes are there. */
async function runInPieces(
  scene: Folder,
  [kafka, topic, file]: readonly [string, string, string],
  signal: NodeJS.Signals,
  count: () => Promise<number>,
): Promise<void> {
  for (let piece = 0; piece < 3; piece++) {
    await produce(kafka, topic, seconds(piece * 150, (piece + 1) * 150));
    const bin = scene.start(['run', file]);
    // Rows up to 150, 300, 450 s: 2, 4 and 7 minutes are over, the next one is half counted.
    const wanted = Math.floor(((piece + 1) * 150 - 1) / 60);
    await until(`${wanted} minutes`, async () => (await count()) >= wanted, { timeout: 30_000 }).catch(
      (error: Error) => {
        throw new Error(`${error.message}\n${bin.stderr}`);
      },
    );
    await bin.end(signal);
  }
}

servers.describe('a job with state', () => {
  it.each([
    ['windows', candlesCase],
    ['a join', joinCase],
    ['a join without room in memory', spilled(joinCase, '2 kb')],
  ])(
    'of %s, killed three times, writes what an undisturbed one writes (npm run kills is the long run)',
    {
      timeout: 240_000,
    },
    async (_, killCase) => {
      const scene = await setScene(servers.postgres);
      const options = { kills: 3, rate: 5000, say: () => {} };
      const { progressed, tables } = await runKills(scene, servers.kafka, scene.database, killCase, options);
      expect(progressed).toBe(3);
      for (const { killed, undisturbed, expected } of Object.values(tables)) {
        expect(undisturbed).toEqual(expected);
        expect(killed).toEqual(expected);
      }
    },
  );

  it('goes on exactly once in a Kafka sink after kill -9', { timeout: 120_000 }, async () => {
    const scene = setFolder();
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const out = await createTopic(servers.kafka, { partitions: 1 });
    const job = minuteJob(
      servers.kafka,
      topic,
      `'connector' = 'kafka', 'topic' = '${out}', 'properties.bootstrap.servers' = '${servers.kafka}', 'format' = 'json',
       'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${uniqueName()}'`,
    );
    const read = async () => (await readTopic(servers.kafka, out)).map(({ value }) => JSON.parse(value!) as unknown);
    const file = scene.write('minutes.sql', job);
    await runInPieces(scene, [servers.kafka, topic, file], 'SIGKILL', async () => (await read()).length);
    expect(await read()).toEqual(minutes(7));
  });

  it('goes on in files, with a checkpoint file beside its state', { timeout: 120_000 }, async () => {
    const scene = setFolder();
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const out = path.join(scene.folder, 'out');
    const file = scene.write(
      'minutes.sql',
      minuteJob(servers.kafka, topic, `'connector' = 'filesystem', 'path' = '${out}', 'format' = 'json'`),
    );
    // Files that are still written to have a name with a dot in front.
    const read = async (unfinished = false) => {
      try {
        return readdirSync(out)
          .filter((name) => unfinished || !name.startsWith('.'))
          .flatMap((name) => readFileSync(path.join(out, name), 'utf8').trimEnd().split('\n'))
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as { last_id: number })
          .sort((a, b) => a.last_id - b.last_id);
      } catch {
        return [];
      }
    };
    await runInPieces(scene, [servers.kafka, topic, file], 'SIGTERM', async () => (await read(true)).length);
    expect(await read()).toEqual(minutes(7));
  });

  it('forgets its state with --fresh, and says which node of a changed query it does not fit', {
    timeout: 120_000,
  }, async () => {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    await database.query('CREATE TABLE minutes (last_id BIGINT, n BIGINT)');
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const out = `'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = 'minutes',
      'username' = '${database.user}', 'password' = '${database.password}'`;
    const file = scene.write('minutes.sql', minuteJob(servers.kafka, topic, out));
    const rows = async () =>
      (await database.query('SELECT last_id::int, n::int FROM minutes ORDER BY last_id')) as { last_id: number }[];
    await runInPieces(scene, [servers.kafka, topic, file], 'SIGTERM', async () => (await rows()).length);
    expect(await rows()).toEqual(minutes(7));

    scene.write('minutes.sql', minuteJob(servers.kafka, topic, out, 'COUNT(DISTINCT id)'));
    const changed = scene.start(['run', file]);
    expect(await changed.exited).toBe(3);
    expect(changed.stderr).toMatch(/what is remembered does not fit WindowAggregate\(.*COUNT\(DISTINCT id\)/);
    expect(changed.stderr).toMatch(/it was WindowAggregate\(.*COUNT\(\*\)/);
    expect(changed.stderr).toContain('--fresh');

    // From the beginning, the half-counted minute too: each is there twice.
    const fresh = scene.start(['run', '--fresh', file]);
    await until('14 minutes', async () => (await rows()).length >= 14, { timeout: 30_000 });
    await fresh.end('SIGTERM');
    expect(await rows()).toEqual(minutes(7).flatMap((row) => [row, row]));
  });

  it('runs in one of two processes, and the other takes over when that one is killed', {
    timeout: 120_000,
  }, async () => {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const file = scene.write(
      'count.sql',
      `SET 'pipeline.name' = '${topic}';
CREATE TABLE ev (id BIGINT) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${servers.kafka}',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE counts (what STRING, n BIGINT, PRIMARY KEY (what) NOT ENFORCED) WITH ('connector' = 'jdbc',
  'url' = '${database.jdbcUrl}', 'table-name' = 'counts', 'username' = '${database.user}', 'password' = '${database.password}');
INSERT INTO counts SELECT 'all', COUNT(*) FROM ev;`,
    );
    const count = async () => (await database.query('SELECT n::int FROM counts'))[0]?.n as number | undefined;
    await produce(servers.kafka, topic, seconds(0, 100));
    const first = scene.start(['run', '--create-tables', file]);
    await until('the first messages', async () => (await count()) === 100, { timeout: 30_000 });
    const second = scene.start(['run', file]);
    await until('that it waits', async () => second.stderr.includes('state-locked'), { timeout: 30_000 });
    await produce(servers.kafka, topic, seconds(100, 200));
    await until('more messages', async () => (await count()) === 200, { timeout: 30_000 });
    await first.end('SIGKILL');
    await produce(servers.kafka, topic, seconds(200, 300));
    await until('all messages', async () => (await count()) === 300, { timeout: 60_000 });
    expect(await second.end('SIGTERM')).toBe(0);
  });
});
