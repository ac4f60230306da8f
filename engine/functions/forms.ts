import type { Family, ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';

/** What has a syntax and a meaning of its own, beside functions: here for the reference only, never resolved. */
function form(
  name: string,
  family: Family,
  doc: string,
  syntax: readonly string[],
  examples: ScalarFunction['examples'],
): ScalarFunction {
  return defineFunction({
    name,
    family,
    doc,
    syntax,
    examples,
    callable: false,
    resolve: () => ({ mismatch: `${name} is written ${syntax.join(' or ')}` }),
  });
}

export const forms: readonly ScalarFunction[] = [
  form(
    'AND',
    'logical',
    'TRUE if both are TRUE, FALSE if one is FALSE, else NULL; stops as soon as the answer is known.',
    ['a AND b'],
    [{ sql: 'CAST(NULL AS BOOLEAN) AND FALSE', value: 'FALSE' }],
  ),
  form(
    'OR',
    'logical',
    'TRUE if one is TRUE, FALSE if both are FALSE, else NULL; stops as soon as the answer is known.',
    ['a OR b'],
    [{ sql: 'CAST(NULL AS BOOLEAN) OR TRUE', value: 'TRUE' }],
  ),
  form(
    'NOT',
    'logical',
    'FALSE for TRUE, TRUE for FALSE, NULL for NULL.',
    ['NOT a'],
    [{ sql: 'NOT TRUE', value: 'FALSE' }],
  ),
  form(
    'IS NULL',
    'comparison',
    'TRUE if the value is NULL.',
    ['a IS [NOT] NULL'],
    [
      { sql: 'CAST(NULL AS INT) IS NULL', value: 'TRUE' },
      { sql: '1 IS NOT NULL', value: 'TRUE' },
    ],
  ),
  form(
    'BETWEEN',
    'comparison',
    'TRUE if the value lies between two bounds, both included; SYMMETRIC takes them in either order.',
    ['a [NOT] BETWEEN [ASYMMETRIC | SYMMETRIC] low AND high'],
    [
      { sql: '5 BETWEEN 1 AND 10', value: 'TRUE' },
      { sql: '5 BETWEEN SYMMETRIC 10 AND 1', value: 'TRUE' },
    ],
  ),
  form(
    'IN',
    'comparison',
    'TRUE if the value is in the list; NULL if it is not and the list has a NULL.',
    ['a [NOT] IN (b, c, …)'],
    [
      { sql: '2 IN (1, NULL, 2)', value: 'TRUE' },
      { sql: '4 NOT IN (1, NULL, 3)', value: null },
    ],
  ),
  form(
    'CASE',
    'conditional',
    'The value behind the first condition that is TRUE; only that one is evaluated.',
    ['CASE WHEN condition THEN a … [ELSE b] END', 'CASE a WHEN b THEN c … [ELSE d] END'],
    [
      { sql: "CASE WHEN 1 < 2 THEN 'less' ELSE 'more' END", value: 'less' },
      { sql: "CASE 3 WHEN 1 THEN 'one' END", value: null },
    ],
  ),
  form(
    'CAST',
    'conversion',
    'The value as another type; fails where it has none there.',
    ['CAST(a AS type)'],
    [
      { sql: "CAST(' 12 ' AS INT)", value: '12' },
      { sql: 'CAST(300 AS TINYINT)', value: '44' },
      { sql: 'CAST(1.5 AS STRING)', value: '1.5' },
    ],
  ),
  form(
    'TRY_CAST',
    'conversion',
    'The value as another type, NULL where it has none there.',
    ['TRY_CAST(a AS type)'],
    [{ sql: "TRY_CAST('12x' AS INT)", value: null }],
  ),
];
