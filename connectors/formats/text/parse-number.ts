import { type BigNumber, parseBigNumber, powerOfTen } from '../../../engine/types/decimal.ts';
import { parseDouble, trimControl } from '../../../engine/types/java-double.ts';

/** Decimal digits of any script as ASCII digits: Java's integer and decimal parsers take them all. */
function asciiDigits(text: string): string {
  return text.replace(/[^\p{ASCII}]/gu, (c) => {
    if (c.length > 1 || !/\p{Nd}/u.test(c)) return c;
    let zero = c.charCodeAt(0);
    while (/\p{Nd}/u.test(String.fromCharCode(zero - 1))) zero--;
    return String((c.charCodeAt(0) - zero) % 10);
  });
}

const integerText = /^[+-]?\d+$/;

/** Java's `Integer.parseInt` (and its kin) within a range; undefined where it would throw. Nothing is trimmed. */
export function parseInteger(text: string, min: number, max: number): number | undefined {
  const plain = asciiDigits(text);
  if (!integerText.test(plain)) return undefined;
  const value = Number(plain);
  return value >= min && value <= max ? value + 0 : undefined;
}

/** Java's `Long.parseLong`; undefined where it would throw. */
export function parseLong(text: string): bigint | undefined {
  const plain = asciiDigits(text);
  if (!integerText.test(plain)) return undefined;
  const value = BigInt(plain.startsWith('+') ? plain.slice(1) : plain);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const decimalFloat = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?$/;

/** Java's `Float.parseFloat`, rounded once, blanks around allowed; undefined where it would throw. */
export function parseFloat32(text: string): number | undefined {
  const decimal = decimalFloat.exec(trimControl(text));
  if (decimal !== null) return decimalToFloat(decimal[1]!);
  const value = parseDouble(text);
  return value === undefined ? undefined : Math.fround(value);
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/**
 * The float nearest to a decimal text. Going through the nearest double is right unless that double lies exactly
 * between two floats, where the digits it dropped decide.
 */
function decimalToFloat(decimal: string): number {
  const near = Number(decimal);
  double[0] = near;
  const between = (words[0]! & 0x1fffffff) === 0x10000000;
  if (!between && Math.abs(near) >= 1.1754943508222875e-38) return Math.fround(near);
  if (near === 0 || !Number.isFinite(near)) return Math.fround(near);
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(decimal)!;
  const digits = BigInt(`0${match[2]}${match[3]}`);
  const exponent = Number(match[4] ?? 0) - match[3]!.length;
  let value: number;
  if (exponent >= 0) {
    value = roundToFloat(digits * 10n ** BigInt(exponent), 0);
  } else {
    const divisor = 10n ** BigInt(-exponent);
    const shift = Math.max(0, divisor.toString(2).length - digits.toString(2).length + 80);
    const scaled = digits << BigInt(shift);
    const sticky = scaled % divisor === 0n ? 0n : 1n;
    value = roundToFloat(((scaled / divisor) << 1n) | sticky, -shift - 1);
  }
  return match[1] === '-' ? -value : value;
}

/** `mantissa` · 2^`exponent` rounded half to even to a float's 24 bits, none of them below 2^-149. */
function roundToFloat(mantissa: bigint, exponent: number): number {
  const length = mantissa.toString(2).length;
  const unit = Math.max(length + exponent - 24, -149);
  const shift = unit - exponent;
  if (shift <= 0) return Math.fround(Number(mantissa) * 2 ** exponent);
  if (shift > length + 1) return 0;
  const half = 1n << BigInt(shift - 1);
  const rest = mantissa & ((half << 1n) - 1n);
  let rounded = mantissa >> BigInt(shift);
  if (rest > half || (rest === half && (rounded & 1n) === 1n)) rounded += 1n;
  return Math.fround(Number(rounded) * 2 ** unit);
}

/** Java's `new BigDecimal(text)`, digits of any script; undefined where it would throw. Nothing is trimmed. */
export function parseDecimal(text: string): BigNumber | undefined {
  return parseBigNumber(asciiDigits(text));
}

/** Without zeros at the end of the digits, as Java's `stripTrailingZeros`. */
export function stripZeros(number: BigNumber): BigNumber {
  let { unscaled, scale } = number;
  if (unscaled === 0n) return { unscaled, scale: 0 };
  for (const step of [16, 4, 1]) {
    const power = powerOfTen(step);
    while (unscaled % power === 0n) {
      unscaled /= power;
      scale -= step;
    }
  }
  return { unscaled, scale };
}
