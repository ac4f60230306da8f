/**
 * How many messages the JSON decoder reads in a second of CPU time (the best of eight rounds of two million):
 *
 *   npx esbuild test/benchmarks/json-decode.ts --bundle --platform=node --format=esm --outfile=/tmp/json-decode.mjs
 *   node /tmp/json-decode.mjs [name of a case]
 */
import { json } from '../../connectors/formats/json.ts';
import type { OptionValues } from '../../engine/connector/options.ts';
import { type DataType, type } from '../../engine/types/data-type.ts';

interface Case {
  readonly fields: readonly (readonly [string, DataType])[];
  readonly message: (i: number) => string;
  readonly wanted?: readonly number[];
}

const symbols = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT'];
const price = (i: number) => (60_000 + ((i * 7919) % 1_000_000) / 100).toFixed(2);
const ticker = (i: number) =>
  `{"symbol":"${symbols[i % 3]}","price":"${price(i)}","event_time_ms":${1_732_390_000_000 + i}}`;

const cases: Record<string, Case> = {
  double: {
    fields: [
      ['symbol', type.string()],
      ['price', type.double()],
      ['event_time_ms', type.bigint()],
    ],
    message: ticker,
  },
  decimal: {
    fields: [
      ['symbol', type.string()],
      ['price', type.decimal(18, 8)],
      ['event_time_ms', type.bigint()],
    ],
    message: ticker,
  },
  string: {
    fields: [
      ['symbol', type.string()],
      ['price', type.string()],
      ['event_time_ms', type.bigint()],
    ],
    message: ticker,
  },
  pruned: {
    fields: [
      ['symbol', type.string()],
      ['price', type.double()],
      ['event_time_ms', type.bigint()],
    ],
    wanted: [0],
    message: ticker,
  },
  'two layouts': {
    fields: [
      ['symbol', type.string()],
      ['price', type.double()],
      ['event_time_ms', type.bigint()],
    ],
    message: (i) => (i % 2 === 0 ? ticker(i) : `{"price": ${price(i)}, "symbol": "${symbols[i % 3]}"}`),
  },
  timestamp: {
    fields: [
      ['symbol', type.string()],
      ['at', type.timestamp(3)],
    ],
    message: (i) => `{"symbol":"${symbols[i % 3]}","at":"2024-01-02 03:04:${10 + (i % 50)}.${100 + (i % 900)}"}`,
  },
  nested: {
    fields: [
      ['symbol', type.string()],
      [
        'trade',
        type.row([
          { name: 'p', type: type.double() },
          { name: 'q', type: type.double() },
        ]),
      ],
    ],
    message: (i) => `{"symbol":"${symbols[i % 3]}","trade":{"p":${price(i)},"q":0.5}}`,
  },
};

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

const BATCH = 10_000;

for (const [name, { fields, message, wanted }] of Object.entries(cases)) {
  if (process.argv[2] !== undefined && process.argv[2] !== name) continue;
  const texts = Array.from({ length: BATCH }, (_, i) => Buffer.from(`${message(i)}\n`));
  const bytes = Buffer.concat(texts);
  const starts = new Int32Array(BATCH + 1);
  texts.forEach((text, i) => {
    starts[i + 1] = starts[i]! + text.length;
  });
  const decoder = json.createDecoder!(
    fields.map(([field, t]) => ({ name: field, type: t })),
    wanted ?? fields.map((_, i) => i),
    options,
    { timeZone: 'UTC', counters: { add: () => {} } },
  );
  const decodeAll = () => {
    decoder.reserve(BATCH);
    for (let i = 0; i < BATCH; i++) decoder.decode(bytes, starts[i]!, starts[i + 1]! - 1);
    return decoder.take();
  };
  for (let i = 0; i < 50; i++) decodeAll();
  let best = 0;
  for (let round = 0; round < 8; round++) {
    const from = process.cpuUsage();
    for (let i = 0; i < 200; i++) decodeAll();
    best = Math.max(best, (200 * BATCH) / process.cpuUsage(from).user);
  }
  const perMessage = Math.round(bytes.length / BATCH);
  console.log(`${name.padEnd(12)} ${best.toFixed(1).padStart(6)} M messages/s, ${perMessage} bytes each`);
}
