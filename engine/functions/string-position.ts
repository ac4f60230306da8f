import { codePointCount } from '../types/bytes-text.ts';
import type { DataType } from '../types/data-type.ts';
import { type } from '../types/data-type.ts';
import { positionOf, reverse, sliceCodePoints } from './code-points.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import type { Signature } from './signature.ts';
import { signature, smallInteger, text, textOrBinary } from './signature.ts';
import { varying } from './string-trim.ts';

const first = ([t]: readonly DataType[]): DataType => varying(t!);

/** 1-based start, from the end where negative; NULL for a negative length. */
function substring(value: string, start: number, length?: number): string | null {
  if (length !== undefined && length < 0) return null;
  const count = start < 0 || length !== undefined ? codePointCount(value) : value.length;
  const from = start > 0 ? start - 1 : start < 0 ? count + start : 0;
  if (from < 0) return '';
  return sliceCodePoints(value, from, length === undefined ? Number.MAX_SAFE_INTEGER : Math.min(from + length, count));
}

function right(value: string, length: number): string {
  if (length <= 0) return '';
  const count = codePointCount(value);
  return length >= count ? value : sliceCodePoints(value, count - length, count);
}

function instr(value: string, part: string, start = 1, occurrence = 1): number {
  if (occurrence <= 0) throw new EvaluationError(`INSTR counts occurrences from 1, found ${occurrence}`);
  if (start === 0) return 0;
  if (start < 0) {
    const position = instr(reverse(value), reverse(part), -start, occurrence);
    return position === 0 ? 0 : codePointCount(value) + 2 - position - codePointCount(part);
  }
  let position = 0;
  let from = start - 1;
  for (let n = 0; n < occurrence; n++) {
    position = positionOf(value, part, from);
    if (position === 0) return 0;
    from = position;
  }
  return position;
}

/** Characters are UTF-16 units here, as in Flink. */
function overlay(value: string, replacement: string, start: number, length = replacement.length): string {
  if (start <= 0 || start > value.length) return value;
  const rest = start + length <= value.length && length > 0 ? value.slice(start - 1 + length) : '';
  return value.slice(0, start - 1) + replacement + rest;
}

function affix(
  name: string,
  doc: string,
  test: (value: string, part: string) => boolean,
  example: string,
): ScalarFunction {
  const bytes = (t: Uint8Array) => Buffer.from(t.buffer, t.byteOffset, t.byteLength).toString('latin1');
  return defineFunction({
    name,
    family: 'string',
    doc,
    syntax: [`${name}(s, part)`],
    examples: [{ sql: example, value: 'TRUE' }],
    resolve: signature(name, {
      parameters: [textOrBinary, textOrBinary],
      returns: type.boolean(false),
      bareNull: true,
      build: ([a, b]) => {
        const isBytes = a!.type.kind.endsWith('BINARY');
        if (a!.type.kind !== 'NULL' && b!.type.kind !== 'NULL' && isBytes !== b!.type.kind.endsWith('BINARY')) {
          return { mismatch: `${name} takes two strings or two byte values`, argument: 1 };
        }
        return { evaluate: isBytes ? (s: Uint8Array, p: Uint8Array) => test(bytes(s), bytes(p)) : test };
      },
    }),
  });
}

const SUBSTRING: Signature = {
  parameters: [text, smallInteger, smallInteger],
  optional: 1,
  returns: first,
  nullable: true,
  evaluate: substring,
};

const OVERLAY: Signature = {
  parameters: [text, text, smallInteger, smallInteger],
  optional: 1,
  returns: ([a, b]) => joined(a!, b!, true),
  evaluate: overlay,
};

/** The text type that holds two texts one after the other. */
export function joined(a: DataType, b: DataType, varyingOnly = false): DataType {
  const length = Math.min((a as { length: number }).length + (b as { length: number }).length, 2147483647);
  const fixed = a.kind === 'CHAR' && b.kind === 'CHAR' && !varyingOnly;
  return fixed ? type.char(length, false) : type.varchar(length, false);
}

export const stringPositions: readonly ScalarFunction[] = [
  defineFunction({
    name: 'SUBSTRING',
    aliases: ['SUBSTR'],
    family: 'string',
    doc: 'Characters from a 1-based start, counted from the end where negative.',
    syntax: ['SUBSTRING(s FROM start [FOR length])', 'SUBSTRING(s, start [, length])', 'SUBSTR(s, start [, length])'],
    examples: [
      { sql: "SUBSTRING('hello' FROM 2 FOR 3)", value: 'ell' },
      { sql: "SUBSTR('hello', -3, 2)", value: 'll' },
      { sql: "SUBSTRING('hello', 2, -1)", value: null },
    ],
    resolve: signature('SUBSTRING', SUBSTRING),
  }),
  defineFunction({
    name: 'LEFT',
    family: 'string',
    doc: 'The leftmost characters.',
    syntax: ['LEFT(s, n)'],
    examples: [{ sql: "LEFT('hello', 2)", value: 'he' }],
    resolve: signature('LEFT', {
      parameters: [text, smallInteger],
      returns: first,
      nullable: true,
      evaluate: (s: string, n: number) => sliceCodePoints(s, 0, n),
    }),
  }),
  defineFunction({
    name: 'RIGHT',
    family: 'string',
    doc: 'The rightmost characters.',
    syntax: ['RIGHT(s, n)'],
    examples: [{ sql: "RIGHT('日本語', 1)", value: '語' }],
    resolve: signature('RIGHT', { parameters: [text, smallInteger], returns: first, nullable: true, evaluate: right }),
  }),
  defineFunction({
    name: 'POSITION',
    family: 'string',
    doc: 'The 1-based position of a text in another, 0 where it does not occur.',
    syntax: ['POSITION(part IN s)'],
    examples: [{ sql: "POSITION('l' IN 'hello')", value: '3' }],
    resolve: signature('POSITION', {
      parameters: [text, text, smallInteger],
      optional: 1,
      returns: type.int(false),
      evaluate: (part: string, s: string, from = 1) => positionOf(s, part, from - 1),
    }),
  }),
  defineFunction({
    name: 'LOCATE',
    family: 'string',
    doc: 'The 1-based position of a text in another at or after a start, 0 where it does not occur.',
    syntax: ['LOCATE(part, s [, start])'],
    examples: [{ sql: "LOCATE('l', 'hello', 4)", value: '4' }],
    resolve: signature('LOCATE', {
      parameters: [text, text, smallInteger],
      optional: 1,
      returns: type.int(false),
      evaluate: (part: string, s: string, from = 1) => positionOf(s, part, from - 1),
    }),
  }),
  defineFunction({
    name: 'INSTR',
    family: 'string',
    doc: 'The 1-based position of the n-th occurrence of a text at or after a start; from the end where it is negative.',
    syntax: ['INSTR(s, part [, start [, occurrence]])'],
    examples: [
      { sql: "INSTR('hello', 'l')", value: '3' },
      { sql: "INSTR('corporate floor', 'or', -3, 2)", value: '2' },
    ],
    resolve: signature('INSTR', {
      parameters: [text, text, smallInteger, smallInteger],
      optional: 2,
      returns: type.int(false),
      evaluate: instr,
    }),
  }),
  defineFunction({
    name: 'OVERLAY',
    family: 'string',
    doc: 'The text with characters from a start overwritten; as many as the replacement has, or the given number.',
    syntax: ['OVERLAY(s PLACING replacement FROM start [FOR length])'],
    examples: [{ sql: "OVERLAY('abcdef' PLACING 'XY' FROM 2 FOR 4)", value: 'aXYf' }],
    resolve: signature('OVERLAY', OVERLAY),
  }),
  affix(
    'STARTSWITH',
    'TRUE if the text or the bytes begin with the other.',
    (s, p) => s.startsWith(p),
    "STARTSWITH('hello', 'he')",
  ),
  affix(
    'ENDSWITH',
    'TRUE if the text or the bytes end with the other.',
    (s, p) => s.endsWith(p),
    "ENDSWITH('hello', 'lo')",
  ),
];
