import { describe, expect, test } from 'vitest';
import { RunError } from '../../../engine/connector/errors.ts';
import { columnOf } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type, typeText } from '../../../engine/types/data-type.ts';
import { fieldsOf, type JsonOptions, jsonEncoder } from './json-harness.ts';

function encode(t: DataType, value: Scalar, options: Partial<JsonOptions> = {}): string {
  const encoder = jsonEncoder(fieldsOf({ v: t }), options);
  return encoder.encode([columnOf(t, [value])], 0).toString();
}

/** What Flink 2.2 writes for a value. */
const texts: [DataType, Scalar, string][] = [
  [type.boolean(), true, 'true'],
  [type.int(), -5, '-5'],
  [type.bigint(), 9007199254740993n, '9007199254740993'],
  [type.double(), 1, '1.0'],
  [type.double(), 1e10, '1.0E10'],
  [type.double(), 0.001, '0.001'],
  [type.double(), 0.0001, '1.0E-4'],
  [type.double(), Number.NaN, '"NaN"'],
  [type.double(), Number.NEGATIVE_INFINITY, '"-Infinity"'],
  [type.float(), Math.fround(0.1), '0.1'],
  [type.float(), 123456792, '1.23456792E8'],
  [type.decimal(10, 2), 100000n, '1E+3'],
  [type.decimal(10, 2), 1050n, '10.5'],
  [type.decimal(10, 9), 27n, '2.7E-8'],
  [type.decimal(10, 2), 0n, '0'],
  [type.string(), 'a"\\/\n\u0001', '"a\\"\\\\/\\n\\u0001"'],
  [type.string(), 'é', '"é"'],
  [type.string(), '😀', '"\\uD83D\\uDE00"'],
  [type.bytes(), Uint8Array.of(255, 254), '"//4="'],
  [type.date(), 0, '"1970-01-01"'],
  [type.date(), -719529, '"-0001-12-31"'],
  [type.date(), 2932897, '"+10000-01-01"'],
  [type.time(), 11045678, '"03:04:05"'],
  [type.timestamp(3), 120_000n, '"1970-01-01 00:00:00.12"'],
  [type.timestamp(3), -1_000_000n, '"1969-12-31 23:59:59"'],
  [type.timestamp(9), -1n, '"1969-12-31 23:59:59.999999999"'],
  [type.timestampLtz(3), 0n, '"1970-01-01 00:00:00Z"'],
  [type.array(type.int()), [1, null], '[1,null]'],
  [
    type.map(type.string(), type.int()),
    new Map([
      ['a', 1],
      ['b', null],
    ]),
    '{"a":1,"b":null}',
  ],
  [type.multiset(type.string()), new Map([['a', 2]]), '{"a":2}'],
  [
    type.row([
      { name: 'a', type: type.int() },
      { name: 'b', type: type.string() },
    ]),
    [1, null],
    '{"a":1,"b":null}',
  ],
  [type.int(), null, 'null'],
];

describe('values', () => {
  for (const [t, value, expected] of texts) {
    test(`${typeText(t)}: ${expected}`, () => {
      expect(encode(t, value)).toBe(`{"v":${expected}}`);
    });
  }
});

describe('options', () => {
  test('plain decimals keep their scale', () => {
    const plain = { 'encode.decimal-as-plain-number': true };
    expect(encode(type.decimal(10, 2), 100000n, plain)).toBe('{"v":1000.00}');
    expect(encode(type.decimal(10, 9), 27n, plain)).toBe('{"v":0.000000027}');
  });

  test('fields that are NULL can be left out, in rows too', () => {
    const row = type.row([
      { name: 'a', type: type.int() },
      { name: 'b', type: type.int() },
    ]);
    const encoder = jsonEncoder(fieldsOf({ x: type.int(), r: row, y: type.int() }), {
      'encode.ignore-null-fields': true,
    });
    const columns = [columnOf(type.int(), [null]), columnOf(row, [[null, 1]]), columnOf(type.int(), [2])];
    expect(encoder.encode(columns, 0).toString()).toBe('{"r":{"b":1},"y":2}');
  });

  test('ISO-8601 writes a T', () => {
    const iso = { 'timestamp-format.standard': 'ISO-8601' } as const;
    expect(encode(type.timestamp(3), 500_000n, iso)).toBe('{"v":"1970-01-01T00:00:00.5"}');
    expect(encode(type.timestampLtz(3), 0n, iso)).toBe('{"v":"1970-01-01T00:00:00Z"}');
  });

  test('a map with the key NULL fails, loses the entry or gets the literal', () => {
    const t = type.map(type.string(), type.int());
    const map = new Map<Scalar, Scalar>([
      [null, 1],
      ['a', 2],
    ]);
    expect(() => encode(t, map)).toThrow(RunError);
    expect(encode(t, map, { 'map-null-key.mode': 'DROP' })).toBe('{"v":{"a":2}}');
    expect(encode(t, map, { 'map-null-key.mode': 'LITERAL', 'map-null-key.literal': 'none' })).toBe(
      '{"v":{"none":1,"a":2}}',
    );
  });
});
