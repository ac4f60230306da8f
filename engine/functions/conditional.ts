import { mergedType } from '../types/coerce.ts';
import type { Scalar } from '../types/data-type.ts';
import { typeText, withNullable } from '../types/data-type.ts';
import { compareValues, hasIdentity } from './compare-values.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { anyNullable, checkCount, untypedNull } from './signature.ts';

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
      const common = mergedType(args.map((a) => a.type));
      if (common === undefined || !hasIdentity(common)) {
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
];
