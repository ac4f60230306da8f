import { type } from '../types/data-type.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { boolean, signature } from './signature.ts';

/** IS [NOT] TRUE, FALSE and UNKNOWN: two-valued questions about a three-valued BOOLEAN. */
function truthTest(
  name: string,
  doc: string,
  holds: (value: boolean | null) => boolean,
  example: string,
  value: string,
): ScalarFunction {
  return defineFunction({
    name,
    family: 'logical',
    doc,
    syntax: [`b ${name}`],
    examples: [{ sql: example, value }],
    callable: false,
    resolve: (args, session) => {
      const call = signature(name, {
        parameters: [boolean],
        returns: type.boolean(false),
        nulls: 'called',
        evaluate: holds,
      })(args, session);
      return 'mismatch' in call ? call : { ...call, type: type.boolean(false) };
    },
  });
}

const TRUTH = "CAST('t' AS BOOLEAN)";
const UNKNOWN = 'CAST(NULL AS BOOLEAN)';

export const truthTests: readonly ScalarFunction[] = [
  truthTest('IS TRUE', 'TRUE only for TRUE.', (v) => v === true, `${UNKNOWN} IS TRUE`, 'FALSE'),
  truthTest('IS NOT TRUE', 'TRUE for FALSE and NULL.', (v) => v !== true, `${UNKNOWN} IS NOT TRUE`, 'TRUE'),
  truthTest('IS FALSE', 'TRUE only for FALSE.', (v) => v === false, `${TRUTH} IS FALSE`, 'FALSE'),
  truthTest('IS NOT FALSE', 'TRUE for TRUE and NULL.', (v) => v !== false, `${TRUTH} IS NOT FALSE`, 'TRUE'),
  truthTest('IS UNKNOWN', 'TRUE only for NULL.', (v) => v === null, `${UNKNOWN} IS UNKNOWN`, 'TRUE'),
  truthTest('IS NOT UNKNOWN', 'TRUE for TRUE and FALSE.', (v) => v !== null, `${UNKNOWN} IS NOT UNKNOWN`, 'FALSE'),
];
