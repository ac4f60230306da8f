import { isApproximate } from '../types/coerce.ts';
import { type } from '../types/data-type.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { exp, log, log10, power } from './precise-math.ts';
import { double, numeric, type Parameter, signature } from './signature.ts';

/** A function of one DOUBLE. */
function real(
  name: string,
  doc: string,
  compute: (x: number) => number,
  example: readonly [string, string],
): ScalarFunction {
  return defineFunction({
    name,
    family: 'arithmetic',
    doc,
    syntax: [`${name}(x)`],
    examples: [{ sql: example[0], value: example[1] }],
    resolve: signature(name, {
      parameters: [double],
      returns: type.double(false),
      evaluate: compute,
      code: ([x], bind) => `${bind(compute)}(${x})`,
    }),
  });
}

function constant(name: string, doc: string, value: number): ScalarFunction {
  return defineFunction({
    name,
    family: 'arithmetic',
    doc,
    syntax: [`${name}()`],
    examples: [{ sql: `${name}()`, value: String(value) }],
    resolve: signature(name, { parameters: [], returns: type.double(false), evaluate: () => value }),
  });
}

const notDecimal: Parameter = {
  ...double,
  expected: 'a number other than DECIMAL',
  accepts: (t) => numeric.accepts(t) && (isApproximate(t) || t.kind !== 'DECIMAL'),
};

/** fdlibm's, whose exp(1) is one unit above the nearest double. */
function cosh(x: number): number {
  const e = Math.E + 2 * Number.EPSILON;
  return Math.abs(x) === 1 ? 0.5 * e + 0.5 / e : Math.cosh(x);
}

const DEGREE = Math.PI / 180;

export const mathematics: readonly ScalarFunction[] = [
  defineFunction({
    name: 'POWER',
    family: 'arithmetic',
    doc: 'a to the power b.',
    syntax: ['POWER(a, b)'],
    examples: [{ sql: 'POWER(2, 10)', value: '1024.0' }],
    resolve: signature('POWER', {
      parameters: [double, double],
      returns: type.double(false),
      evaluate: power,
    }),
  }),
  real('SQRT', 'The square root; NaN of a negative number.', Math.sqrt, ['SQRT(2)', '1.4142135623730951']),
  real('EXP', 'e to the power x.', exp, ['EXP(1)', '2.718281828459045']),
  real('LN', 'The natural logarithm; NaN of a negative number.', log, ['LN(1)', '0.0']),
  defineFunction({
    name: 'LOG',
    family: 'arithmetic',
    doc: 'The natural logarithm, or the logarithm in a base.',
    syntax: ['LOG(x)', 'LOG(base, x)'],
    examples: [{ sql: 'LOG(2, 8)', value: '3.0' }],
    resolve: signature('LOG', {
      parameters: [double, double],
      optional: 1,
      returns: type.double(false),
      evaluate: (a: number, b?: number) => (b === undefined ? log(a) : log(b) / log(a)),
    }),
  }),
  real('LOG2', 'The logarithm in base 2.', (x) => log(x) / log(2), ['LOG2(8)', '3.0']),
  real('LOG10', 'The logarithm in base 10.', log10, ['LOG10(1000)', '3.0']),
  real('SIN', 'The sine.', Math.sin, ['SIN(1)', '0.8414709848078965']),
  real('SINH', 'The hyperbolic sine.', Math.sinh, ['SINH(1)', '1.1752011936438014']),
  real('COS', 'The cosine.', Math.cos, ['COS(0)', '1.0']),
  real('COSH', 'The hyperbolic cosine.', cosh, ['COSH(1)', '1.543080634815244']),
  real('TAN', 'The tangent.', Math.tan, ['TAN(0)', '0.0']),
  real('TANH', 'The hyperbolic tangent.', Math.tanh, ['TANH(1)', '0.7615941559557649']),
  real('COT', 'The cotangent.', (x) => 1 / Math.tan(x), ['COT(1)', '0.6420926159343306']),
  real('ASIN', 'The arc sine.', Math.asin, ['ASIN(2)', 'NaN']),
  real('ACOS', 'The arc cosine.', Math.acos, ['ACOS(1)', '0.0']),
  real('ATAN', 'The arc tangent.', Math.atan, ['ATAN(1)', '0.7853981633974483']),
  defineFunction({
    name: 'ATAN2',
    family: 'arithmetic',
    doc: 'The angle of the point (x, y).',
    syntax: ['ATAN2(y, x)'],
    examples: [{ sql: 'ATAN2(1, 1)', value: '0.7853981633974483' }],
    resolve: signature('ATAN2', {
      parameters: [notDecimal, notDecimal],
      returns: type.double(false),
      evaluate: Math.atan2,
    }),
  }),
  real('DEGREES', 'Radians in degrees.', (x) => x * (180 / Math.PI), ['DEGREES(1)', '57.29577951308232']),
  real('RADIANS', 'Degrees in radians.', (x) => x * DEGREE, ['RADIANS(180)', '3.141592653589793']),
  constant('PI', 'The constant π.', Math.PI),
  constant('E', 'The constant e.', Math.E),
];
