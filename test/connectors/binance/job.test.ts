import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { registry } from '../../../connectors/index.ts';
import { startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';
import { check, type Log, run } from '../../../engine/index.ts';
import { endOffsets, readTopic, until } from '../../servers/index.ts';
import { openExchange } from './scene.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const pairs = { BTC: 'BTCUSDT', AVA: 'AVAXUSDT', BNB: 'BNBUSDT', SOL: 'SOLUSDT' };

it('jobs/binance_to_kafka.sql publishes each pair to its topic, and goes on after the exchange was down', {
  timeout: 60_000,
}, async () => {
  const file = 'jobs/binance_to_kafka.sql';
  const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  const exchange = await openExchange({ tickInterval: 50 });
  const topics = Object.keys(pairs);
  const broker = await startEmbeddedBroker({ topics });
  const folder = mkdtempSync(path.join(tmpdir(), 'binance-job-'));
  const settings = new Map([
    ['cryptopipe.table.prices.rest-url', exchange.restUrl],
    ['cryptopipe.table.prices.ws-url', exchange.wsUrl],
    ['cryptopipe.table.prices.interval', '50 ms'],
  ]);
  const variables = (name: string) => (name === 'KAFKA_BOOTSTRAP_SERVERS' ? broker.address : undefined);
  const checked = check({ file, text }, { registry, variables, settings });
  expect(checked.diagnostics).toEqual([]);
  const job = run(checked, { log: quiet, createTables: false, fresh: true, checkpointFolder: folder });
  const sizes = async () =>
    Promise.all(topics.map(async (topic) => (await endOffsets(broker.address, topic)).get(0) ?? 0));
  try {
    await until('messages in all topics', async () => (await sizes()).every((size) => size >= 3));
    exchange.faults.outage(true);
    await until('a pause', async () => {
      const before = await sizes();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return (await sizes()).join() === before.join();
    });
    const before = await sizes();
    exchange.faults.outage(false);
    await until('more messages', async () => (await sizes()).every((size, i) => size > before[i]!));
    for (const [topic, symbol] of Object.entries(pairs)) {
      const messages = await readTopic(broker.address, topic);
      for (const { value } of messages) {
        expect(JSON.parse(String(value))).toEqual({
          symbol,
          price: expect.stringMatching(/^\d+\.\d{8}$/),
          event_time_ms: expect.any(Number),
        });
      }
    }
  } finally {
    job.stop();
    await job.done;
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
