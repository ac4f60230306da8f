import { codePointCount } from '../types/bytes-text.ts';
import { isInteger, isNumeric, isText } from '../types/coerce.ts';
import type { DataType } from '../types/data-type.ts';
import { type } from '../types/data-type.ts';
import { parseDouble } from '../types/java-double.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { type Parameter, signature, text } from './signature.ts';

const same = (types: readonly DataType[]): DataType => types[0]!;

/** ASCII letters only: whatever is no ASCII letter or digit ends a word. */
function initcap(value: string): string {
  let result = '';
  let inside = false;
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    const lower = c >= 97 && c <= 122;
    const upper = c >= 65 && c <= 90;
    if (lower || upper) result += String.fromCharCode(inside ? c | 32 : c & ~32);
    else result += value[i];
    inside = lower || upper || (c >= 48 && c <= 57);
  }
  return result;
}

const textOrNumber: Parameter = { expected: 'a string or a number', accepts: (t) => isText(t) || isNumeric(t) };

/** IS_ALPHA, IS_DIGIT, IS_DECIMAL: FALSE for NULL; numbers are judged by their type. */
function classTest(
  name: string,
  doc: string,
  test: (value: string) => boolean,
  ofNumber: (t: DataType) => boolean,
  examples: ScalarFunction['examples'],
): ScalarFunction {
  return defineFunction({
    name,
    family: 'conditional',
    doc,
    syntax: [`${name}(s)`],
    examples,
    resolve: (args, session) => {
      const call = signature(name, {
        parameters: [textOrNumber],
        returns: type.boolean(false),
        nulls: 'called',
        build: ([argument]) => {
          const t = argument!.type;
          if (isText(t)) return { evaluate: (value: string | null) => value !== null && test(value) };
          const answer = ofNumber(t);
          return { evaluate: (value: unknown) => value !== null && answer };
        },
      })(args, session);
      return 'mismatch' in call ? call : { ...call, type: type.boolean(false) };
    },
  });
}

export const stringCases: readonly ScalarFunction[] = [
  defineFunction({
    name: 'UPPER',
    family: 'string',
    doc: 'The text in upper case.',
    syntax: ['UPPER(s)'],
    examples: [{ sql: "UPPER('héllo')", value: 'HÉLLO' }],
    resolve: signature('UPPER', {
      parameters: [text],
      returns: same,
      evaluate: (s: string) => s.toUpperCase(),
      code: ([s]) => `${s}.toUpperCase()`,
    }),
  }),
  defineFunction({
    name: 'LOWER',
    family: 'string',
    doc: 'The text in lower case.',
    syntax: ['LOWER(s)'],
    examples: [{ sql: "LOWER('ÀB')", value: 'àb' }],
    resolve: signature('LOWER', {
      parameters: [text],
      returns: same,
      evaluate: (s: string) => s.toLowerCase(),
      code: ([s]) => `${s}.toLowerCase()`,
    }),
  }),
  defineFunction({
    name: 'INITCAP',
    family: 'string',
    doc: 'Each word of ASCII letters and digits with an upper-case first letter, the rest in lower case.',
    syntax: ['INITCAP(s)'],
    examples: [{ sql: "INITCAP('hello wORLD')", value: 'Hello World' }],
    resolve: signature('INITCAP', { parameters: [text], returns: same, evaluate: initcap }),
  }),
  defineFunction({
    name: 'CHAR_LENGTH',
    aliases: ['CHARACTER_LENGTH'],
    family: 'string',
    doc: 'The number of characters (code points).',
    syntax: ['CHAR_LENGTH(s)', 'CHARACTER_LENGTH(s)'],
    examples: [{ sql: "CHAR_LENGTH('日本語')", value: '3' }],
    resolve: signature('CHAR_LENGTH', { parameters: [text], returns: type.int(false), evaluate: codePointCount }),
  }),
  classTest(
    'IS_ALPHA',
    'TRUE if all characters are letters and there is one.',
    (s) => /^\p{L}+$/u.test(s),
    () => false,
    [
      { sql: "IS_ALPHA('abc')", value: 'TRUE' },
      { sql: "IS_ALPHA('a1')", value: 'FALSE' },
    ],
  ),
  classTest('IS_DIGIT', 'TRUE if all characters are digits and there is one.', (s) => /^\p{Nd}+$/u.test(s), isInteger, [
    { sql: "IS_DIGIT('123')", value: 'TRUE' },
    { sql: "IS_DIGIT('12.3')", value: 'FALSE' },
  ]),
  classTest(
    'IS_DECIMAL',
    'TRUE if the text reads as a number.',
    (s) => !/[xX]/.test(s) && parseDouble(s) !== undefined && !/^[+-]?(NaN|Inf)/.test(s.trim()),
    (t) => t.kind !== 'DECIMAL',
    [
      { sql: "IS_DECIMAL('1e5')", value: 'TRUE' },
      { sql: "IS_DECIMAL('abc')", value: 'FALSE' },
    ],
  ),
];
