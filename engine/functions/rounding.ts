import type { DecimalType } from '../types/coerce.ts';
import type { DataType } from '../types/data-type.ts';
import { parseBigNumber, powerOfTen, rescale } from '../types/decimal.ts';
import { doubleText } from '../types/java-double.ts';
import { roundedType } from './decimal-type.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction, Session } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { numeric, signature, smallInteger } from './signature.ts';
import { floorOrCeilTime } from './time-floor.ts';

const BITS = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 } as const;

/** How digits are dropped: HALF_UP or toward zero. */
type Drop = (unscaled: bigint, from: number, to: number) => bigint;

const cut: Drop = (unscaled, from, to) => (to >= from ? rescale(unscaled, from, to) : unscaled / powerOfTen(from - to));

/** The unscaled value at `scale`, with no more than `digits` decimals left; negative digits give tens. */
function dropDigits(drop: Drop, unscaled: bigint, scale: number, digits: number): bigint {
  if (digits >= scale) return unscaled;
  if (scale - digits > 60) return 0n;
  return drop(unscaled, scale - digits, 0) * powerOfTen(scale - digits);
}

function roundDouble(drop: Drop, value: number, digits: number): number {
  if (!Number.isFinite(value)) throw new EvaluationError(`${doubleText(value)} cannot be rounded`);
  const number = parseBigNumber(doubleText(value))!;
  if (digits >= number.scale) return value === 0 ? 0 : value;
  // A negative scale is a whole number already.
  const scale = Math.max(number.scale, 0);
  const unscaled = number.unscaled * powerOfTen(scale - number.scale);
  return Number(`${dropDigits(drop, unscaled, scale, digits)}e${-scale}`);
}

function rounding(name: string, drop: Drop, doc: string, examples: ScalarFunction['examples']): ScalarFunction {
  return defineFunction({
    name,
    family: 'arithmetic',
    doc,
    syntax: [`${name}(n [, digits])`],
    examples,
    resolve: (args, session) => {
      const [a, digits] = args;
      return signature(name, {
        parameters: [numeric, smallInteger],
        optional: 1,
        returns: ([t]) => resultType(t!, digits),
        build: () => ({ evaluate: evaluator(drop, a!.type, resultType(a!.type, digits)) }),
      })(args, session);
    },
  });
}

function resultType(t: DataType, digits: Argument | undefined): DataType {
  if (t.kind !== 'DECIMAL') return t;
  if (digits === undefined) return roundedType(t, 0);
  return typeof digits.literal === 'number' ? roundedType(t, digits.literal) : t;
}

function evaluator(drop: Drop, t: DataType, result: DataType): (value: never, digits?: number) => number | bigint {
  switch (t.kind) {
    case 'DECIMAL': {
      const { scale } = result as DecimalType;
      return (value: bigint, digits = 0) => rescale(dropDigits(drop, value, t.scale, digits), t.scale, scale);
    }
    case 'FLOAT':
      return (value: number, digits = 0) => Math.fround(roundDouble(drop, value, digits));
    case 'DOUBLE':
      return (value: number, digits = 0) => roundDouble(drop, value, digits);
    case 'BIGINT':
      return (value: bigint, digits = 0) => BigInt.asIntN(64, dropDigits(drop, value, 0, digits));
    default: {
      const bits = BITS[t.kind as keyof typeof BITS];
      return (value: number, digits = 0) =>
        digits >= 0 ? value : Number(BigInt.asIntN(bits, dropDigits(drop, BigInt(value), 0, digits)));
    }
  }
}

/** FLOOR and CEIL of numbers; with a unit of time, of dates and times. */
function resolveWhole(up: boolean, args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  const name = up ? 'CEIL' : 'FLOOR';
  if (args.length === 2 && args[1]!.symbol !== undefined) return floorOrCeilTime(up, args, session);
  return signature(name, {
    parameters: [numeric],
    returns: ([t]) => (t!.kind === 'DECIMAL' ? { ...t!, scale: 0 } : t!),
    build: ([a]) => {
      const t = a!.type;
      switch (t.kind) {
        case 'FLOAT':
        case 'DOUBLE':
          return {
            evaluate: up ? Math.ceil : Math.floor,
            code: ([v]) => (up ? `Math.ceil(${v})` : `Math.floor(${v})`),
          };
        case 'DECIMAL': {
          const divisor = powerOfTen(t.scale);
          return {
            evaluate: (v: bigint) => {
              const whole = v / divisor;
              const exact = v % divisor === 0n;
              if (exact || v < 0n === up) return whole;
              return up ? whole + 1n : whole - 1n;
            },
          };
        }
        default:
          return { evaluate: (v: number | bigint) => v, code: ([v]) => v! };
      }
    },
  })(args, session);
}

function resolveAbs(args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  return signature('ABS', {
    parameters: [numeric],
    returns: ([t]) => t!,
    build: ([a]) => {
      switch (a!.type.kind) {
        case 'BIGINT':
          return { evaluate: (v: bigint) => BigInt.asIntN(64, v < 0n ? -v : v) };
        case 'DECIMAL':
          return { evaluate: (v: bigint) => (v < 0n ? -v : v), code: ([v]) => `(${v} < 0n ? -${v} : ${v})` };
        case 'FLOAT':
        case 'DOUBLE':
          return { evaluate: Math.abs, code: ([v]) => `Math.abs(${v})` };
        default: {
          const shift = 32 - BITS[a!.type.kind as keyof typeof BITS];
          return { evaluate: (v: number) => (Math.abs(v) << shift) >> shift };
        }
      }
    },
  })(args, session);
}

function resolveSign(args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  return signature('SIGN', {
    parameters: [numeric],
    returns: ([t]) => t!,
    build: ([a]) => {
      const t = a!.type;
      if (t.kind === 'BIGINT' || t.kind === 'DECIMAL') {
        const one = t.kind === 'DECIMAL' ? powerOfTen(t.scale) : 1n;
        return { evaluate: (v: bigint) => (v > 0n ? one : v < 0n ? -one : 0n) };
      }
      return { evaluate: Math.sign };
    },
  })(args, session);
}

export const roundings: readonly ScalarFunction[] = [
  rounding('ROUND', rescale, 'Rounded HALF_UP to a number of decimals (0), which may be negative.', [
    { sql: 'ROUND(-2.345, 2)', value: '-2.35' },
    { sql: 'ROUND(2.5e0)', value: '3.0' },
    { sql: 'ROUND(15, -1)', value: '20' },
  ]),
  rounding('TRUNCATE', cut, 'Cut to a number of decimals (0), which may be negative.', [
    { sql: 'TRUNCATE(-2.789, 2)', value: '-2.78' },
    { sql: 'TRUNCATE(42.324e0, -1)', value: '40.0' },
  ]),
  defineFunction({
    name: 'CEIL',
    aliases: ['CEILING'],
    family: 'arithmetic',
    doc: 'Rounded up to a whole number, or to a unit of time.',
    syntax: ['CEIL(n)', 'CEILING(n)', 'CEIL(t TO unit)'],
    examples: [
      { sql: 'CEIL(-1.2)', value: '-1' },
      { sql: "CEIL(DATE '2024-02-29' TO MONTH)", value: '2024-03-01' },
    ],
    resolve: (args, session) => resolveWhole(true, args, session),
  }),
  defineFunction({
    name: 'FLOOR',
    family: 'arithmetic',
    doc: 'Rounded down to a whole number, or to a unit of time.',
    syntax: ['FLOOR(n)', 'FLOOR(t TO unit)'],
    examples: [
      { sql: 'FLOOR(-1.2e0)', value: '-2.0' },
      { sql: "FLOOR(TIMESTAMP '2024-02-29 13:45:50' TO HOUR)", value: '2024-02-29 13:00:00' },
    ],
    resolve: (args, session) => resolveWhole(false, args, session),
  }),
  defineFunction({
    name: 'ABS',
    family: 'arithmetic',
    doc: 'The absolute value; the least integer stays negative.',
    syntax: ['ABS(n)'],
    examples: [{ sql: 'ABS(-5.25)', value: '5.25' }],
    resolve: resolveAbs,
  }),
  defineFunction({
    name: 'SIGN',
    family: 'arithmetic',
    doc: '-1, 0 or 1 in the type of the argument.',
    syntax: ['SIGN(n)'],
    examples: [{ sql: 'SIGN(-2.5)', value: '-1.0' }],
    resolve: resolveSign,
  }),
];
