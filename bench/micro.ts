/**
 * What the hot path costs beside plain JavaScript that does the same in the same process, so that the figure is a ratio
 * and not a machine's speed. Measures the cases named on its command line (all, where none is) and prints their ratios as
 * one JSON object; `bench/micro.js` starts it and compares.
 */
import { json } from '../connectors/formats/json.ts';
import { registry } from '../connectors/index.ts';
import { arrayEncoder } from '../connectors/postgres/encode-array.ts';
import { RowBuffer } from '../connectors/postgres/row-buffer.ts';
import type { OptionValues } from '../engine/connector/options.ts';
import { check } from '../engine/index.ts';
import type { RowBatch } from '../engine/types/batch.ts';
import { type } from '../engine/types/data-type.ts';
import { seedMessage } from './messages.ts';

const BATCH = 5000;
const ROUNDS = 15;
/** A round lasts about so long: collections of garbage are in every one. */
const ROUND_US = 20e3;

/** Two ways to do one thing to a batch; each returns something, so that nothing is optimized away. */
interface Micro {
  readonly name: string;
  ours(): unknown;
  plain(): unknown;
}

const symbols = ['BTCUSDT', 'SOLUSDT', 'BNBUSDT'];
const fields = [
  { name: 'symbol', type: type.string() },
  { name: 'price', type: type.double() },
  { name: 'event_time_ms', type: type.bigint() },
];

function decode(): Micro {
  const texts = Array.from({ length: BATCH }, (_, i) => Buffer.from(seedMessage(i)));
  const bytes = Buffer.concat(texts);
  const starts = new Int32Array(BATCH + 1);
  texts.forEach((text, i) => {
    starts[i + 1] = starts[i]! + text.length;
  });
  const options = {
    'fail-on-missing-field': false,
    'ignore-parse-errors': false,
    'timestamp-format.standard': 'SQL',
    'map-null-key.mode': 'FAIL',
    'map-null-key.literal': 'null',
    'encode.decimal-as-plain-number': false,
    'encode.ignore-null-fields': false,
    'decode.json-parser.enabled': true,
  } as OptionValues<typeof json.options>;
  const context = { timeZone: 'UTC', counters: { add: () => {} } };
  const decoder = json.createDecoder!(fields, [0, 1, 2], options, context);
  return {
    name: 'decode',
    ours() {
      decoder.reserve(BATCH);
      for (let i = 0; i < BATCH; i++) decoder.decode(bytes, starts[i]!, starts[i + 1]!);
      return decoder.take();
    },
    plain() {
      const rows = { symbol: [] as string[], price: [] as number[], time: [] as bigint[] };
      for (let i = 0; i < BATCH; i++) {
        const message = JSON.parse(bytes.toString('utf8', starts[i], starts[i + 1])) as {
          symbol: string;
          price: string;
          event_time_ms: number;
        };
        rows.symbol.push(message.symbol);
        rows.price.push(Number(message.price));
        rows.time.push(BigInt(message.event_time_ms));
      }
      return rows;
    },
  };
}

function tickBatch(): RowBatch {
  const times = new BigInt64Array(BATCH);
  for (let i = 0; i < BATCH; i++) times[i] = 1_700_000_000_000n + BigInt(i);
  return {
    length: BATCH,
    columns: [
      { values: Array.from({ length: BATCH }, (_, i) => symbols[i % 3]!) },
      { values: Float64Array.from({ length: BATCH }, (_, i) => 60_000 + i / 100) },
      { values: times },
    ],
  };
}

function calc(): Micro {
  const text = `
    CREATE TABLE ticks (symbol STRING, price DOUBLE, event_time_ms BIGINT) WITH ('connector' = 'datagen');
    CREATE TABLE prices (symbol STRING, price DOUBLE, event_time TIMESTAMP(3), topic STRING) WITH ('connector' = 'blackhole');
    INSERT INTO prices
    SELECT symbol, price, CAST(TO_TIMESTAMP_LTZ(event_time_ms, 3) AS TIMESTAMP(3)), 'BTC' FROM ticks
    WHERE event_time_ms > 1000000000000;`;
  const settings = new Map([['table.local-time-zone', 'UTC']]);
  const checked = check({ file: 'calc.sql', text }, { registry, variables: () => undefined, settings });
  let out: RowBatch | undefined;
  const port = checked.pipelines![0]!.instantiate((batch) => {
    out = batch;
  }).ports[0]!;
  const batch = tickBatch();
  const [symbol, price, time] = batch.columns.map(({ values }) => values) as [string[], Float64Array, BigInt64Array];
  return {
    name: 'calc',
    ours() {
      port.push(batch);
      return out;
    },
    plain() {
      const rows = { symbol: [] as string[], price: [] as number[], time: [] as bigint[], topic: [] as string[] };
      for (let i = 0; i < BATCH; i++) {
        if (time[i]! <= 1_000_000_000_000n) continue;
        rows.symbol.push(symbol[i]!);
        rows.price.push(price[i]!);
        rows.time.push(time[i]! * 1000n);
        rows.topic.push('BTC');
      }
      return rows;
    },
  };
}

const rowTypes = [type.string(), type.double(), type.timestamp(3), type.string()];

function rowBatch(symbol: (i: number) => string): RowBatch {
  const [, price, time] = tickBatch().columns;
  return {
    length: BATCH,
    columns: [
      { values: Array.from({ length: BATCH }, (_, i) => symbol(i)) },
      price!,
      time!,
      { values: new Array<string>(BATCH).fill('BTC') },
    ],
  };
}

function reduce(): Micro {
  const buffer = new RowBuffer(rowTypes, [0, 3]);
  const batch = rowBatch((i) => symbols[i % 3]!);
  const [symbol, price, time, topic] = batch.columns.map(({ values }) => values) as [
    string[],
    Float64Array,
    BigInt64Array,
    string[],
  ];
  const newest = new Map<string, unknown>();
  return {
    name: 'reduce',
    ours() {
      buffer.add(batch, undefined);
      return buffer.count;
    },
    plain() {
      for (let i = 0; i < BATCH; i++) {
        newest.set(`${symbol[i]}|${topic[i]}`, { symbol: symbol[i], price: price[i], time: time[i], topic: topic[i] });
      }
      return newest.size;
    },
  };
}

function encode(): Micro {
  const batch = rowBatch((i) => `TRADE-${i}`);
  const rows = Int32Array.from({ length: BATCH }, (_, i) => i);
  const encoders = (['text', 'float8', 'timestamp', 'text'] as const).map((element, i) =>
    arrayEncoder(rowTypes[i]!, element, i),
  );
  return {
    name: 'encode',
    ours: () => encoders.map((each, i) => each(batch.columns[i]!.values, undefined, rows, BATCH).length),
    plain: () =>
      batch.columns.map(
        ({ values }) =>
          `{${Array.from(values as ArrayLike<unknown>)
            .map(String)
            .join(',')}}`,
      ),
  };
}

/** How many times faster ours is: the best round of each, taken in turns. */
function ratioOf({ ours, plain }: Micro): number {
  const best = { ours: Number.POSITIVE_INFINITY, plain: Number.POSITIVE_INFINITY };
  const time = (run: () => unknown, times: number): number => {
    // CPU time, not the clock's: other programs do not count.
    const start = process.cpuUsage();
    for (let i = 0; i < times; i++) run();
    const { user, system } = process.cpuUsage(start);
    return Math.max(1, user + system) / times;
  };
  const timesOf = (run: () => unknown) => Math.max(4, Math.ceil(ROUND_US / Math.min(time(run, 50), time(run, 50))));
  const times = { ours: timesOf(ours), plain: timesOf(plain) };
  for (let round = 0; round < ROUNDS; round++) {
    best.ours = Math.min(best.ours, time(ours, times.ours));
    best.plain = Math.min(best.plain, time(plain, times.plain));
  }
  return best.plain / best.ours;
}

const wanted = process.argv.slice(2);
const cases = [decode(), calc(), reduce(), encode()].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const ratios = Object.fromEntries(cases.map((micro) => [micro.name, ratioOf(micro)]));
process.stdout.write(`${JSON.stringify(ratios)}\n`);
