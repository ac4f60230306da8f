import { expect, it } from 'vitest';
import { parseArray } from '../../../connectors/postgres/parse-array.ts';
import { isReadable, reader } from '../../../connectors/postgres/read-columns.ts';
import { type DataType, type } from '../../../engine/types/data-type.ts';

it.each([
  ['{}', []],
  ['{1,NULL,-3}', ['1', null, '-3']],
  ['{"a b","c,d","q\\"x","\\\\",NULL,"NULL",""}', ['a b', 'c,d', 'q"x', '\\', null, 'NULL', '']],
  [
    '{{1,2},{3,NULL}}',
    [
      ['1', '2'],
      ['3', null],
    ],
  ],
  ['[0:1]={7,8}', ['7', '8']],
  ['', undefined],
  ['{1,2', undefined],
  ['{1}2}', undefined],
  ['1', undefined],
])('%s', (text, elements) => expect(parseArray(text)).toEqual(elements));

const array = (element: DataType): DataType => ({ kind: 'ARRAY', element, nullable: true });
const read = (t: DataType, text: string) => reader({ name: 'c', type: t })(text);

it('arrays are read with the types of their elements', () => {
  expect(read(array(type.decimal(10, 2)), '{1.5,NULL}')).toEqual([150n, null]);
  expect(read(array(array(type.int())), '{{1,2},{3,4}}')).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(read(array(type.string()), '{"a ","b"}')).toEqual(['a ', 'b']);
  expect(read(array(type.bytes()), '{"\\\\x00ff"}')).toEqual([Uint8Array.of(0, 255)]);
  expect(() => read(array(type.int()), '{{1,2}}')).toThrow("column 'c' has '{{1,2}}', which is no ARRAY<INT>");
  expect(() => read(array(array(type.int())), '{1}')).toThrow('which is no ARRAY<ARRAY<INT>>');
  expect(isReadable(array({ kind: 'TIMESTAMP_LTZ', precision: 3, nullable: true }))).toBe(false);
});
