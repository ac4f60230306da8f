import { divideHalfUp, fitsPrecision, powerOfTen, rescale } from '../types/decimal.ts';

/** The unscaled value of a DECIMAL result, null where it does not fit. */
export function fitted(unscaled: bigint, scale: number, to: { precision: number; scale: number }): bigint | null {
  const value = rescale(unscaled, scale, to.scale);
  return fitsPrecision(value, to.precision) ? value : null;
}

/**
 * a ÷ b as Flink computes it: first to 38 significant digits, then to the scale of the result, each HALF_UP; null where
 * it does not fit. b is not zero.
 */
export function quotient(
  a: bigint,
  aScale: number,
  b: bigint,
  bScale: number,
  to: { precision: number; scale: number },
): bigint | null {
  // Enough digits that the integer quotient has at least 39 of them.
  const shift = Math.max(0, 40 + digitCount(b) - digitCount(a));
  const scale = aScale + shift - bScale;
  const dividend = a * powerOfTen(shift);
  const whole = dividend / b;
  const surplus = digitCount(whole) - 38;
  if (surplus <= 0) return fitted(divideHalfUp(dividend, b), scale, to);
  // One division decides the rounding.
  const rounded = divideHalfUp(dividend, b * powerOfTen(surplus));
  return fitted(
    scale - surplus < 0 ? rounded * powerOfTen(surplus - scale) : rounded,
    Math.max(0, scale - surplus),
    to,
  );
}

function digitCount(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}
