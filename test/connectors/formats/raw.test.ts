import { expect, test } from 'vitest';
import { raw } from '../../../connectors/formats/raw.ts';
import type { OptionValues } from '../../../engine/connector/options.ts';
import { columnOf } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type, typeText } from '../../../engine/types/data-type.ts';
import { decodeAll, fieldsOf } from './json-harness.ts';

type RawOptions = OptionValues<typeof raw.options>;

const context = { timeZone: 'UTC', counters: { add: () => {} } };
const options = (changed: Partial<RawOptions>) =>
  ({ charset: 'UTF-8', endianness: 'big-endian', ...changed }) as RawOptions;

/** A value, its bytes, and the options under which they are the same. */
const pairs: [DataType, Scalar, number[], Partial<RawOptions>][] = [
  [type.string(), 'é😀', [...Buffer.from('é😀')], {}],
  [type.string(), 'é', [0xe9], { charset: 'ISO-8859-1' }],
  [type.string(), 'é', [0xe9, 0], { charset: 'UTF-16LE' }],
  [type.string(), 'é', [0, 0xe9], { charset: 'UTF-16BE' }],
  [type.bytes(), Uint8Array.of(0, 255), [0, 255], {}],
  [type.boolean(), true, [1], {}],
  [type.tinyint(), -2, [254], {}],
  [type.smallint(), 258, [1, 2], {}],
  [type.smallint(), 258, [2, 1], { endianness: 'little-endian' }],
  [type.int(), -2, [255, 255, 255, 254], {}],
  [type.bigint(), 1n, [0, 0, 0, 0, 0, 0, 0, 1], {}],
  [type.bigint(), 1n, [1, 0, 0, 0, 0, 0, 0, 0], { endianness: 'little-endian' }],
  [type.float(), 0.5, [0x3f, 0, 0, 0], {}],
  [type.double(), 0.5, [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], {}],
];

for (const [t, value, bytes, changed] of pairs) {
  test(`${typeText(t)} ${String(value)} ${Object.values(changed)}`, () => {
    const fields = fieldsOf({ v: t });
    const decoder = raw.createDecoder!(fields, [0], options(changed), context);
    expect(decodeAll(decoder, [t], [Buffer.from(bytes)])).toEqual({ rows: [[value]], errors: [] });
    const encoder = raw.createEncoder!(fields, options(changed), context);
    expect([...encoder.encode([columnOf(t, [value])], 0)]).toEqual(bytes);
  });
}

test('a number of another size is refused', () => {
  const decoder = raw.createDecoder!(fieldsOf({ v: type.int() }), [0], options({}), context);
  expect(decodeAll(decoder, [type.int()], [Buffer.alloc(3)]).errors).toEqual([
    "field 'v': a INT has 4 bytes, found 3 bytes",
  ]);
});

test('a message without bytes is NULL, and NULL is one', () => {
  const fields = fieldsOf({ v: type.string() });
  const decoder = raw.createDecoder!(fields, [0], options({}), context);
  decoder.decodeNull!();
  expect(decodeAll(decoder, [type.string()], ['x', '']).rows).toEqual([[null], ['x'], ['']]);
  const encoder = raw.createEncoder!(fields, options({}), context);
  const column = columnOf(type.string(), [null, 'x']);
  expect([encoder.isNull!([column], 0), encoder.isNull!([column], 1)]).toEqual([true, false]);
});

test('bytes that are read do not change with the buffer', () => {
  const decoder = raw.createDecoder!(fieldsOf({ v: type.bytes() }), [0], options({}), context);
  const buffer = Buffer.from('abc');
  decoder.decode(buffer, 0, 3);
  buffer.fill(0);
  expect(decoder.take()[0]!.values[0]).toEqual(Uint8Array.from(Buffer.from('abc')));
});

test('text of charsets that only can be read', () => {
  const decoder = raw.createDecoder!(fieldsOf({ v: type.string() }), [0], options({ charset: 'GBK' }), context);
  expect(decodeAll(decoder, [type.string()], [Buffer.from([0xc4, 0xe3])]).rows).toEqual([['你']]);
});
