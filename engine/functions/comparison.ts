import { isBinary, isInteger, isNumeric, isText } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type, typeText, withNullable } from '../types/data-type.ts';
import { compareBytes, comparisonOf, equalValues, hasIdentity } from './compare-values.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { anyNullable, checkCount } from './signature.ts';

type Operator = '=' | '<>' | '<' | '<=' | '>' | '>=';

const SCRIPT = { '=': '===', '<>': '!==', '<': '<', '<=': '<=', '>': '>', '>=': '>=' } as const;

/** What the order of two values means for an operator. */
const HOLDS: Record<Operator, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const PLAIN: Record<Operator, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function incomparable(operator: string, a: Argument, b: Argument): Mismatch {
  return {
    mismatch: `'${operator}' cannot compare ${typeText(a.type, false)} with ${typeText(b.type, false)}`,
    argument: 1,
    help: `cast one side: CAST(… AS ${typeText(a.type, false)})`,
  };
}

/** The number that a text beside a number is read as; any other type as it is. */
function readAs(t: DataType, other: DataType): DataType {
  if (!isText(t) || !isNumeric(other)) return t;
  if (isInteger(other)) return type.bigint(t.nullable);
  return other.kind === 'DECIMAL' ? type.decimal(38, other.scale, t.nullable) : withNullable(other, t.nullable);
}

function resolveComparison(operator: Operator, args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount(`'${operator}'`, args.length, 2);
  if (wrong) return wrong;
  const [a, b] = args as [Argument, Argument];
  const result = type.boolean(anyNullable(args));
  if (a.type.kind === 'NULL' || b.type.kind === 'NULL') {
    return { type: type.boolean(), parameters: [a.type, b.type], nulls: 'strict', evaluate: () => null };
  }
  const ordered = operator !== '=' && operator !== '<>';
  // As Flink: for an order a text beside a number is read as one, for equality it is refused.
  const [x, y] = ordered ? [readAs(a.type, b.type), readAs(b.type, a.type)] : [a.type, b.type];
  const comparison = comparisonOf(x, y);
  if (comparison === undefined) return incomparable(operator, a, b);
  const { leftFactor, rightFactor } = comparison;
  const left = withNullable(comparison.left, a.type.nullable);
  const right = withNullable(comparison.right, b.type.nullable);
  const call = { type: result, parameters: [left, right], nulls: 'strict' as const };
  if (!hasIdentity(left)) {
    if (isBinary(left)) {
      const holds = HOLDS[operator];
      return { ...call, evaluate: (x: Uint8Array, y: Uint8Array) => holds(compareBytes(x, y)) };
    }
    if (ordered) {
      return { mismatch: `${typeText(left, false)} has no order, it can only be compared with = and <>`, argument: 0 };
    }
    const wanted = operator === '=';
    return { ...call, evaluate: (x: Scalar, y: Scalar) => equalValues(left, x, y) === wanted };
  }
  if (leftFactor !== 1n || rightFactor !== 1n) {
    const compare = PLAIN[operator] as unknown as (x: bigint, y: bigint) => boolean;
    const scaled = (v: string, factor: bigint, bind: (value: unknown) => string) =>
      factor === 1n ? v : `${v} * ${bind(factor)}`;
    return {
      ...call,
      evaluate: (x: bigint, y: bigint) => compare(x * leftFactor, y * rightFactor),
      code: ([x, y], bind) => `(${scaled(x!, leftFactor, bind)} ${SCRIPT[operator]} ${scaled(y!, rightFactor, bind)})`,
    };
  }
  return {
    ...call,
    evaluate: PLAIN[operator] as unknown as ResolvedCall['evaluate'],
    code: ([x, y]) => `(${x} ${SCRIPT[operator]} ${y})`,
  };
}

function comparison(operator: Operator, doc: string, example: string, value: string): ScalarFunction {
  return defineFunction({
    name: operator,
    family: 'comparison',
    doc,
    syntax: [`a ${operator} b`],
    examples: [{ sql: example, value }],
    callable: false,
    resolve: (args) => resolveComparison(operator, args),
  });
}

/** IS [NOT] DISTINCT FROM: NULL is a value like any other, the answer is never NULL. */
function distinctness(name: string, wanted: boolean): ScalarFunction['resolve'] {
  return (args) => {
    const wrong = checkCount(name, args.length, 2);
    if (wrong) return wrong;
    const [a, b] = args as [Argument, Argument];
    const called = (parameters: DataType[], differ: (x: Scalar, y: Scalar) => boolean): ResolvedCall => ({
      type: type.boolean(false),
      parameters,
      nulls: 'called',
      evaluate: (x: Scalar, y: Scalar) => (x === null || y === null ? x !== y : differ(x, y)) === wanted,
    });
    if (a.type.kind === 'NULL' || b.type.kind === 'NULL') return called([a.type, b.type], () => false);
    const found = comparisonOf(a.type, b.type);
    if (found === undefined) return incomparable(name, a, b);
    const left = withNullable(found.left, a.type.nullable);
    const parameters = [left, withNullable(found.right, b.type.nullable)];
    if (found.leftFactor !== 1n || found.rightFactor !== 1n) {
      return called(parameters, (x, y) => (x as bigint) * found.leftFactor !== (y as bigint) * found.rightFactor);
    }
    return called(parameters, (x, y) => !equalValues(left, x, y));
  };
}

export const comparisons: readonly ScalarFunction[] = [
  comparison('=', 'TRUE if both are equal; NULL if one is NULL.', '1 = 1.0', 'TRUE'),
  comparison('<>', 'TRUE if both differ; NULL if one is NULL.', "'a' <> 'b'", 'TRUE'),
  comparison('<', 'TRUE if the left is less than the right; NULL if one is NULL.', '1 < 2', 'TRUE'),
  comparison('<=', 'TRUE if the left is at most the right; NULL if one is NULL.', '2 <= 1', 'FALSE'),
  comparison('>', 'TRUE if the left is greater than the right; NULL if one is NULL.', "'b' > 'a'", 'TRUE'),
  comparison('>=', 'TRUE if the left is at least the right; NULL if one is NULL.', '3 >= 3', 'TRUE'),
  defineFunction({
    name: 'IS DISTINCT FROM',
    family: 'comparison',
    doc: 'TRUE if both differ, where NULL equals NULL; never NULL.',
    syntax: ['a IS DISTINCT FROM b'],
    examples: [{ sql: '1 IS DISTINCT FROM CAST(NULL AS INT)', value: 'TRUE' }],
    callable: false,
    resolve: distinctness('IS DISTINCT FROM', true),
  }),
  defineFunction({
    name: 'IS NOT DISTINCT FROM',
    family: 'comparison',
    doc: 'TRUE if both are equal, where NULL equals NULL; never NULL.',
    syntax: ['a IS NOT DISTINCT FROM b'],
    examples: [{ sql: 'CAST(NULL AS INT) IS NOT DISTINCT FROM CAST(NULL AS INT)', value: 'TRUE' }],
    callable: false,
    resolve: distinctness('IS NOT DISTINCT FROM', false),
  }),
];
