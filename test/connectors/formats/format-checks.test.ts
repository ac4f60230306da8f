import { expect, test } from 'vitest';
import { csv } from '../../../connectors/formats/csv.ts';
import { json } from '../../../connectors/formats/json.ts';
import { raw } from '../../../connectors/formats/raw.ts';
import type { OptionValues } from '../../../engine/connector/options.ts';
import { type } from '../../../engine/types/data-type.ts';
import { csvOptions } from './csv-harness.ts';
import { fieldsOf, jsonOptions } from './json-harness.ts';

const rawOptions = { charset: 'UTF-8', endianness: 'big-endian' } as OptionValues<typeof raw.options>;

test('json: maps have strings as keys, also deep within', () => {
  const map = type.map(type.int(), type.int());
  expect(json.check!(fieldsOf({ m: map }), jsonOptions(), 'source')).toContain("field 'm' is MAP<INT, INT>");
  expect(json.check!(fieldsOf({ m: type.array(map) }), jsonOptions(), 'sink')).toContain('only strings as keys');
  expect(json.check!(fieldsOf({ m: type.map(type.string(), type.int()) }), jsonOptions(), 'source')).toBeUndefined();
});

test('json: errors cannot be both ignored and raised', () => {
  const both = jsonOptions({ 'fail-on-missing-field': true, 'ignore-parse-errors': true });
  expect(json.check!(fieldsOf({ a: type.int() }), both, 'source')).toContain('exclude each other');
  expect(json.check!(fieldsOf({ a: type.int() }), both, 'sink')).toBeUndefined();
});

test('raw: one column of a type that is bytes', () => {
  const check = (types: Parameters<typeof fieldsOf>[0], options = rawOptions) =>
    raw.check!(fieldsOf(types), options, 'source');
  expect(check({ a: type.int(), b: type.int() })).toContain("found 2: 'a', 'b'");
  expect(check({})).toContain('found none');
  expect(check({ a: type.date() })).toContain("column 'a' of type DATE");
  expect(check({ a: type.string() }, { ...rawOptions, charset: 'klingon' })).toContain("charset 'klingon'");
  expect(check({ a: type.string() }, { ...rawOptions, charset: 'GBK' })).toBeUndefined();
});

test('csv: single characters, and no maps', () => {
  const fields = fieldsOf({ a: type.string() });
  expect(csv.check!(fields, csvOptions({ 'field-delimiter': ';;' }), 'source')).toContain("found ';;'");
  expect(csv.check!(fields, csvOptions({ 'field-delimiter': '\\t' }), 'source')).toBeUndefined();
  expect(csv.check!(fields, csvOptions({ 'quote-character': ',' }), 'source')).toContain('are the same');
  expect(csv.check!(fieldsOf({ m: type.map(type.string(), type.int()) }), csvOptions(), 'sink')).toContain(
    "column 'm'",
  );
  const nested = type.array(type.array(type.int()));
  expect(csv.check!(fieldsOf({ a: nested }), csvOptions(), 'sink')).toContain('simple values only');
});
