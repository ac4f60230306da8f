import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../engine/connector/errors.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { type Counts, decodeAll, fieldsOf, type JsonOptions, jsonDecoder } from './json-harness.ts';

const failed = Symbol('an error, NULL with ignore-parse-errors');

/** Seconds of an instant or local time, in microseconds. */
const micros = (text: string) => BigInt(Date.parse(`${text}Z`)) * 1000n;
const days = (text: string) => Date.parse(text) / 86_400_000;

/** What Flink 2.2 makes of a JSON value in a column of a type. */
const values: [DataType, string, Scalar | typeof failed][] = [
  [type.double(), '"67321.12"', 67321.12],
  [type.double(), '67321.12', 67321.12],
  [type.double(), '" 67 "', 67],
  [type.double(), '"abc"', failed],
  [type.double(), '""', failed],
  [type.double(), '1e3', 1000],
  [type.double(), '"1e3"', 1000],
  [type.double(), '"NaN"', Number.NaN],
  [type.double(), '"-Infinity"', Number.NEGATIVE_INFINITY],
  [type.double(), '"1d"', 1],
  [type.double(), '"0x1p3"', 8],
  [type.double(), '"1,5"', failed],
  [type.double(), 'true', failed],
  [type.double(), 'null', null],
  [type.double(), '{"a":1}', failed],
  [type.double(), '[1]', failed],
  [type.double(), '12345678901234567890', 12345678901234567000],
  [type.double(), '-0', -0],
  [type.float(), '0.1', Math.fround(0.1)],
  [type.float(), '1e39', Number.POSITIVE_INFINITY],
  // Between two floats but for its last digits: going through the nearest double would round it the wrong way.
  [type.float(), '1.00000017881393432617187499', 1 + 2 ** -23],
  [type.float(), '1.00000017881393432617187501', 1 + 2 ** -22],
  [type.bigint(), '123', 123n],
  [type.bigint(), '"123"', 123n],
  [type.bigint(), '" 7 "', 7n],
  [type.bigint(), '"+7"', 7n],
  [type.bigint(), '1.5', 1n],
  [type.bigint(), '"1.5"', failed],
  [type.bigint(), '1e3', 1000n],
  [type.bigint(), '9223372036854775807', 9223372036854775807n],
  [type.bigint(), '-9223372036854775808', -9223372036854775808n],
  [type.bigint(), '9223372036854775808', failed],
  [type.bigint(), 'true', failed],
  [type.int(), '2147483647', 2147483647],
  [type.int(), '2147483648', failed],
  [type.int(), '"2147483648"', failed],
  [type.int(), '1.9', 1],
  [type.int(), '-1.9', -1],
  [type.int(), '-0.5', 0],
  [type.smallint(), '32768', failed],
  [type.smallint(), '1.0', failed],
  [type.tinyint(), '-128', -128],
  [type.tinyint(), '128', failed],
  [type.decimal(10, 2), '1.005', 101n],
  [type.decimal(10, 2), '-1.005', -101n],
  [type.decimal(10, 2), '"1.015"', 102n],
  [type.decimal(10, 2), '"1e3"', 100000n],
  [type.decimal(10, 2), '123456789.12', null],
  [type.decimal(10, 2), '99999999.995', null],
  [type.decimal(10, 2), '"abc"', failed],
  [type.decimal(10, 2), 'true', failed],
  [type.decimal(38, 10), '0.00000000005', 1n],
  [type.decimal(10, 2), '1e1000000000', null],
  [type.string(), '"x"', 'x'],
  [type.string(), '1.50', '1.50'],
  [type.string(), '1e3', '1e3'],
  [type.string(), 'true', 'true'],
  [type.string(), '{"a": 1, "b":[1,2]}', '{"a":1,"b":[1,2]}'],
  [type.string(), '{"a":1.50,"a":-0,"c":1e400}', '{"a":0,"c":"Infinity"}'],
  [type.string(), '"\\u00e9\\ud83d\\ude00\\n\\/"', 'é😀\n/'],
  [type.string(), '"é😀"', 'é😀'],
  [type.string(), '"a\tb"', 'a\tb'],
  [type.char(3), '"longer than three"', 'longer than three'],
  [type.boolean(), 'true', true],
  [type.boolean(), '"TRUE"', true],
  [type.boolean(), '" true "', true],
  [type.boolean(), '1', false],
  [type.boolean(), '"yes"', false],
  [type.bytes(), '"aGVsbG8="', Uint8Array.from(Buffer.from('hello'))],
  [type.bytes(), '"aGVsbG8"', failed],
  [type.bytes(), '"a-_="', failed],
  [type.bytes(), '7', failed],
  [type.date(), '"2024-01-02"', days('2024-01-02')],
  [type.date(), '"2024-1-2"', failed],
  [type.date(), '"2023-02-29"', failed],
  [type.date(), '19000', failed],
  [type.date(), '"-0001-12-31"', -719529],
  [type.date(), '"+10000-01-01"', 2932897],
  [type.time(), '"03:04:05.678"', 11045000],
  [type.time(), '"03:04"', failed],
  [type.timestamp(3), '"2024-01-02 03:04:05"', micros('2024-01-02T03:04:05')],
  [type.timestamp(3), '"2024-01-02 03:04:05.123456"', micros('2024-01-02T03:04:05.123') + 456n],
  [type.timestamp(3), '"2024-02-30 00:00:00"', micros('2024-02-29T00:00:00')],
  [type.timestamp(3), '"2024-01-02 24:00:00"', micros('2024-01-03T00:00:00')],
  [type.timestamp(3), '"2024-01-02T03:04:05"', failed],
  [type.timestamp(3), '"2024-01-02 03:04:05Z"', failed],
  [type.timestamp(3), '"2024-01-02"', failed],
  [type.timestamp(3), '1732390000123', failed],
  [type.timestamp(9), '"1969-12-31 23:59:59.999999999"', -1n],
  [type.timestampLtz(3), '"2024-01-02 03:04:05Z"', micros('2024-01-02T03:04:05')],
  [type.timestampLtz(3), '"2024-01-02 03:04:05"', failed],
  [type.array(type.int()), '[1,"2",null,3.7]', [1, 2, null, 3]],
  [type.array(type.int()), '5', failed],
  [
    type.map(type.string(), type.int()),
    '{"a":1,"b":null,"a":2}',
    new Map([
      ['a', 2],
      ['b', null],
    ]),
  ],
  [type.row([{ name: 'a', type: type.int() }]), '{"b":1,"a":2}', [2]],
  [type.row([{ name: 'a', type: type.int() }]), '{}', [null]],
  [type.row([{ name: 'a', type: type.int() }]), '"x"', failed],
];

function decode(t: DataType, json: string, options: Partial<JsonOptions>, repeat = 1) {
  const fields = fieldsOf({ v: t, w: type.int() });
  const messages = new Array(repeat).fill(`{"v":${json},"w":1}`);
  return decodeAll(jsonDecoder(fields, options), [t, type.int()], messages);
}

describe('values', () => {
  // Once by the exact reader, and often enough for a fast path of this very layout.
  for (const repeat of [1, 4]) {
    test.each(values)(`%j from %s, seen ${repeat} times`, (t, json, expected) => {
      const value = expected === failed ? null : expected;
      const rows = new Array(repeat).fill([value, 1]);
      expect(decode(t, json, { 'ignore-parse-errors': true }, repeat)).toEqual({ rows, errors: [] });
      const strict = decode(t, json, {}, repeat);
      if (expected !== failed) expect(strict).toEqual({ rows, errors: [] });
      else
        expect(strict.errors).toEqual(
          new Array(repeat).fill(expect.stringMatching(/^field 'v': expected an? .*, found /)),
        );
    });
  }

  test("the entries of a map are in the order of Flink's, by the hashes of their keys", () => {
    const t = type.map(type.string(), type.int());
    const map = decode(t, '{"symbol":1,"price":2,"qty":3,"time":4,"é":5,"":6}', {}).rows[0]![0] as Map<string, number>;
    expect([...map.keys()]).toEqual(['symbol', '', 'qty', 'time', 'é', 'price']);
  });

  test('ISO-8601 takes a T, seconds may be missing, no impossible day', () => {
    const iso = { 'timestamp-format.standard': 'ISO-8601', 'ignore-parse-errors': true } as const;
    const ts = (json: string, t = type.timestamp(3)) => decode(t, json, iso).rows[0]![0];
    expect(ts('"2024-01-02T03:04:05.5"')).toBe(micros('2024-01-02T03:04:05.500'));
    expect(ts('"2024-01-02T03:04"')).toBe(micros('2024-01-02T03:04:00'));
    expect(ts('"2024-01-02 03:04:05"')).toBeNull();
    expect(ts('"2024-02-30T00:00:00"')).toBeNull();
    expect(ts('"2024-01-02T03:04:05Z"')).toBeNull();
    expect(ts('"2024-01-02T03:04:05.5Z"', type.timestampLtz(3))).toBe(micros('2024-01-02T03:04:05.500'));
    expect(ts('"2024-01-02T03:04:05+01:00"', type.timestampLtz(3))).toBeNull();
  });

  test('ISO-8601-WITH-OFFSET reckons offsets to UTC', () => {
    const offset = { 'timestamp-format.standard': 'ISO-8601-WITH-OFFSET' } as const;
    const ltz = (json: string) => decode(type.timestampLtz(3), json, offset).rows[0]![0];
    expect(ltz('"2024-01-02T03:04:05+01:30"')).toBe(micros('2024-01-02T01:34:05'));
    expect(ltz('"2024-01-02T03:04:05Z"')).toBe(micros('2024-01-02T03:04:05'));
    expect(ltz('"2024-01-02T03:04:05-00:30"')).toBe(micros('2024-01-02T03:34:05'));
  });
});

describe('messages', () => {
  const fields = fieldsOf({ v: type.string(), w: type.int() });
  const types = fields.map((f) => f.type);
  const read = (messages: readonly (string | Buffer)[], options: Partial<JsonOptions> = {}, counts: Counts = {}) =>
    decodeAll(jsonDecoder(fields, options, counts), types, messages);

  test.each([
    ['{"w":1}', [[null, 1]]],
    ['{}', [[null, null]]],
    ['{"V":"a","w":1}', [[null, 1]]],
    ['{"v":"a","w":1,"z":{"deep":[1,{"x":null}]}}', [['a', 1]]],
    ['  {  "v" : "a" ,\r\n\t"w" : 1 }  ', [['a', 1]]],
    ['{"v":"a","w":1} trailing', [['a', 1]]],
    ['{"v":"a","w":1}{"v":"b","w":2}', [['a', 1]]],
    [
      '[{"v":"a","w":1},{"v":"b","w":2}]',
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    ['[]', []],
    ['', []],
    ['\ufeff{"v":"a","w":1}', [['a', 1]]],
    // Of a repeated key the last value counts until every column has one; no column is hidden.
    ['{"v":"a","v":"b","w":1}', [['b', 1]]],
    ['{"v":"a","w":1,"w":"no number"}', [['a', 1]]],
    ['{"\\u0076":"a","w":1}', [['a', 1]]],
  ])('%s', (message, rows) => {
    expect(read([message])).toEqual({ rows, errors: [] });
    expect(read([message, message, message]).rows).toEqual([...rows, ...rows, ...rows]);
  });

  test.each([
    ['{"v":"a","w":1', "ends too early: expected ',' or '}' at byte 15"],
    ['{"v":"a","w":', 'ends too early: expected a value at byte 14'],
    ['hello', "expected a value at byte 1, found 'hello'"],
    ["{'v':1}", "expected a field name in double quotes at byte 2, found '''"],
    ['{"w":03}', "expected a number without leading zeros at byte 7, found '3'"],
    ['{"w":.5}', "expected a value at byte 6, found '.'"],
    ['{"w":+1}', "expected a value at byte 6, found '+'"],
    ['{"w":1.}', "expected a digit after the decimal point at byte 8, found '}'"],
    ['{"w":NaN}', "expected a value at byte 6, found 'NaN'"],
    ['{"w":nul}', 'expected true, false, null'],
    ['{"w":1,}', "expected a field name in double quotes at byte 8, found '}'"],
    ['{"w":1 /* c */}', "expected ',' or '}' at byte 8, found '/'"],
    ['{"v":"\\x"}', 'expected one of "\\/bfnrtu after a backslash'],
    ['{"v":"\\u12g4"}', 'expected four hexadecimal digits'],
    ['{"v":"open', 'ends too early: expected the closing quote of a string'],
    ['   ', 'nothing but white space'],
    ['null', 'expected a JSON object or an array of objects, found a JSON null'],
    ['5', 'found a JSON number'],
    ['[{"v":"a"},5]', 'expected an array of JSON objects, found a JSON number in it'],
  ])('%s is refused', (message, error) => {
    const counts: Counts = {};
    expect(read([message]).errors).toEqual([expect.stringContaining(error)]);
    expect(read(['{"v":"x","w":9}', message], { 'ignore-parse-errors': true }, counts).errors).toEqual([]);
    expect(counts).toEqual({ records_skipped: 1 });
  });

  test('bytes that are no UTF-8 are refused, in values and in names', () => {
    for (const bad of [[0xff], [0xc3], [0xe2, 0x82], [0x80]]) {
      const value = Buffer.concat([Buffer.from('{"v":"'), Buffer.from(bad), Buffer.from('"}')]);
      const name = Buffer.concat([Buffer.from('{"'), Buffer.from(bad), Buffer.from('":1}')]);
      for (const message of [value, name]) {
        expect(read([message]).errors).toEqual([expect.stringContaining('expected UTF-8 text')]);
      }
    }
  });

  test('overlong and surrogate forms pass, as in Flink', () => {
    const text = (...bytes: number[]) => Buffer.concat([Buffer.from('{"v":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(read([text(0xc1, 0x81), text(0xed, 0xa0, 0x80)]).rows).toEqual([
      ['A', null],
      ['\ud800', null],
    ]);
  });

  test('UTF-16 and UTF-32 are told by their first bytes', () => {
    const json = '{"v":"é","w":1}';
    const little = Buffer.from(json, 'utf16le');
    const wide = Buffer.alloc(json.length * 4);
    for (let i = 0; i < json.length; i++) wide.writeUInt32BE(json.charCodeAt(i), i * 4);
    const marked = Buffer.from(`\ufeff${json}`, 'utf16le').swap16();
    expect(read([little, Buffer.from(little).swap16(), wide, marked]).rows).toEqual(new Array(4).fill(['é', 1]));
    expect(read(new Array(40).fill(little)).rows).toEqual(new Array(40).fill(['é', 1]));
  });

  test('depth, names and numbers have limits', () => {
    const nested = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(read([nested(999)]).rows).toEqual([[null, null]]);
    expect(read([nested(1000)]).errors).toEqual(['the JSON is nested deeper than 1000 levels']);
    expect(read([`{"v":${'1'.repeat(1001)}}`]).errors).toEqual(['a number has more than 1000 digits']);
    expect(read([`{"${'k'.repeat(50_001)}":1}`]).errors).toEqual(['a field name is longer than 50000 characters']);
  });

  test('a field that is missing is an error only where that is asked for', () => {
    const options = { 'fail-on-missing-field': true };
    expect(read(['{"v":"a","w":null}', '{"v":"a"}', '{"w":1,"v":"b"}'], options)).toEqual({
      rows: [
        ['a', null],
        ['b', 1],
      ],
      errors: ["field 'w' is missing"],
    });
  });

  test('ignored errors are counted, and rows before them in an array stay', () => {
    const counts: Counts = {};
    const messages = ['{"v":"a","w":"x"}', '[{"v":"b","w":1},7,{"v":"c","w":{}}]', '[{"v":"d","w":2}', 'oops'];
    expect(read(messages, { 'ignore-parse-errors': true }, counts).rows).toEqual([
      ['a', null],
      ['b', 1],
      ['c', null],
      ['d', 2],
    ]);
    expect(counts).toEqual({ fields_skipped: 2, records_skipped: 3 });
  });

  test('an error names its column and leaves the rows before it', () => {
    const decoder = jsonDecoder(fields);
    const good = Buffer.from('{"v":"a","w":1}');
    const bad = Buffer.from('{"v":"b","w":"x"}');
    decoder.decode(good, 0, good.length);
    let error: unknown;
    try {
      decoder.decode(bad, 0, bad.length);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ field: 'w', message: "field 'w': expected an INT, found the text 'x'" });
    expect(decoder.length).toBe(1);
  });

  test('columns that nobody wants are not looked at', () => {
    const decoder = jsonDecoder(fields, {}, {}, [1]);
    const messages = new Array(4).fill('{"v":{"any":"thing"},"w":3}');
    expect(decodeAll(decoder, [type.int()], messages).rows).toEqual([[3], [3], [3], [3]]);
  });

  test('every batch has columns of its own', () => {
    const decoder = jsonDecoder(fields);
    const message = Buffer.from('{"v":"a","w":1}');
    const batch = () => {
      decoder.reserve(3);
      for (let i = 0; i < 3; i++) decoder.decode(message, 0, message.length);
      return decoder.take();
    };
    const [first, second] = [batch(), batch()];
    expect(decoder.length).toBe(0);
    expect(first[1]!.values).not.toBe(second[1]!.values);
    expect([...(first[1]!.values as Int32Array)].slice(0, 3)).toEqual([1, 1, 1]);
  });

  test('layouts without end are read all the same', () => {
    const messages = Array.from(
      { length: 300 },
      (_, i) => `{"k${i % 60}":${i},"v":"${i}"${' '.repeat(i % 7)},"w":${i}}`,
    );
    expect(read(messages).rows).toEqual(messages.map((_, i) => [String(i), i]));
  });
});
