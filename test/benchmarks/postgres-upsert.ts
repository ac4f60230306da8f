/**
 * How fast the PostgreSQL sink is, printed as rows per second and CPU per row of this process:
 *
 *   npx esbuild test/benchmarks/postgres-upsert.ts --bundle --platform=node --format=esm --packages=external \
 *     --outfile=dist/benchmarks/postgres-upsert.js && node dist/benchmarks/postgres-upsert.js [postgres://…]
 *
 * (a) 1 M rows of distinct keys, (b) 3 M rows over 3 keys, (c) one row per commit. Apache Flink's JDBC sink, tuned, on
 * two cores with the same server: (a) 104 k rows/s, (b) 0.80 M rows/s together with reading them from Kafka.
 */
import pg from 'pg';
import { jdbc } from '../../connectors/postgres/jdbc.ts';
import type { Column, RowBatch } from '../../engine/types/batch.ts';
import { type } from '../../engine/types/data-type.ts';
import { sinkOf } from '../connectors/postgres/sink-of.ts';

const url =
  process.argv[2] ?? process.env.CRYPTOPIPE_TEST_POSTGRES ?? 'postgres://postgres:postgres@localhost/postgres';
const BATCH = 5000;

const client = new pg.Client(url);
await client.connect();
await client.query('CREATE SCHEMA IF NOT EXISTS benchmark');

function createSink(maxRows: number) {
  return sinkOf({
    url,
    table: 'benchmark.prices',
    columns: {
      symbol: type.string(),
      price: type.double(),
      event_time: type.timestamp(3),
      topic: type.string(),
    },
    primaryKey: ['symbol', 'topic'],
    options: { 'sink.buffer-flush.max-rows': String(maxRows) },
    createTables: true,
  });
}

/** Strings are made anew for each row, as a decoder makes them. */
function batchFrom(first: number, length: number, symbol: (row: number) => string): RowBatch {
  const symbols: string[] = [];
  const topics: string[] = [];
  const prices = new Float64Array(length);
  const times = new BigInt64Array(length);
  const bytes = Buffer.alloc(32);
  for (let i = 0; i < length; i++) {
    const end = bytes.write(symbol(first + i), 0, 'latin1');
    symbols.push(bytes.toString('latin1', 0, end));
    topics.push('BTC');
    prices[i] = (first + i) / 100;
    times[i] = 1_700_000_000_000_000n + BigInt(first + i) * 1000n;
  }
  const columns: Column[] = [{ values: symbols }, { values: prices }, { values: times }, { values: topics }];
  return { length, columns };
}

async function measure(name: string, rows: number, maxRows: number, symbol: (row: number) => string): Promise<void> {
  await client.query('DROP TABLE IF EXISTS benchmark.prices, benchmark.cryptopipe_checkpoint');
  const sink = createSink(maxRows);
  await sink.open();
  await sink.restore?.('ticks', ['BTC-0']);
  let making = 0;
  let waiting = 0;
  let commit: Promise<void> | undefined;
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let row = 0; row < rows; row += BATCH) {
    const made = performance.now();
    const batch = batchFrom(row, BATCH, symbol);
    making += performance.now() - made;
    await sink.write(batch);
    // As the runtime does: one commit in flight, the next one filling beside it.
    if (sink.pending >= sink.flush.maxRows || (sink.pending > 0 && row % 100_000 === 0)) {
      const waited = performance.now();
      await commit;
      waiting += performance.now() - waited;
      commit = sink.commit({ positions: new Map([['ticks', new Map([['BTC-0', String(row)]])]]) });
    }
  }
  await commit;
  await sink.commit({ positions: new Map([['ticks', new Map([['BTC-0', String(rows)]])]]) });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await sink.close();
  const { rows: counted } = await client.query('SELECT count(*)::int AS n FROM benchmark.prices');
  const own = (user + system) / rows - (making * 1000) / rows;
  console.log(
    `${name}: ${Math.round(rows / seconds / 1000)} k rows/s, ${own.toFixed(3)} µs CPU per row besides making it, ` +
      `${((waiting / seconds / 1000) * 100).toFixed(0)} % waiting for the server, ${counted[0]?.n} rows in the table`,
  );
}

async function latency(): Promise<void> {
  await client.query('DROP TABLE IF EXISTS benchmark.prices, benchmark.cryptopipe_checkpoint');
  const sink = createSink(1);
  await sink.open();
  await sink.restore?.('ticks', ['BTC-0']);
  const times: number[] = [];
  for (let i = 0; i < 500; i++) {
    const start = performance.now();
    await sink.write(batchFrom(i, 1, (row) => `S${row % 3}`));
    await sink.commit({ positions: new Map([['ticks', new Map([['BTC-0', String(i)]])]]) });
    times.push(performance.now() - start);
  }
  await sink.close();
  times.sort((a, b) => a - b);
  console.log(`one row per commit: p50 ${times[250]?.toFixed(2)} ms, p99 ${times[495]?.toFixed(2)} ms`);
}

const sizes = (process.env.MAX_ROWS ?? '10000').split(',').map(Number);
for (const size of sizes)
  await measure(`1 M distinct keys, ${size} rows per commit`, 1_000_000, size, (row) => `SYM${row}`);
await measure('3 keys', 3_000_000, 10_000, (row) => `SYMBOL${row % 3}`);
await latency();
console.log(`connector '${jdbc.name}' on ${new URL(url).host}`);
await client.query('DROP SCHEMA benchmark CASCADE');
await client.end();
