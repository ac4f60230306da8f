import { bytesOf } from '../types/bytes-text.ts';
import { commonType, isBinary, isText } from '../types/coerce.ts';
import type { Scalar } from '../types/data-type.ts';
import { type, withNullable } from '../types/data-type.ts';
import { reverse } from './code-points.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import {
  anyNullable,
  bigint,
  checkCount,
  signature,
  signatures,
  smallInteger,
  text,
  untypedNull,
  wrongType,
} from './signature.ts';
import { joined } from './string-position.ts';

/** No text of JavaScript is longer. */
const LONGEST = 2 ** 29 - 24;

/** Throws `EvaluationError` where a function would make a text that is too long. */
function checkLength(name: string, length: number): void {
  if (length > LONGEST) throw new EvaluationError(`${name} would make ${length} characters, more than ${LONGEST}`);
}

function pad(value: string, length: number, padding: string, left: boolean): string | null {
  if (length < 0 || padding === '') return null;
  if (length <= value.length) return value.slice(0, length);
  checkLength(left ? 'LPAD' : 'RPAD', length);
  return left ? value.padStart(length, padding) : value.padEnd(length, padding);
}

function padding(name: string, left: boolean, example: string, value: string): ScalarFunction {
  return defineFunction({
    name,
    family: 'string',
    doc: `The text padded ${left ? 'on the left' : 'on the right'} to a length, or cut to it; NULL for a negative length or an empty pad.`,
    syntax: [`${name}(s, length, pad)`],
    examples: [{ sql: example, value }],
    resolve: (args, session) => {
      const call = signature(name, {
        parameters: [text, smallInteger, text],
        returns: type.string(false),
        evaluate: (s: string, length: number, p: string) => pad(s, length, p, left),
      })(args, session);
      return 'mismatch' in call ? call : { ...call, mayBeNull: true };
    },
  });
}

function translate(value: string, from: string, to: string): string {
  const targets = Array.from(to);
  const map = new Map<string, string>();
  for (const [i, c] of Array.from(from).entries()) if (!map.has(c)) map.set(c, targets[i] ?? '');
  let result = '';
  for (const c of value) result += map.get(c) ?? c;
  return result;
}

function splitIndex(value: string, separator: string | number, index: number): string | null {
  if (index < 0 || value === '') return null;
  let parts: string[];
  if (typeof separator === 'number') {
    if (separator < 1 || separator > 255) return null;
    parts = value.split(String.fromCharCode(separator));
  } else {
    // Without a separator white space separates.
    parts = separator === '' ? value.split(/\s/) : value.split(separator);
  }
  return parts[index] ?? null;
}

function split(value: string, separator: string): string[] {
  return value === '' ? [] : value.split(separator);
}

function resolveElt(args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount('ELT', args.length, 2, Number.POSITIVE_INFINITY);
  if (wrong) return wrong;
  const [index, ...items] = args as [Argument, ...Argument[]];
  if (index.type.kind === 'NULL') return untypedNull(0);
  if (!['TINYINT', 'SMALLINT', 'INT', 'BIGINT'].includes(index.type.kind))
    return wrongType('ELT', 'an integer', index, 0);
  for (const [i, item] of items.entries()) {
    if (!isText(item.type) && !isBinary(item.type) && item.type.kind !== 'NULL') {
      return wrongType('ELT', 'a string or bytes', item, i + 1);
    }
  }
  if (typeof index.literal === 'number' && index.literal < 0) {
    return { mismatch: `ELT counts from 1, found ${index.literal}`, argument: 0 };
  }
  const common = commonType(items.map((item) => item.type));
  if (common === undefined) return { mismatch: 'ELT takes strings or bytes, not both', argument: 1 };
  return {
    type: withNullable(common, true),
    parameters: [type.bigint(index.type.nullable), ...items.map((item) => withNullable(common, item.type.nullable))],
    nulls: 'called',
    evaluate: (n: bigint | null, ...values: Scalar[]) => (n === null ? null : (values[Number(n) - 1] ?? null)),
  };
}

function resolveConcatenation(args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount("'||'", args.length, 2);
  if (wrong) return wrong;
  for (const [i, argument] of args.entries()) {
    if (argument.type.kind === 'NULL') return untypedNull(i);
    if (!isText(argument.type)) {
      const found = wrongType("'||'", 'a string', argument, i) as Mismatch;
      return { ...found, help: 'cast it: CAST(… AS STRING)' };
    }
  }
  const [a, b] = args as [Argument, Argument];
  return {
    type: withNullable(joined(a.type, b.type), anyNullable(args)),
    parameters: [a.type, b.type],
    nulls: 'strict',
    evaluate: (s: string, t: string) => s + t,
    code: ([s, t]) => `(${s} + ${t})`,
  };
}

export const stringBuilders: readonly ScalarFunction[] = [
  defineFunction({
    name: '||',
    family: 'string',
    doc: 'Two texts joined.',
    syntax: ['a || b'],
    examples: [{ sql: "'a' || 'bc'", value: 'abc' }],
    callable: false,
    resolve: resolveConcatenation,
  }),
  defineFunction({
    name: 'CONCAT',
    family: 'string',
    doc: 'Texts joined; NULL if one is NULL.',
    syntax: ['CONCAT(a, b, …)'],
    examples: [{ sql: "CONCAT('a', 'b', 'c')", value: 'abc' }],
    resolve: signature('CONCAT', {
      parameters: [text],
      rest: text,
      returns: type.string(false),
      evaluate: (...values: string[]) => values.join(''),
    }),
  }),
  defineFunction({
    name: 'CONCAT_WS',
    family: 'string',
    doc: 'Texts joined with a separator; NULLs are left out.',
    syntax: ['CONCAT_WS(separator, a, b, …)'],
    examples: [{ sql: "CONCAT_WS('-', 'a', CAST(NULL AS STRING), 'b')", value: 'a-b' }],
    resolve: signature('CONCAT_WS', {
      parameters: [text],
      rest: text,
      returns: type.string(false),
      nulls: 'called',
      evaluate: (separator: string | null, ...values: (string | null)[]) =>
        separator === null ? null : values.filter((value) => value !== null).join(separator),
    }),
  }),
  padding('LPAD', true, "LPAD('hi', 5, 'xyz')", 'xyzhi'),
  padding('RPAD', false, "RPAD('hi', 5, '?!')", 'hi?!?'),
  defineFunction({
    name: 'REPEAT',
    family: 'string',
    doc: 'The text n times; empty for n below 1.',
    syntax: ['REPEAT(s, n)'],
    examples: [{ sql: "REPEAT('ab', 3)", value: 'ababab' }],
    resolve: signature('REPEAT', {
      parameters: [text, smallInteger],
      returns: type.string(false),
      evaluate: (s: string, n: number) => {
        if (n <= 0) return '';
        checkLength('REPEAT', s.length * n);
        return s.repeat(n);
      },
    }),
  }),
  defineFunction({
    name: 'REPLACE',
    family: 'string',
    doc: 'Every occurrence of a text replaced.',
    syntax: ['REPLACE(s, search, replacement)'],
    examples: [{ sql: "REPLACE('banana', 'an', 'X')", value: 'bXXa' }],
    resolve: signature('REPLACE', {
      parameters: [text, text, text],
      returns: type.string(false),
      evaluate: (s: string, search: string, replacement: string) => s.replaceAll(search, () => replacement),
    }),
  }),
  defineFunction({
    name: 'TRANSLATE',
    aliases: ['TRANSLATE3'],
    family: 'string',
    doc: 'Each character of `from` replaced by the one at the same place of `to`; those beyond its end are dropped.',
    syntax: ['TRANSLATE(s, from, to)'],
    examples: [{ sql: "TRANSLATE('abcabc', 'ab', 'x')", value: 'xcxc' }],
    resolve: (args, session) => {
      const call = signature('TRANSLATE', {
        parameters: [text, text, text],
        returns: type.string(false),
        nulls: 'called',
        evaluate: (s: string | null, from: string | null, to: string | null) =>
          s === null ? null : translate(s, from ?? '', to ?? ''),
      })(args, session);
      return 'mismatch' in call ? call : { ...call, type: type.string(args[0]!.type.nullable) };
    },
  }),
  defineFunction({
    name: 'REVERSE',
    family: 'string',
    doc: 'The text backwards.',
    syntax: ['REVERSE(s)'],
    examples: [{ sql: "REVERSE('hello')", value: 'olleh' }],
    resolve: signature('REVERSE', { parameters: [text], returns: type.string(), nullable: true, evaluate: reverse }),
  }),
  defineFunction({
    name: 'ASCII',
    family: 'string',
    doc: 'The first byte of the text in UTF-8, as a signed number; 0 for an empty text.',
    syntax: ['ASCII(s)'],
    examples: [
      { sql: "ASCII('A')", value: '65' },
      { sql: "ASCII('é')", value: '-61' },
    ],
    resolve: signature('ASCII', {
      parameters: [text],
      returns: type.int(false),
      evaluate: (s: string) => {
        const byte = bytesOf(s.slice(0, 2))[0] ?? 0;
        return (byte << 24) >> 24;
      },
    }),
  }),
  defineFunction({
    name: 'CHR',
    family: 'string',
    doc: 'The character with the code n modulo 256; empty for a negative n.',
    syntax: ['CHR(n)'],
    examples: [{ sql: 'CHR(97 + 256)', value: 'a' }],
    resolve: signature('CHR', {
      parameters: [bigint],
      returns: type.string(),
      nullable: true,
      evaluate: (n: bigint) => (n < 0n ? '' : String.fromCharCode(Number(n & 255n))),
    }),
  }),
  defineFunction({
    name: 'ELT',
    family: 'string',
    doc: 'The n-th of the following arguments, counted from 1; NULL where there is none.',
    syntax: ['ELT(n, a, b, …)'],
    examples: [{ sql: "ELT(2, 'a', 'b', 'c')", value: 'b' }],
    resolve: resolveElt,
  }),
  defineFunction({
    name: 'SPLIT_INDEX',
    family: 'string',
    doc: 'The piece at a 0-based index of a text split at a separator, given as text or as the code of a character.',
    syntax: ['SPLIT_INDEX(s, separator, index)'],
    examples: [
      { sql: "SPLIT_INDEX('a,b,c', ',', 1)", value: 'b' },
      { sql: "SPLIT_INDEX('a;b;c', 59, 1)", value: 'b' },
      { sql: "SPLIT_INDEX('a,b', ',', 5)", value: null },
    ],
    resolve: signatures('SPLIT_INDEX', [
      { parameters: [text, text, smallInteger], returns: type.string(), nullable: true, evaluate: splitIndex },
      { parameters: [text, smallInteger, smallInteger], returns: type.string(), nullable: true, evaluate: splitIndex },
    ]),
  }),
  defineFunction({
    name: 'SPLIT',
    family: 'collection',
    doc: 'The pieces of a text split at a separator; with an empty separator its characters.',
    syntax: ['SPLIT(s, separator)'],
    examples: [{ sql: "SPLIT('a,,b', ',')", value: '[a, , b]' }],
    resolve: signature('SPLIT', {
      parameters: [text, text],
      returns: type.array(type.string(), false),
      bareNull: true,
      evaluate: split,
    }),
  }),
];
