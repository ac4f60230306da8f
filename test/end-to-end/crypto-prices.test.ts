import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { need, produceTo, until } from '../servers/index.ts';
import {
  CREATE_TABLE,
  createTopics,
  environment,
  type PriceRow,
  readTable,
  tick,
  untilReading,
  withTopics,
} from './crypto-prices.ts';
import { type Scene, setScene } from './scene.ts';
import { oddTicks, seeded, TOPICS, type Topic } from './ticks.ts';

const servers = await need('kafka', 'postgres');

/** Starts jobs/crypto_prices.sql on topics of the test's own; resolves once it reads all that comes. */
async function startJob(scene: Scene, topics: Record<Topic, string>) {
  await scene.database.query(CREATE_TABLE);
  const file = scene.write('crypto_prices.sql', withTopics(readFileSync('jobs/crypto_prices.sql', 'utf8'), topics));
  const bin = scene.start(['run', file], environment({ kafka: servers.kafka, database: scene.database }));
  await untilReading(servers.kafka, Object.values(topics), scene.database, bin);
  return bin;
}

/**
 * The one difference, on purpose: Flink stops reading a message after as many keys as there are columns, so that a key
 * that comes twice hides a column, here the time, and with it the row.
 */
const onPurpose: PriceRow = { symbol: 'TWICE', topic: 'BTC', price: '2', event_time: '2023-11-14 22:13:20.123' };

servers.describe('jobs/crypto_prices.sql', () => {
  it('answers what Apache Flink answers, to odd messages too', async () => {
    const scene = await setScene(servers.postgres);
    const topics = await createTopics(servers.kafka);
    const bin = await startJob(scene, topics);
    await produceTo(
      servers.kafka,
      oddTicks().map((message) => ({ ...message, topic: topics[message.topic] })),
    );
    const flink = JSON.parse(readFileSync('test/end-to-end/flink-answer.json', 'utf8')) as PriceRow[];
    const at = flink.findIndex((row) => row.symbol === 'WHITESPACE');
    const expected = flink.toSpliced(at, 0, onPurpose);
    let rows: PriceRow[] = [];
    await until(
      `${expected.length} rows`,
      async () => {
        rows = (await readTable(scene.database)).filter((row) => row.symbol !== 'PROBE');
        return isDeepStrictEqual(rows, expected);
      },
      { timeout: 15_000 },
    ).catch(() => expect(rows, bin.stderr).toEqual(expected));
    expect(await bin.end('SIGTERM')).toBe(0);
  });

  it('keeps exactly the last valid row per key of 300 000 messages', { timeout: 120_000 }, async () => {
    const scene = await setScene(servers.postgres);
    const topics = await createTopics(servers.kafka);
    const bin = await startJob(scene, topics);
    const random = seeded(300_000);
    const newest = new Map<string, PriceRow>();
    const messages = Array.from({ length: 300_000 }, (_, i) => {
      const topic = TOPICS[i % 3]!;
      const symbol = `${topic}${Math.floor(random() * 50)}`;
      const price = Math.round(random() * 1e7) / 100;
      const tooEarly = random() < 0.01;
      const millis = tooEarly ? Math.floor(random() * 1e12) : 1_700_000_000_000 + i * 7;
      if (!tooEarly) {
        const event_time = new Date(millis).toISOString().replace('T', ' ').replace('Z', '');
        newest.set(`${topic}|${symbol}`, { symbol, price: String(price), event_time, topic });
      }
      return { topic: topics[topic], key: symbol, value: tick(symbol, random() < 0.5 ? price : String(price), millis) };
    });
    await produceTo(servers.kafka, messages);
    const byKey = (row: PriceRow) => `${row.topic}|${row.symbol}`;
    const sorted = (rows: Iterable<PriceRow>) => [...rows].sort((a, b) => (byKey(a) < byKey(b) ? -1 : 1));
    const expected = sorted(newest.values());
    let rows: PriceRow[] = [];
    await until(
      'the last rows',
      async () => {
        rows = sorted((await readTable(scene.database)).filter((row) => row.symbol !== 'PROBE'));
        return isDeepStrictEqual(rows, expected);
      },
      { timeout: 60_000, every: 200 },
    ).catch(() => expect(rows).toEqual(expected));
    expect(rows.length).toBe(150);
    expect(await bin.end('SIGTERM')).toBe(0);
  });
});
