import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { startBin } from '../end-to-end/bin.ts';
import { CREATE_TABLE, createTopics, environment, tick, withTopics } from '../end-to-end/crypto-prices.ts';
import { setScene } from '../end-to-end/scene.ts';
import { need, openProducer } from '../servers/index.ts';

/** From `cryptopipe run` to the first row in PostgreSQL, servers up and messages flowing; and latencies from then on. */
const RUNS = Number(process.env.RUNS ?? 7);

const servers = await need('kafka', 'postgres');

servers.describe('the first row', () => {
  it('of jobs/crypto_prices.sql', async () => {
    const scene = await setScene(servers.postgres);
    await scene.database.query(CREATE_TABLE);
    const topics = await createTopics(servers.kafka);
    const job = withTopics(readFileSync('jobs/crypto_prices.sql', 'utf8'), topics);
    const client = new pg.Client({ connectionString: scene.database.url });
    await client.connect();
    let flowing = true;
    const flow = (async () => {
      const producer = await openProducer(servers.kafka);
      while (flowing) {
        const now = Date.now();
        await producer.send(Object.values(topics).map((topic) => ({ topic, value: tick('NOW', 1, now) })));
        await sleep(5);
      }
      await producer.close();
    })();
    try {
      const first: number[] = [];
      const memory: number[] = [];
      const latencies: number[] = [];
      for (let i = 0; i < RUNS; i++) {
        await client.query('TRUNCATE machine.crypto_prices');
        // A job of another name each time: what is measured is a first start, without checkpoint.
        const file = scene.write(
          `first_${i}.sql`,
          job.replace("'pipeline.name' = 'crypto_prices'", `'pipeline.name' = 'first_${i}'`),
        );
        const started = performance.now();
        const bin = startBin(['run', file], {
          cwd: scene.folder,
          env: environment({ kafka: servers.kafka, database: scene.database }),
        });
        for (;;) {
          if ((await client.query('SELECT 1 FROM machine.crypto_prices LIMIT 1')).rowCount === 1) break;
          if (performance.now() - started > 30_000) throw new Error(`no row within 30 s\n${bin.stderr}`);
          await sleep(2);
        }
        first.push(performance.now() - started);
        latencies.push(...(await watchLatency(client)));
        memory.push(bin.memory());
        expect(await bin.end('SIGTERM')).toBe(0);
      }
      process.stdout.write(
        `first row after ${quantile(first, 0.5)} ms (median of ${RUNS}; ${quantile(first, 0)}–${quantile(first, 1)}), ` +
          `${quantile(memory, 0.5)} MB resident\n` +
          `produced → seen in the table: p50 ${quantile(latencies, 0.5)} ms, p99 ${quantile(latencies, 0.99)} ms ` +
          `(looked at every 2 ms)\n`,
      );
    } finally {
      flowing = false;
      await flow;
      await client.end();
    }
  });
});

/** For two seconds: how old each new value is when it is first seen. The clock of both ends is the same. */
async function watchLatency(client: pg.Client): Promise<number[]> {
  const ages: number[] = [];
  const until = performance.now() + 2000;
  let before = 0;
  while (performance.now() < until) {
    const found = await client.query<{ at: string }>(
      `SELECT (extract(epoch FROM max(event_time)) * 1000)::bigint AS at FROM machine.crypto_prices`,
    );
    const at = Number(found.rows[0]?.at);
    if (at > before) ages.push(Date.now() - at);
    before = Math.max(at, before);
    await sleep(2);
  }
  return ages;
}

function quantile(values: readonly number[], q: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN).toFixed(0);
}
