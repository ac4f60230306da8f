import type { DecimalType } from '../types/coerce.ts';
import {
  commonType,
  decimalOf,
  isApproximate,
  isInteger,
  isInterval,
  isNumeric,
  isTimestamp,
} from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { typeText, withNullable } from '../types/data-type.ts';
import { powerOfTen } from '../types/decimal.ts';
import { fitted, quotient } from './decimal-arithmetic.ts';
import { productType, quotientType, remainderType, sumType } from './decimal-type.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { intervalArithmetic, intervalProduct } from './interval-arithmetic.ts';
import { anyNullable, checkCount, untypedNull } from './signature.ts';

type Sign = '+' | '-' | '*' | '/' | '%';

const BITS = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 } as const;
type IntegerKind = keyof typeof BITS;

export function failDivision(): never {
  throw new EvaluationError('division by zero');
}

function resolveArithmetic(sign: Sign, args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount(`'${sign}'`, args.length, 2);
  if (wrong) return wrong;
  const [a, b] = args as [Argument, Argument];
  for (const [i, argument] of args.entries()) if (argument.type.kind === 'NULL') return untypedNull(i);
  if (isNumeric(a.type) && isNumeric(b.type)) {
    if (isApproximate(a.type) || isApproximate(b.type)) {
      return sign === '%' ? mismatch(sign, a, b) : approximate(sign, a, b);
    }
    if (isInteger(a.type) && isInteger(b.type)) return integers(sign, a, b);
    return decimals(sign, a, b);
  }
  const interval =
    sign === '+' || sign === '-'
      ? intervalArithmetic(sign, a, b, args)
      : sign === '*'
        ? intervalProduct(a, b)
        : undefined;
  return interval ?? mismatch(sign, a, b);
}

const HELP: Partial<Record<Sign, string>> = {
  '+': "'+' adds numbers and intervals; strings are joined with ||",
  '%': "'%' takes integers and DECIMAL, cast the operands",
};

function mismatch(sign: Sign, a: Argument, b: Argument): Mismatch {
  const found = `'${sign}' cannot be applied to ${typeText(a.type, false)} and ${typeText(b.type, false)}`;
  const help = isTimestamp(a.type) && isNumeric(b.type) ? `write such as ${sign} INTERVAL '5' SECOND` : HELP[sign];
  const argument = isNumeric(a.type) || isInterval(a.type) ? 1 : 0;
  return help === undefined ? { mismatch: found, argument } : { mismatch: found, argument, help };
}

function binary(t: DataType, parameter: DataType, a: Argument, b: Argument) {
  return {
    type: withNullable(t, anyNullable([a, b])),
    parameters: [withNullable(parameter, a.type.nullable), withNullable(parameter, b.type.nullable)],
    nulls: 'strict' as const,
  };
}

function approximate(sign: Sign, a: Argument, b: Argument): ResolvedCall {
  const t = commonType([a.type, b.type])!;
  const call = binary(t, t, a, b);
  const single = t.kind === 'FLOAT';
  const compute = NUMBERS[sign]!;
  return {
    ...call,
    evaluate: single ? (x: number, y: number) => Math.fround(compute(x, y)) : compute,
    code: ([x, y]) => (single ? `Math.fround(${x} ${sign} ${y})` : `(${x} ${sign} ${y})`),
  };
}

const NUMBERS: Partial<Record<Sign, (x: number, y: number) => number>> = {
  '+': (x, y) => x + y,
  '-': (x, y) => x - y,
  '*': (x, y) => x * y,
  '/': (x, y) => x / y,
};

/** Integers wrap silently; the remainder has the type of the divisor. */
function integers(sign: Sign, a: Argument, b: Argument): ResolvedCall {
  const wide = commonType([a.type, b.type])!;
  const t = sign === '%' ? b.type : wide;
  const bits = BITS[t.kind as IntegerKind];
  const call = binary(t, wide, a, b);
  if (wide.kind === 'BIGINT') {
    const wrap = bits === 64 ? (v: bigint) => BigInt.asIntN(64, v) : (v: bigint) => Number(BigInt.asIntN(bits, v));
    const wrapCode = (v: string) => (bits === 64 ? `BigInt.asIntN(64, ${v})` : `Number(BigInt.asIntN(${bits}, ${v}))`);
    const compute = BIGINTS[sign];
    const guarded = sign === '/' || sign === '%';
    return {
      ...call,
      evaluate: (x: bigint, y: bigint) => wrap(guarded && y === 0n ? failDivision() : compute(x, y)),
      code: ([x, y], bind) =>
        guarded
          ? `(${y} === 0n ? ${bind(failDivision)}() : ${wrapCode(`${x} ${sign} ${y}`)})`
          : wrapCode(`${x} ${sign} ${y}`),
    };
  }
  const shift = 32 - bits;
  const wrap = (v: number) => (v << shift) >> shift;
  const wrapCode = (v: string) => (shift === 0 ? `(${v} | 0)` : `(${v} << ${shift} >> ${shift})`);
  switch (sign) {
    case '+':
      return { ...call, evaluate: (x: number, y: number) => wrap(x + y), code: ([x, y]) => wrapCode(`(${x} + ${y})`) };
    case '-':
      return { ...call, evaluate: (x: number, y: number) => wrap(x - y), code: ([x, y]) => wrapCode(`(${x} - ${y})`) };
    case '*':
      return {
        ...call,
        evaluate: (x: number, y: number) => wrap(Math.imul(x, y)),
        code: ([x, y]) => wrapCode(`Math.imul(${x}, ${y})`),
      };
    case '/':
    case '%': {
      const compute = sign === '/' ? (x: number, y: number) => x / y : (x: number, y: number) => x % y;
      return {
        ...call,
        evaluate: (x: number, y: number) => wrap(y === 0 ? failDivision() : compute(x, y)),
        code: ([x, y], bind) => `(${y} === 0 ? ${bind(failDivision)}() : ${wrapCode(`(${x} ${sign} ${y})`)})`,
      };
    }
  }
}

const BIGINTS: Record<Sign, (x: bigint, y: bigint) => bigint> = {
  '+': (x, y) => x + y,
  '-': (x, y) => x - y,
  '*': (x, y) => x * y,
  '/': (x, y) => x / y,
  '%': (x, y) => x % y,
};

/** Exact, rounded HALF_UP to the result's scale; NULL where it does not fit. */
function decimals(sign: Sign, a: Argument, b: Argument): ResolvedCall {
  const x = decimalOf(a.type)!;
  const y = decimalOf(b.type)!;
  if (sign === '%' && x.scale === 0 && y.scale === 0) return wholeRemainder(x, y, a, b);
  const t = DECIMALS[sign](x, y);
  const call = {
    type: withNullable(t, anyNullable([a, b])),
    parameters: [withNullable(x, a.type.nullable), withNullable(y, b.type.nullable)],
    nulls: 'strict' as const,
    mayBeNull: true,
  };
  const scale = Math.max(x.scale, y.scale);
  const left = powerOfTen(scale - x.scale);
  const right = powerOfTen(scale - y.scale);
  switch (sign) {
    case '+':
    case '-': {
      const add = sign === '+' ? BIGINTS['+'] : BIGINTS['-'];
      // Below the 38 digits the result type has room for any sum.
      if (t.precision < 38) {
        return {
          ...call,
          mayBeNull: false,
          evaluate: (v: bigint, w: bigint) => add(v * left, w * right),
          code: ([v, w]) => `(${v} * ${left}n ${sign} ${w} * ${right}n)`,
        };
      }
      return { ...call, evaluate: (v: bigint, w: bigint) => fitted(add(v * left, w * right), scale, t) };
    }
    case '*':
      if (t.precision < 38) {
        return {
          ...call,
          mayBeNull: false,
          evaluate: (v: bigint, w: bigint) => v * w,
          code: ([v, w]) => `(${v} * ${w})`,
        };
      }
      return { ...call, evaluate: (v: bigint, w: bigint) => fitted(v * w, x.scale + y.scale, t) };
    case '/':
      return {
        ...call,
        evaluate: (v: bigint, w: bigint) => (w === 0n ? failDivision() : quotient(v, x.scale, w, y.scale, t)),
      };
    case '%':
      return {
        ...call,
        evaluate: (v: bigint, w: bigint) => (w === 0n ? failDivision() : fitted((v * left) % (w * right), scale, t)),
      };
  }
}

/** Of whole numbers the remainder has the type of the divisor, as among integers. */
function wholeRemainder(x: DecimalType, y: DecimalType, a: Argument, b: Argument): ResolvedCall {
  const bits = BITS[b.type.kind as IntegerKind] as number | undefined;
  const remainder = (v: bigint, w: bigint) => (w === 0n ? failDivision() : v % w);
  return {
    type: withNullable(b.type, anyNullable([a, b])),
    parameters: [withNullable(x, a.type.nullable), withNullable(y, b.type.nullable)],
    nulls: 'strict',
    evaluate:
      bits === undefined || bits === 64
        ? remainder
        : (v: bigint, w: bigint) => Number(BigInt.asIntN(bits, remainder(v, w))),
  };
}

const DECIMALS: Record<Sign, (a: DecimalType, b: DecimalType) => DecimalType> = {
  '+': sumType,
  '-': sumType,
  '*': productType,
  '/': quotientType,
  '%': remainderType,
};

function resolveNegation(args: readonly Argument[]): ResolvedCall | Mismatch {
  const [a] = args as [Argument];
  const call = { type: a.type, parameters: [a.type], nulls: 'strict' as const };
  switch (a.type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'INTERVAL_YEAR_MONTH': {
      const shift = 32 - BITS[a.type.kind === 'INTERVAL_YEAR_MONTH' ? 'INT' : a.type.kind];
      return {
        ...call,
        evaluate: (v: number) => (-v << shift) >> shift,
        code: ([v]) => `(-${v} << ${shift} >> ${shift})`,
      };
    }
    case 'FLOAT':
    case 'DOUBLE':
      return { ...call, evaluate: (v: number) => -v, code: ([v]) => `(-${v})` };
    case 'DECIMAL':
      return { ...call, evaluate: (v: bigint) => -v, code: ([v]) => `(-${v})` };
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return { ...call, evaluate: (v: bigint) => BigInt.asIntN(64, -v), code: ([v]) => `BigInt.asIntN(64, -${v})` };
    case 'NULL':
      return untypedNull(0);
    default:
      return { mismatch: `'-' takes a number or an interval, found ${typeText(a.type, false)}`, argument: 0 };
  }
}

function resolveIdentity(args: readonly Argument[]): ResolvedCall | Mismatch {
  const [a] = args as [Argument];
  if (a.type.kind === 'NULL') return untypedNull(0);
  if (!isNumeric(a.type) && !isInterval(a.type)) {
    return { mismatch: `'+' takes a number or an interval, found ${typeText(a.type, false)}`, argument: 0 };
  }
  return { type: a.type, parameters: [a.type], nulls: 'strict', evaluate: (v: Scalar) => v, code: ([v]) => v! };
}

function operator(sign: Sign, doc: string, examples: ScalarFunction['examples'], syntax = [`a ${sign} b`]) {
  return defineFunction({
    name: sign,
    ...(sign === '%' ? { aliases: ['MOD'] } : {}),
    family: 'arithmetic',
    doc,
    syntax,
    examples,
    callable: sign === '%',
    resolve: (args) => resolveArithmetic(sign, args),
  });
}

export const arithmetic: readonly ScalarFunction[] = [
  operator('+', 'Sum; of integers it wraps around, of a DECIMAL it is NULL beyond 38 digits.', [
    { sql: '3 + 4.0', value: '7.0' },
    { sql: "DATE '2024-01-31' + INTERVAL '1' MONTH", value: '2024-02-29' },
  ]),
  operator('-', 'Difference; of integers it wraps around.', [{ sql: '1.10 - 0.1', value: '1.00' }]),
  operator('*', 'Product; of integers it wraps around.', [
    { sql: '2147483647 * 2', value: '-2' },
    { sql: "2 * INTERVAL '1' DAY", value: '+2 00:00:00.000' },
  ]),
  operator('/', 'Quotient; of integers cut toward zero. Division by zero fails, except for FLOAT and DOUBLE.', [
    { sql: '7 / -2', value: '-3' },
    { sql: '1.00 / 3', value: '0.3333333333333' },
  ]),
  operator(
    '%',
    'Remainder with the sign of the dividend and, for integers, the type of the divisor.',
    [
      { sql: 'MOD(-7, 3)', value: '-1' },
      { sql: '7.25 % 0.5', value: '0.25' },
    ],
    ['a % b', 'MOD(a, b)'],
  ),
  defineFunction({
    name: 'UNARY -',
    family: 'arithmetic',
    doc: 'The negated number or interval.',
    syntax: ['- a'],
    examples: [{ sql: '-(-5)', value: '5' }],
    callable: false,
    resolve: resolveNegation,
  }),
  defineFunction({
    name: 'UNARY +',
    family: 'arithmetic',
    doc: 'The number or interval itself.',
    syntax: ['+ a'],
    examples: [{ sql: '+5', value: '5' }],
    callable: false,
    resolve: resolveIdentity,
  }),
];
