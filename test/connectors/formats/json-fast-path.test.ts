import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecodeError } from '../../../engine/connector/errors.ts';
import { rowsOf } from '../../../engine/types/batch.ts';
import { type DataType, type, typeText } from '../../../engine/types/data-type.ts';
import { type Counts, fieldsOf, type JsonOptions, jsonDecoder } from './json-harness.ts';

const types: readonly DataType[] = [
  type.boolean(),
  type.tinyint(),
  type.smallint(),
  type.int(),
  type.bigint(),
  type.float(),
  type.double(),
  type.decimal(10, 2),
  type.decimal(18, 8),
  type.decimal(18, 18),
  type.decimal(3, 0),
  type.decimal(38, 10),
  type.string(),
  type.char(3),
  type.bytes(),
  type.date(),
  type.time(),
  type.timestamp(3),
  type.timestamp(9),
  type.timestampLtz(3),
  type.array(type.int()),
  type.map(type.string(), type.double()),
  type.row([
    { name: 'a', type: type.int() },
    { name: 'b', type: type.string() },
  ]),
];

const digits = fc.stringMatching(/^\d{1,20}$/);
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  digits,
  fc.tuple(digits, digits).map(([a, b]) => `${a}.${b}`),
  fc.tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 99_999_999 })).map(([a, b]) => `${a}.${b}`),
  fc.constantFrom('-0', '0', '-1.5', '1e3', '-2E-2', '01', '1.', '.5', '-', '999999999999999999', '1000000000'),
  fc.constantFrom('9007199254740993', '-9223372036854775808', '9223372036854775807', '9223372036854775808'),
);
const time = fc.constantFrom(
  '2024-01-02 03:04:05',
  '2024-01-02 03:04:05.123',
  '2024-02-30 03:04:05.123456789Z',
  '2024-01-02 03:04:05Z',
  '2024-01-02T03:04:05.5',
  '2024-01-02T03:04:05.5Z',
  '1969-12-31 23:59:59.999',
  '2024-01-02 24:00:00',
  '2024-12-31',
  '9999-12-31 00:00:00',
  '03:04:05',
);
const string = fc.oneof(
  fc.string().map((s) => JSON.stringify(s)),
  fc.string({ unit: 'grapheme' }).map((s) => JSON.stringify(s)),
  fc.constantFrom('BTCUSDT', 'ETHUSDT', '', 'true', 'aGVsbG8=', 'x'.repeat(100)).map((s) => JSON.stringify(s)),
  fc.constantFrom('"a\\u0041"', '"\\ud83d"', '"\\x"', '"\t"'),
  number.map((n) => `"${n}"`),
  time.map((t) => `"${t}"`),
);
const value = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 4, arbitrary: string },
  { weight: 1, arbitrary: fc.constantFrom('true', 'false', 'null', 'nul', 'truE', '{}', '[]', '{"a":1,"b":"x"}') },
  { weight: 1, arbitrary: fc.json() },
);

/** Messages of a few layouts over the same keys, so that layouts repeat and fast paths are compiled. */
const stream = fc
  .record({
    columns: fc.array(fc.constantFrom(...types), { minLength: 1, maxLength: 4 }),
    extra: fc.boolean(),
    ignore: fc.boolean(),
    standard: fc.constantFrom('SQL' as const, 'ISO-8601' as const),
    layouts: fc.array(fc.infiniteStream(fc.nat()), { minLength: 1, maxLength: 3 }),
    prune: fc.boolean(),
  })
  .chain((shape) => {
    const keys = shape.columns.map((_, i) => `k${i}`);
    if (shape.extra) keys.push('other');
    const layouts = shape.layouts.map((random) => {
      const order = [...keys].sort(() => (random.next().value % 2 === 0 ? 1 : -1));
      const chosen = order.slice(0, Math.max(1, order.length - (random.next().value % 2)));
      const space = random.next().value % 3 === 0 ? ' ' : '';
      return { chosen, space };
    });
    const message = fc
      .tuple(fc.constantFrom(...layouts), fc.array(value, { minLength: 5, maxLength: 5 }), fc.nat(40))
      .map(([layout, values, odd]) => {
        const members = layout.chosen.map((key, i) => `"${key}":${layout.space}${values[i]}`);
        const text = `{${members.join(`,${layout.space}`)}}`;
        if (odd === 0) return `${text} trailing`;
        if (odd === 1) return text.slice(0, -1);
        if (odd === 2) return `[${text},${text}]`;
        if (odd === 3) return text.replace('k0', 'k1');
        return text;
      });
    const broken = fc.tuple(message, fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
      const bytes = Buffer.from(text);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    const mostly = fc.oneof(
      { weight: 5, arbitrary: message.map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: broken },
    );
    return fc.record({
      shape: fc.constant(shape),
      messages: fc.array(mostly, { minLength: 4, maxLength: 40 }),
      tight: fc.boolean(),
    });
  });

/** What one message gives: its rows, or that it is an error. */
function outcome(
  decode: (bytes: Buffer, start: number, end: number) => void,
  bytes: Buffer,
  start: number,
  end: number,
): string | undefined {
  try {
    decode(bytes, start, end);
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

test('fast paths and the exact reader agree on any bytes', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(stream, ({ shape, messages, tight }) => {
      const fields = fieldsOf(Object.fromEntries(shape.columns.map((t, i) => [`k${i}`, t])));
      const wanted = shape.prune ? [fields.length - 1] : fields.map((_, i) => i);
      const wantedTypes = wanted.map((i) => fields[i]!.type);
      const options: Partial<JsonOptions> = {
        'ignore-parse-errors': shape.ignore,
        'timestamp-format.standard': shape.standard,
      };
      const counts: Counts = {};
      const exactCounts: Counts = {};
      const learned = jsonDecoder(fields, options, counts, wanted);

      // Twice, so that even the first messages meet their fast path; `tight` leaves nothing behind the last byte.
      const all = [...messages, ...messages];
      const joined = Buffer.from(new ArrayBuffer(all.reduce((sum, m) => sum + m.length, 0)));
      const errors: (string | undefined)[] = [];
      const expectedErrors: (string | undefined)[] = [];
      const expected: unknown[][] = [];
      let at = 0;
      for (const message of all) {
        joined.set(message, at);
        const own = Buffer.from(new Uint8Array(message).buffer);
        const [bytes, start] = tight ? [own, 0] : [joined, at];
        at += message.length;
        errors.push(outcome((b, s, e) => learned.decode(b, s, e), bytes, start, start + message.length));

        const exact = jsonDecoder(fields, options, exactCounts, wanted);
        expectedErrors.push(outcome((b, s, e) => exact.decode(b, s, e), own, 0, own.length));
        const { length } = exact;
        expected.push(...rowsOf(wantedTypes, { length, columns: exact.take() }));
      }
      const { length } = learned;
      const rows = rowsOf(wantedTypes, { length, columns: learned.take() });
      const where = `${fields.map((f) => typeText(f.type)).join()}\n${all.join('\n')}`;
      expect(errors, where).toEqual(expectedErrors);
      expect(rows, where).toEqual(expected);
      // Unknown fields are looked for in new layouts only.
      delete counts.fields_unknown;
      delete exactCounts.fields_unknown;
      expect(counts, where).toEqual(exactCounts);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 200) },
  );
});
