import { isInteger, isNumeric, isText } from './coerce.ts';
import type { DataType } from './data-type.ts';
import { bigintToFloat, fitsPrecision, parseBigNumber, powerOfTen, rescale, toDecimal } from './decimal.ts';
import type { Cast } from './define-cast.ts';
import { fallible, identity, total } from './define-cast.ts';
import { EvaluationError } from './evaluation-error.ts';
import { doubleText, parseDouble, parseFloat32 } from './java-double.ts';
import { parseBoolean, parseDecimal, parseInteger } from './parse-number.ts';

const BITS = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 } as const;
type IntegerKind = keyof typeof BITS;

/** Casts to BOOLEAN and the numeric types. */
export function numericCast(from: DataType, to: DataType): Cast | undefined {
  if (isText(from)) return fromText(to);
  if (from.kind === 'BOOLEAN') return fromBoolean(to);
  if (!isNumeric(from)) return undefined;
  switch (to.kind) {
    case 'BOOLEAN':
      if (from.kind === 'BIGINT' || from.kind === 'DECIMAL')
        return total(
          (v: bigint) => v !== 0n,
          (v) => `(${v} !== 0n)`,
        );
      return total(
        (v: number) => v !== 0,
        (v) => `(${v} !== 0)`,
      );
    case 'FLOAT':
      return toFloat(from);
    case 'DOUBLE':
      return toDouble(from);
    case 'DECIMAL':
      return toDecimalType(from, to.precision, to.scale);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return toInteger(from, to.kind);
    default:
      return undefined;
  }
}

function fromText(to: DataType): Cast {
  switch (to.kind) {
    case 'BOOLEAN':
      return fallible(parseBoolean);
    case 'FLOAT':
      return fallible((v: string) => parseFloat32(v) ?? noNumber(v));
    case 'DOUBLE':
      return fallible((v: string) => parseDouble(v) ?? noNumber(v));
    case 'DECIMAL':
      return fallible((v: string) => parseDecimal(v, to.precision, to.scale));
    default: {
      const bits = BITS[to.kind as IntegerKind];
      return bits === 64
        ? fallible((v: string) => parseInteger(v, 64))
        : fallible((v: string) => Number(parseInteger(v, bits)));
    }
  }
}

function noNumber(text: string): never {
  throw new EvaluationError(`'${text}' is no number`);
}

function fromBoolean(to: DataType): Cast {
  switch (to.kind) {
    case 'BIGINT':
      return total(
        (v: boolean) => (v ? 1n : 0n),
        (v) => `(${v} ? 1n : 0n)`,
      );
    case 'DECIMAL': {
      const one = powerOfTen(to.scale);
      if (!fitsPrecision(one, to.precision)) return nullable((v: boolean) => (v ? null : 0n));
      return total(
        (v: boolean) => (v ? one : 0n),
        (v, bind) => `(${v} ? ${bind(one)} : 0n)`,
      );
    }
    default:
      return total(
        (v: boolean) => (v ? 1 : 0),
        (v) => `(${v} ? 1 : 0)`,
      );
  }
}

function nullable<T>(evaluate: (value: T) => bigint | null): Cast {
  return { ...total(evaluate), mayBeNull: true };
}

function toFloat(from: DataType): Cast {
  switch (from.kind) {
    case 'BIGINT':
      return total(bigintToFloat, (v, bind) => `${bind(bigintToFloat)}(${v})`);
    case 'DECIMAL': {
      const convert = decimalToDouble(from.precision, from.scale);
      return total(
        (v: bigint) => Math.fround(convert(v)),
        (v, bind) => `Math.fround(${bind(convert)}(${v}))`,
      );
    }
    case 'INT':
    case 'DOUBLE':
      return total(Math.fround, (v) => `Math.fround(${v})`);
    default:
      return identity;
  }
}

function toDouble(from: DataType): Cast {
  switch (from.kind) {
    case 'BIGINT':
      return total(
        (v: bigint) => Number(v),
        (v) => `Number(${v})`,
      );
    case 'DECIMAL': {
      const convert = decimalToDouble(from.precision, from.scale);
      return total(convert, (v, bind) => `${bind(convert)}(${v})`);
    }
    default:
      return identity;
  }
}

/** Up to 18 digits Flink divides doubles, which may be one unit off; above, BigDecimal rounds once. */
export function decimalToDouble(precision: number, scale: number): (unscaled: bigint) => number {
  if (precision <= 18) {
    const divisor = Number(powerOfTen(scale));
    return (unscaled) => Number(unscaled) / divisor;
  }
  return (unscaled) => Number(`${unscaled}e-${scale}`);
}

function toDecimalType(from: DataType, precision: number, scale: number): Cast {
  switch (from.kind) {
    case 'DECIMAL': {
      const widens = precision - scale >= from.precision - from.scale && scale >= from.scale;
      const factor = powerOfTen(Math.abs(scale - from.scale));
      if (widens) {
        if (factor === 1n) return identity;
        return total(
          (v: bigint) => v * factor,
          (v, bind) => `(${v} * ${bind(factor)})`,
        );
      }
      return nullable((v: bigint) => fitting(rescale(v, from.scale, scale), precision));
    }
    case 'FLOAT':
    case 'DOUBLE':
      return fallible((v: number) => {
        if (!Number.isFinite(v)) throw new EvaluationError(`${doubleText(v)} is no decimal number`);
        return toDecimal(parseBigNumber(doubleText(v))!, precision, scale);
      }, true);
    default: {
      const factor = powerOfTen(scale);
      return nullable((v: number | bigint) => fitting(BigInt(v) * factor, precision));
    }
  }
}

function fitting(unscaled: bigint, precision: number): bigint | null {
  return fitsPrecision(unscaled, precision) ? unscaled : null;
}

function toInteger(from: DataType, kind: IntegerKind): Cast {
  const bits = BITS[kind];
  if (from.kind === 'DECIMAL') {
    const divisor = powerOfTen(from.scale);
    if (bits === 64) return total((v: bigint) => BigInt.asIntN(64, v / divisor));
    return total(
      (v: bigint) => Number(BigInt.asIntN(bits, v / divisor)),
      (v, bind) => `Number(BigInt.asIntN(${bits}, ${v} / ${bind(divisor)}))`,
    );
  }
  if (from.kind === 'FLOAT' || from.kind === 'DOUBLE') {
    if (bits === 64) return total(doubleToLong);
    if (bits === 32) return total(doubleToInt);
    return total((v: number) => narrow(doubleToInt(v), bits));
  }
  if (from.kind === 'BIGINT') {
    return total(
      (v: bigint) => Number(BigInt.asIntN(bits, v)),
      (v) => `Number(BigInt.asIntN(${bits}, ${v}))`,
    );
  }
  if (bits === 64)
    return total(
      (v: number) => BigInt(v),
      (v) => `BigInt(${v})`,
    );
  if (isInteger(from) && BITS[from.kind as IntegerKind] <= bits) return identity;
  const shift = 32 - bits;
  return total(
    (v: number) => narrow(v, bits),
    (v) => `(${v} << ${shift} >> ${shift})`,
  );
}

function narrow(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}

/** Java's (int) of a double: toward zero, NaN is 0, saturating. */
export function doubleToInt(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-2147483648, Math.min(2147483647, Math.trunc(value))) | 0;
}

/** Java's (long) of a double: toward zero, NaN is 0, saturating. */
export function doubleToLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 9223372036854775807n;
  if (value <= -(2 ** 63)) return -9223372036854775808n;
  return BigInt(Math.trunc(value));
}
