/**
 * Measures the Kafka source alone: fetch, walk the record batches, scan the fields of each message, drop the batch.
 *
 *   npx esbuild test/benchmarks/kafka-source.ts --bundle --platform=node --format=esm --packages=external \
 *     --outfile=dist/benchmarks/kafka-source.js && node dist/benchmarks/kafka-source.js [messages] [topic]
 *
 * CRYPTOPIPE_TEST_KAFKA names the broker. The topic is filled once with messages of 70 bytes and read again later.
 */
import { Admin, Producer, stringSerializers } from '@platformatic/kafka';
import { kafka } from '../../connectors/kafka/kafka.ts';
import type { BoundFormat } from '../../engine/connector/define.ts';
import type { Column } from '../../engine/types/batch.ts';
import { type } from '../../engine/types/data-type.ts';
import { rejectsNothing } from '../connectors/rejects-nothing.ts';

const messages = Number(process.argv[2] ?? 3_000_000);
const topic = process.argv[3] ?? 'cryptopipe-benchmark';
const server = process.env.CRYPTOPIPE_TEST_KAFKA ?? '127.0.0.1:29092';

await fill();
for (let run = 1; run <= 3; run++) await measure(run);

/** Scans `{"symbol":"…","price":…,"event_time_ms":…}` as a generated decoder would. */
function scanning(): BoundFormat {
  return {
    name: 'scan',
    check: () => undefined,
    createDecoder: () => {
      let symbols: string[] = [];
      let prices = new Float64Array(0);
      let times = new Float64Array(0);
      let length = 0;
      const cache = new Map<number, string>();
      return {
        get length() {
          return length;
        },
        reserve(rows) {
          if (length + rows <= prices.length) return;
          const larger = new Float64Array((length + rows) * 2);
          larger.set(prices);
          prices = larger;
          const largerTimes = new Float64Array((length + rows) * 2);
          largerTimes.set(times);
          times = largerTimes;
        },
        decode(bytes, start, end) {
          let at = start + 11;
          let hash = 0;
          const from = at;
          while (bytes[at] !== 0x22) hash = (hash * 31 + bytes[at++]!) | 0;
          const known = cache.get(hash);
          const symbol = known ?? bytes.toString('latin1', from, at);
          if (known === undefined) cache.set(hash, symbol);
          at += 10;
          let digits = 0;
          let scale = 1;
          let fraction = false;
          for (let b = bytes[at]!; b !== 0x2c; b = bytes[++at]!) {
            if (b === 0x2e) fraction = true;
            else {
              digits = digits * 10 + b - 48;
              if (fraction) scale *= 10;
            }
          }
          at += 17;
          let time = 0;
          for (; at < end - 1; at++) time = time * 10 + bytes[at]! - 48;
          symbols.push(symbol);
          prices[length] = digits / scale;
          times[length++] = time;
        },
        take(): Column[] {
          const columns = [{ values: symbols }, { values: prices }, { values: times }];
          symbols = [];
          prices = new Float64Array(prices.length);
          times = new Float64Array(times.length);
          length = 0;
          return columns;
        },
      };
    },
    createEncoder: () => {
      throw new Error('reads only');
    },
  };
}

async function measure(run: number): Promise<void> {
  const table = {
    name: 't',
    columns: ['symbol', 'price', 'event_time_ms'].map(
      (name) => ({ kind: 'physical', name, type: type.double() }) as const,
    ),
    partitionedBy: [],
  };
  const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };
  const source = kafka.createSource!(
    {
      table,
      formats: new Map([['format', scanning()]]),
      options: {
        topic: [topic],
        'properties.bootstrap.servers': server,
        'properties.*': new Map(),
        format: 'scan',
        'scan.startup.mode': 'earliest-offset',
        'scan.bounded.mode': 'latest-offset',
        'scan.topic-partition-discovery.interval': 0,
        'value.fields-include': 'ALL',
      } as never,
    },
    [0, 1, 2],
    {
      job: 'benchmark',
      id: 't',
      log,
      counters: { add: () => {} },
      createTables: false,
      timeZone: 'UTC',
      rejects: rejectsNothing,
      notNull: 'ERROR',
    },
    [],
  );
  await source.open(async () => new Map());
  const signal = new AbortController().signal;
  const began = performance.now();
  const cpu = process.cpuUsage();
  let rows = 0;
  let batches = 0;
  for (let batch = await source.poll(signal); batch !== null; batch = await source.poll(signal)) {
    rows += batch.length;
    batches++;
  }
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  await source.close();
  const rss = Math.round(process.memoryUsage().rss / 1024 / 1024);
  console.log(
    `run ${run}: ${rows} rows in ${batches} batches, ${Math.round(ms)} ms, ` +
      `${(rows / ms / 1000).toFixed(2)} M msg/s, ${((user + system) / rows).toFixed(2)} µs CPU/msg, RSS ${rss} MB`,
  );
}

async function fill(): Promise<void> {
  const admin = new Admin({ clientId: 'benchmark', bootstrapBrokers: [server] });
  const topics = await admin.listTopics();
  if (topics.includes(topic)) return admin.close();
  await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 });
  await admin.close();
  const producer = new Producer({ clientId: 'benchmark', bootstrapBrokers: [server], serializers: stringSerializers });
  const began = performance.now();
  for (let sent = 0; sent < messages; ) {
    const batch = Array.from({ length: Math.min(10_000, messages - sent) }, (_, i) => ({
      topic,
      partition: Math.floor((sent + i) / 10_000) % 2,
      value: `{"symbol":"BTC","price":${(10_000 + ((sent + i) % 900_000) / 10).toFixed(3)},"event_time_ms":${1_700_000_000_000 + sent + i}}`,
    }));
    await producer.send({ messages: batch });
    sent += batch.length;
  }
  await producer.close();
  console.log(`filled in ${Math.round(performance.now() - began)} ms`);
}
