/**
 * Measures the Kafka sink alone: encode rows as JSON, build record batches, have the broker acknowledge them.
 *
 *   npx esbuild test/benchmarks/kafka-sink.ts --bundle --platform=node --format=esm --packages=external \
 *     --outfile=dist/benchmarks/kafka-sink.js && node dist/benchmarks/kafka-sink.js [rows] [exactly-once]
 *
 * CRYPTOPIPE_TEST_KAFKA names the broker.
 */
import { json } from '../../connectors/formats/json.ts';
import { kafka } from '../../connectors/kafka/kafka.ts';
import { bindTable } from '../../engine/connector/bind.ts';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { type } from '../../engine/types/data-type.ts';
import { rejectsNothing } from '../connectors/rejects-nothing.ts';
import { createTopic } from '../servers/kafka-client.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const guarantee = process.argv[3] ?? 'at-least-once';
const server = process.env.CRYPTOPIPE_TEST_KAFKA ?? '127.0.0.1:29092';
const batchRows = 8192;

const names = ['symbol', 'price', 'event_time_ms'];
const types = [type.string(), type.double(), type.bigint()];
const columns = names.map((name, i) => ({ kind: 'physical', name, type: types[i]! }) as const);
const table = { name: 't', columns, partitionedBy: [] };

for (let run = 1; run <= 3; run++) {
  const topic = await createTopic(server, { partitions: 2 });
  const span = { start: 0, end: 0 };
  const diagnostics = new Diagnostics();
  const options = {
    connector: 'kafka',
    topic,
    format: 'json',
    'properties.bootstrap.servers': server,
    'sink.delivery-guarantee': guarantee,
    'sink.transactional-id-prefix': 'benchmark',
  };
  const texts = Object.entries(options).map(([key, value]) => ({ key, value, keySpan: span, valueSpan: span }));
  const bound = bindTable({ connectors: [kafka], formats: [json] }, table, texts, span, diagnostics);
  const sink = bound!.use('sink', span, diagnostics)!.createSink([0, 1, 2], {
    job: 'benchmark',
    id: 't',
    log: { debug: () => {}, info: () => {}, warn: console.warn, error: console.error },
    counters: { add: () => {} },
    createTables: false,
    timeZone: 'UTC',
    rejects: rejectsNothing,
    notNull: 'ERROR',
  });
  await sink.open();
  const batch = {
    length: batchRows,
    columns: [
      { values: Array.from({ length: batchRows }, (_, i) => ['BTC', 'SOL', 'BNB'][i % 3]!) },
      { values: Float64Array.from({ length: batchRows }, (_, i) => 10_000 + i / 8) },
      { values: BigInt64Array.from({ length: batchRows }, (_, i) => 1_700_000_000_000n + BigInt(i)) },
    ],
  };
  const began = performance.now();
  const cpu = process.cpuUsage();
  let written = 0;
  let committing = Promise.resolve();
  for (; written < rows; written += batchRows) {
    await sink.write(batch);
    if (sink.pending < sink.flush.maxRows) continue;
    await committing;
    committing = sink.commit({ positions: new Map() });
  }
  await committing;
  await sink.commit({ positions: new Map() });
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  await sink.close();
  console.log(
    `run ${run}: ${Math.round(written / ms)} k rows/s, ${((user + system) / written).toFixed(2)} µs CPU/row, ` +
      `RSS ${Math.round(process.memoryUsage().rss / 1024 / 1024)} MB`,
  );
}
