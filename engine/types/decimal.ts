/** Decimals are unscaled bigints beside a scale: 12.30 is 1230n with scale 2. */

const powers: bigint[] = [1n];

/** 10 to the power n, n ≥ 0. */
export function powerOfTen(n: number): bigint {
  for (let i = powers.length; i <= n; i++) powers.push(powers[i - 1]! * 10n);
  return powers[n]!;
}

/** value ÷ divisor rounded HALF_UP, away from zero on ties. */
export function divideHalfUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  const rest = value % divisor;
  if (rest === 0n) return quotient;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient;
  return value < 0n !== divisor < 0n ? quotient - 1n : quotient + 1n;
}

/** The unscaled value at another scale, HALF_UP where digits are lost. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (from === to) return unscaled;
  return to > from ? unscaled * powerOfTen(to - from) : divideHalfUp(unscaled, powerOfTen(from - to));
}

/** Whether the unscaled value has at most `precision` digits. */
export function fitsPrecision(unscaled: bigint, precision: number): boolean {
  const limit = powerOfTen(precision);
  return unscaled < limit && unscaled > -limit;
}

/** Plain text with exactly `scale` fraction digits. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A number of any scale, as Java's BigDecimal holds it; the scale may be negative. */
export interface BigNumber {
  readonly unscaled: bigint;
  readonly scale: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/;

/** What Java's `new BigDecimal(text)` accepts; undefined where it throws. */
export function parseBigNumber(text: string): BigNumber | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const whole = match[2]!;
  const fraction = match[3] ?? '';
  if (whole === '' && fraction === '') return undefined;
  const exponent = match[4] === undefined ? 0 : Number(match[4]);
  const magnitude = BigInt(whole + fraction);
  return { unscaled: match[1] === '-' ? -magnitude : magnitude, scale: fraction.length - exponent };
}

/**
 * The unscaled value of a DECIMAL(precision, scale); null where it does not fit. Scales of absurd size
 * (1e-2000000000) never build the power of ten.
 */
export function toDecimal(number: BigNumber, precision: number, scale: number): bigint | null {
  if (number.unscaled === 0n) return 0n;
  const shift = scale - number.scale;
  if (shift > precision) return null;
  const digits = number.unscaled.toString().length;
  if (shift < -(digits + 1)) return 0n;
  const value = rescale(number.unscaled, number.scale, scale);
  return fitsPrecision(value, precision) ? value : null;
}

/** BigDecimal.toString: plain unless the scale is negative or the number has more than six leading fraction zeros. */
export function bigNumberText({ unscaled, scale }: BigNumber): string {
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString();
  const exponent = digits.length - 1 - scale;
  const sign = negative ? '-' : '';
  if (scale >= 0 && exponent >= -6) return decimalText(unscaled, scale);
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${sign}${mantissa}E${exponent < 0 ? '' : '+'}${exponent}`;
}

/** Java's (float) of an int64: one rounding, where Number() and Math.fround would round twice. */
export function bigintToFloat(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 1n << 53n) return Math.fround(Number(value));
  // Round to odd at 2^10: the sticky bit keeps the second rounding from meeting a false tie.
  const kept = magnitude >> 10n;
  const odd = (magnitude & 1023n) === 0n ? kept : kept | 1n;
  const result = Math.fround(Number(odd) * 1024);
  return value < 0n ? -result : result;
}
