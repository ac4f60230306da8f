import { commonType } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type, typeText, withNullable } from '../types/data-type.ts';
import { compareValues } from './compare-values.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { anyNullable, checkCount, signature, untypedNull } from './signature.ts';

/** Forms of CASE that analysis writes out, so that only what is needed is evaluated; never resolved as a call. */
function lazy(
  name: string,
  doc: string,
  syntax: string,
  examples: readonly (readonly [string, string | null])[],
): ScalarFunction {
  return defineFunction({
    name,
    family: 'conditional',
    doc,
    syntax: [syntax],
    examples: examples.map(([sql, value]) => ({ sql, value })),
    resolve: () => ({ mismatch: `${name} is not evaluated as a call` }),
  });
}

function extreme(name: string, doc: string, sign: 1 | -1, example: string, value: string): ScalarFunction {
  return defineFunction({
    name,
    family: 'conditional',
    doc: `${doc} NULL where one of them is NULL.`,
    syntax: [`${name}(a, …)`],
    examples: [
      { sql: example, value },
      { sql: `${name}(1, CAST(NULL AS INT))`, value: null },
    ],
    resolve: (args) => {
      const wrong = checkCount(name, args.length, 1, Infinity);
      if (wrong) return wrong;
      const nothing = args.findIndex((a) => a.type.kind === 'NULL');
      if (nothing >= 0) return untypedNull(nothing);
      const common = commonType(args.map((a) => a.type));
      if (common === undefined || common.kind === 'ARRAY' || common.kind === 'MAP' || common.kind === 'ROW') {
        const found = args.map((a) => typeText(a.type, false)).join(', ');
        return { mismatch: `${name} takes values that can be compared with one another, found ${found}` };
      }
      return {
        type: withNullable(common, anyNullable(args)),
        parameters: args.map((a) => withNullable(common, a.type.nullable)),
        nulls: 'strict',
        evaluate: (...values: Scalar[]) =>
          values.reduce((best, each) => (sign * compareValues(common, each, best) > 0 ? each : best)),
      };
    },
  });
}

/** FALSE for NULL and for values that are no text. */
function textTest(
  name: string,
  doc: string,
  test: (s: string) => boolean,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  return defineFunction({
    name,
    family: 'conditional',
    doc,
    syntax: [`${name}(s)`],
    examples: examples.map(([sql, value]) => ({ sql, value })),
    resolve: (args, session) => {
      const call = signature(name, {
        parameters: [{ expected: 'a string', accepts: (t: DataType) => t.kind === 'CHAR' || t.kind === 'VARCHAR' }],
        returns: type.boolean(false),
        nulls: 'called',
        evaluate: (s: string | null) => s !== null && test(s),
      })(args, session);
      return 'mismatch' in call ? call : { ...call, type: type.boolean(false) };
    },
  });
}

/** What Java's parseDouble reads, without its hexadecimal form and NaN. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?$/;

export const conditionals: readonly ScalarFunction[] = [
  lazy('COALESCE', 'The first argument that is not NULL.', 'COALESCE(a, b, …)', [
    ["COALESCE(CAST(NULL AS STRING), 'a')", 'a'],
  ]),
  lazy('IFNULL', 'The second argument where the first is NULL.', 'IFNULL(a, b)', [
    ['IFNULL(CAST(NULL AS INT), 5)', '5'],
  ]),
  lazy('IF', 'The second argument where the condition is TRUE, else the third.', 'IF(condition, a, b)', [
    ["IF(1 < 2, 'yes', 'no')", 'yes'],
  ]),
  lazy('NULLIF', 'NULL where both are equal, else the first.', 'NULLIF(a, b)', [
    ['NULLIF(5, 5)', null],
    ['NULLIF(5, 0)', '5'],
  ]),
  extreme('GREATEST', 'The greatest of the arguments;', 1, 'GREATEST(1, 2.5)', '2.5'),
  extreme('LEAST', 'The least of the arguments;', -1, "LEAST('b', 'a')", 'a'),
  textTest('IS_ALPHA', 'Whether all characters are letters.', (s) => /^\p{L}+$/u.test(s), [
    ["IS_ALPHA('a1')", 'FALSE'],
    ["IS_ALPHA('é')", 'TRUE'],
  ]),
  textTest('IS_DIGIT', 'Whether all characters are digits.', (s) => /^\p{Nd}+$/u.test(s), [
    ["IS_DIGIT('12')", 'TRUE'],
    ["IS_DIGIT('')", 'FALSE'],
  ]),
  textTest('IS_DECIMAL', 'Whether the text is a number.', (s) => DECIMAL.test(s), [
    ["IS_DECIMAL('1.5e3')", 'TRUE'],
    ["IS_DECIMAL('abc')", 'FALSE'],
  ]),
];

export const introspections: readonly ScalarFunction[] = [
  defineFunction({
    name: 'CURRENT_DATABASE',
    family: 'catalog',
    doc: 'The name of the current database.',
    syntax: ['CURRENT_DATABASE()'],
    examples: [{ sql: 'CURRENT_DATABASE()', value: 'default_database' }],
    resolve: signature('CURRENT_DATABASE', {
      parameters: [],
      returns: type.string(false),
      evaluate: () => 'default_database',
    }),
  }),
];
