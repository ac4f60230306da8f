import { expect, it } from 'vitest';
import { type RunningBin, startBin } from '../end-to-end/bin.ts';
import { setScene } from '../end-to-end/scene.ts';
import { createTopic, need, openProducer } from '../servers/index.ts';

/**
 * The seed's job into a blackhole: 3 M messages of about 70 bytes in three topics of two partitions each, read from the
 * earliest to the latest offset by one process, start-up included and not. `MESSAGES` and `RUNS` change the numbers.
 */
const MESSAGES = Number(process.env.MESSAGES ?? 3_000_000);
const RUNS = Number(process.env.RUNS ?? 3);

const servers = await need('kafka', 'postgres');

servers.describe('Kafka → blackhole', () => {
  it(`${MESSAGES} messages`, async () => {
    const scene = await setScene(servers.postgres);
    const topics = await Promise.all(['BTC', 'SOL', 'BNB'].map(() => createTopic(servers.kafka, { partitions: 2 })));
    await fill(topics);
    const file = scene.write('blackhole.sql', job(topics));
    for (let i = 0; i < RUNS; i++) {
      const bin = startBin(['run', file], { cwd: scene.folder });
      const figures = await watch(bin);
      expect(figures.code, bin.stderr).toBe(0);
      const { seconds, reading, cpu, memory } = figures;
      process.stdout.write(
        `${rate(MESSAGES / seconds)} msg/s from start to end (${seconds.toFixed(2)} s), ` +
          `${rate(MESSAGES / reading)} msg/s after start-up, ` +
          `${((cpu / MESSAGES) * 1000).toFixed(2)} µs CPU per message, ${memory.toFixed(0)} MB at most\n`,
      );
    }
  });
});

async function fill(topics: readonly string[]): Promise<void> {
  const started = performance.now();
  const producer = await openProducer(servers.kafka);
  for (let at = 0; at < MESSAGES; at += 30_000) {
    const messages = Array.from({ length: Math.min(30_000, MESSAGES - at) }, (_, i) => ({
      topic: topics[i % topics.length]!,
      partition: (i / topics.length) & 1,
      value: `{"symbol":"BTCUSDT","price":"${(60_000 + ((at + i) % 999_983) / 100).toFixed(2)}","event_time_ms":${1_700_000_000_000 + at + i}}`,
    }));
    await producer.send(messages);
  }
  await producer.close();
  process.stdout.write(`produced in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}

function job(topics: readonly string[]): string {
  const tables = topics.map(
    (topic, i) => `
    CREATE TABLE t${i} (symbol STRING, price DOUBLE, event_time_ms BIGINT) WITH (
      'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${servers.kafka}',
      'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');`,
  );
  const selects = topics.map(
    (_, i) => `
    SELECT symbol, price, CAST(TO_TIMESTAMP_LTZ(event_time_ms, 3) AS TIMESTAMP(3)) AS event_time, 'T${i}' AS topic
    FROM t${i} WHERE event_time_ms > 1000000000000`,
  );
  return `${tables.join('')}
    CREATE TABLE nowhere (symbol STRING, price DOUBLE, event_time TIMESTAMP(3), topic STRING) WITH ('connector' = 'blackhole');
    INSERT INTO nowhere ${selects.join(' UNION ALL')};`;
}

/** Follows a process to its end: seconds overall and from the moment its start-up used 0.3 s of CPU, CPU ms, peak MB. */
async function watch(bin: RunningBin) {
  const started = performance.now();
  let cpu = 0;
  let memory = 0;
  let firstWork = started;
  const timer = setInterval(() => {
    try {
      cpu = bin.cpu();
      const now = bin.memory();
      if (now > memory) memory = now; // Not a number once it has ended.
      if (cpu < 300) firstWork = performance.now();
    } catch {
      // It has just ended: the last figures stand.
    }
  }, 20);
  const code = await bin.exited;
  clearInterval(timer);
  const ended = performance.now();
  return { code, cpu, memory, seconds: (ended - started) / 1000, reading: (ended - firstWork) / 1000 };
}

function rate(perSecond: number): string {
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M` : `${(perSecond / 1e3).toFixed(0)} k`;
}
