import { describe, expect, test } from 'vitest';
import { columnOf } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { type CsvOptions, csvDecoder, csvEncoder } from './csv-harness.ts';
import { type Counts, decodeAll, fieldsOf } from './json-harness.ts';

const two = fieldsOf({ a: type.string(), b: type.string() });
const twoTypes = two.map((f) => f.type);
const read = (text: string, options: Partial<CsvOptions> = {}) => decodeAll(csvDecoder(two, options), twoTypes, [text]);

describe('cells', () => {
  test.each<[string, Partial<CsvOptions>, Scalar[]]>([
    ['x,y', {}, ['x', 'y']],
    [' x , y ', {}, [' x ', ' y ']],
    ['"x,1","y""q"', {}, ['x,1', 'y"q']],
    ['"x" ,y', {}, ['x', 'y']],
    ['x"y",z', {}, ['x"y"', 'z']],
    [' "x",y', {}, [' "x"', 'y']],
    ['x,', {}, ['x', '']],
    ['x,y,', {}, ['x', 'y']],
    ['x,"a\nb"', {}, ['x', 'a\nb']],
    ['x,y\r\nz,w', {}, ['x', 'y']],
    ['\ufeffx,y', {}, ['x', 'y']],
    ['x\\,y,z', { 'escape-character': '\\' }, ['x,y', 'z']],
    ['"a\\"b",\\n', { 'escape-character': '\\' }, ['a"b', '\n']],
    ["'x,1',y", { 'quote-character': "'" }, ['x,1', 'y']],
    ['"x",y', { 'disable-quote-character': true }, ['"x"', 'y']],
    ['x;y', { 'field-delimiter': ';' }, ['x', 'y']],
    ['x\ty', { 'field-delimiter': '\\t' }, ['x', 'y']],
    ['"NULL",NULL', { 'null-literal': 'NULL' }, [null, null]],
    [',', { 'null-literal': '' }, [null, null]],
    ['# comment\nx,y', { 'allow-comments': true }, ['x', 'y']],
    ['#x,y', {}, ['#x', 'y']],
  ])('%j %j', (text, options, row) => {
    expect(read(text, options)).toEqual({ rows: [row], errors: [] });
  });

  test.each([
    ['x', 'expected 2 cells, found 1'],
    ['x,y,z', 'expected 2 cells, found 3'],
    ['', 'the message is empty'],
    ['"x', 'the quote that opens at character 1 is never closed'],
    ['"x"z,y', "expected ',' after the closing quote, found 'z'"],
  ])('%j is refused', (text, error) => {
    expect(read(text).errors).toEqual([expect.stringContaining(error)]);
  });

  test('with ignore-parse-errors lacking cells are NULL and surplus ones drop the line', () => {
    const counts: Counts = {};
    const decoder = csvDecoder(two, { 'ignore-parse-errors': true }, { counts });
    expect(decodeAll(decoder, twoTypes, ['x', 'x,y,z', '"x']).rows).toEqual([['x', null]]);
    expect(counts).toEqual({ records_skipped: 2 });
  });

  test('in files an empty line is an empty cell and unread cells may lack', () => {
    const fields = fieldsOf({ a: type.string(), b: type.int() });
    const files = csvDecoder(fields, {}, { files: true, wanted: [0] });
    expect(decodeAll(files, [type.string()], ['x', 'y,no number', '']).rows).toEqual([['x'], ['y'], ['']]);
  });

  test('a line that ends inside quotes goes on', () => {
    const decoder = csvDecoder(two);
    const continues = (text: string) => decoder.continues!(Buffer.from(text), 0, Buffer.byteLength(text));
    expect(continues('"a')).toBe(true);
    expect(continues('x,"a""')).toBe(true);
    expect(continues('x,"a"')).toBe(false);
    expect(continues('x"a,y')).toBe(false);
  });
});

/** Text of a cell and what Flink 2.2 reads from it; undefined: an error. */
const values: [DataType, string, Scalar | undefined][] = [
  [type.int(), ' 1 ', 1],
  [type.int(), '', undefined],
  [type.int(), '1.5', undefined],
  [type.boolean(), ' TRUE ', true],
  [type.boolean(), '', false],
  [type.double(), ' 1.5 ', 1.5],
  [type.decimal(10, 2), '1.005', 101n],
  [type.decimal(10, 2), ' 1 ', undefined],
  [type.decimal(10, 2), '123456789.12', null],
  [type.date(), '2024-1-2', 19724],
  [type.date(), '2024-02-30', 19783],
  [type.date(), '2024-13-01', undefined],
  [type.time(3), '03:04:05.678', 11045678],
  [type.time(0), '03:04:05.678', 11045000],
  [type.time(3), '3:04:05', undefined],
  [type.timestamp(3), ' 2024-01-02 03:04:05 ', 1704164645000000n],
  [type.timestamp(3), '2024-01-02T03:04:05', undefined],
  [type.timestampLtz(3), '2024-01-02 03:04:05Z', 1704164645000000n],
  [type.bytes(), 'aGVsbG8=', Uint8Array.from(Buffer.from('hello'))],
  [type.array(type.int()), '1; 2', [1, 2]],
  [type.array(type.int()), '', []],
  [type.array(type.int()), '1;x', undefined],
  [
    type.row([
      { name: 'p', type: type.int() },
      { name: 'q', type: type.string() },
    ]),
    '1;x',
    [1, 'x'],
  ],
  [
    type.row([
      { name: 'p', type: type.int() },
      { name: 'q', type: type.string() },
    ]),
    '1',
    undefined,
  ],
];

test.each(values)('%j from %j', (t, text, expected) => {
  const fields = fieldsOf({ v: t, w: type.string() });
  const result = decodeAll(csvDecoder(fields), [t, type.string()], [`${text},z`]);
  if (expected !== undefined) expect(result).toEqual({ rows: [[expected, 'z']], errors: [] });
  else expect(result.errors).toEqual([expect.stringMatching(/^field 'v(\[\])?': expected /)]);
});

describe('writing', () => {
  const encode = (t: DataType, value: Scalar, options: Partial<CsvOptions> = {}, files = false) =>
    csvEncoder(fieldsOf({ v: t }), options, files)
      .encode([columnOf(t, [value])], 0)
      .toString();

  test.each<[string, string]>([
    ['abc', 'abc'],
    ['a-b.c/d:e', 'a-b.c/d:e'],
    ['a b', '"a b"'],
    ['a+b', '"a+b"'],
    ['a"b', '"a""b"'],
    ['a\\b', '"a\\b"'],
    ['', ''],
    ['é', 'é'],
    ['123456789012345678901234', '123456789012345678901234'],
    ['1234567890123456789012345', '"1234567890123456789012345"'],
  ])('text %j', (value, expected) => {
    expect(encode(type.string(), value)).toBe(expected);
  });

  test('other separators change what is quoted', () => {
    expect(encode(type.string(), 'a-b', { 'field-delimiter': ';' })).toBe('"a-b"');
    expect(encode(type.string(), 'a+b', { 'field-delimiter': '\\t' })).toBe('a+b');
    expect(encode(type.string(), 'a b', { 'disable-quote-character': true })).toBe('a b');
    expect(encode(type.string(), 'a\\b', { 'escape-character': '\\' })).toBe('"a\\\\b"');
  });

  test('other types', () => {
    expect(encode(type.decimal(20, 8), 100000000000n)).toBe('1000.00000000');
    expect(encode(type.decimal(20, 8), 100000000000n, {}, true)).toBe('1E+3');
    expect(encode(type.decimal(20, 8), 1n, { 'write-bigdecimal-in-scientific-notation': true })).toBe('1E-8');
    expect(encode(type.double(), 1e20)).toBe('1.0E20');
    expect(encode(type.timestamp(3), 500_000n)).toBe('"1970-01-01 00:00:00.5"');
    expect(encode(type.time(3), 11045120)).toBe('03:04:05.12');
    expect(encode(type.array(type.string()), ['a', null, 'b'])).toBe('a;;b');
    expect(encode(type.string(), null, { 'null-literal': 'n/a' })).toBe('n/a');
  });
});
