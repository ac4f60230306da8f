/**
 * Java 17's Double.toString, Float.toString and Double.parseDouble. Flink prints doubles with them, and before JDK 19
 * they do not always find the shortest digits (2^62 is 4.6116860184273879E18), so the digit generation is Java's own.
 */

interface Digits {
  readonly digits: string;
  /** value = 0.digits × 10^exponent */
  readonly exponent: number;
}

const buffer = new DataView(new ArrayBuffer(8));

/** Java text of a double: `1.0`, `1.0E10`, `NaN`. */
export function doubleText(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    buffer.setFloat64(0, magnitude);
    // Powers of two are where Java's interval is too narrow; elsewhere in this range JavaScript finds the same digits.
    if (buffer.getUint32(4) !== 0 || (buffer.getUint32(0) & 0xfffff) !== 0) {
      const text = String(value);
      return Number.isInteger(value) ? `${text}.0` : text;
    }
  }
  return special(value) ?? signed(value, format(doubleDigits(magnitude)));
}

/** Java text of a float held in a number. */
export function floatText(value: number): string {
  return special(value) ?? signed(value, format(floatDigits(Math.abs(value))));
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return undefined;
}

function signed(value: number, text: string): string {
  return value < 0 ? `-${text}` : text;
}

function format({ digits, exponent }: Digits): string {
  if (exponent > 0 && exponent < 8) {
    if (digits.length <= exponent) return `${digits.padEnd(exponent, '0')}.0`;
    return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
  }
  if (exponent <= 0 && exponent > -3) return `0.${'0'.repeat(-exponent)}${digits}`;
  return `${digits[0]}.${digits.length > 1 ? digits.slice(1) : '0'}E${exponent - 1}`;
}

function doubleDigits(value: number): Digits {
  buffer.setFloat64(0, value);
  const bits = buffer.getBigUint64(0);
  let fraction = bits & 0xfffffffffffffn;
  let exponent = Number(bits >> 52n);
  let significant = 53;
  if (exponent === 0) {
    significant = bitLength(fraction);
    fraction <<= BigInt(53 - significant);
    exponent = 1 - (53 - significant);
  } else fraction |= 1n << 52n;
  return generateDigits(exponent - 1023, fraction, significant);
}

function floatDigits(value: number): Digits {
  buffer.setFloat32(0, value);
  const bits = buffer.getUint32(0);
  let fraction = BigInt(bits & 0x7fffff);
  let exponent = bits >>> 23;
  let significant = 24;
  if (exponent === 0) {
    significant = bitLength(fraction);
    fraction <<= BigInt(24 - significant);
    exponent = 1 - (24 - significant);
  } else fraction |= 1n << 23n;
  return generateDigits(exponent - 127, fraction << 29n, significant);
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

/** value = fraction × 2^(exponent − 52), fraction with bit 52 set; `significant` bits of it came from the input. */
function generateDigits(exponent: number, fraction: bigint, significant: number): Digits {
  let tail = 0;
  while (((fraction >> BigInt(tail)) & 1n) === 0n) tail++;
  const bits = 53 - tail;
  const tiny = Math.max(0, bits - exponent - 1);
  if (tiny === 0 && exponent <= 62 && exponent >= -21) return integerDigits(exponent, fraction, significant);

  let decimal = estimateExponent(fraction, exponent);
  const fives = Math.max(0, -decimal);
  const scaleFives = Math.max(0, decimal);
  let valueTwos = fives + tiny + exponent;
  let scaleTwos = scaleFives + tiny;
  let marginTwos = valueTwos - significant;
  valueTwos -= bits - 1;
  const common = Math.min(valueTwos, scaleTwos);
  valueTwos -= common;
  scaleTwos -= common;
  marginTwos -= common;
  if (bits === 1) marginTwos -= 1;
  if (marginTwos < 0) {
    valueTwos -= marginTwos;
    scaleTwos -= marginTwos;
    marginTwos = 0;
  }
  let value = ((fraction >> BigInt(tail)) * 5n ** BigInt(fives)) << BigInt(valueTwos);
  const scale = (5n ** BigInt(scaleFives)) << BigInt(scaleTwos);
  let margin = (5n ** BigInt(fives)) << BigInt(marginTwos);
  const tens = scale * 10n;
  // Java computes in int or long where these bounds allow; there the upper bound is exclusive and sums overflow.
  const widest = Math.max(bits + valueTwos + fivesBits(fives), scaleTwos + 1 + fivesBits(scaleFives + 1));
  const width = widest < 32 ? 32 : widest < 64 ? 64 : 0;
  const wrap = (n: bigint) => (width === 0 ? n : BigInt.asIntN(width, n));

  let digits = '';
  let low = false;
  let high = false;
  const step = (): bigint => {
    const quotient = value / scale;
    value = wrap(10n * (value % scale));
    margin = wrap(margin * 10n);
    low = margin <= 0n || value < margin;
    high = margin <= 0n || (width === 0 ? value + margin >= tens : wrap(value + margin) > tens);
    return quotient;
  };
  const first = step();
  if (first === 0n && !high) decimal -= 1;
  else digits += first;
  // The text has at least one digit after the point, so the exponent form goes on after its first.
  if (decimal < -3 || decimal >= 8) {
    low = false;
    high = false;
  }
  while (!low && !high) digits += step();
  const tie = wrap(value * 2n - tens);
  const up = high && (!low || tie > 0n || (tie === 0n && Number(digits[digits.length - 1]) % 2 === 1));
  return up ? roundUp(digits, decimal + 1) : { digits, exponent: decimal + 1 };
}

function fivesBits(n: number): number {
  return n < 27 ? Math.floor(n * 2.321928094887362) + 1 - (n === 0 ? 1 : 0) : n * 3;
}

function integerDigits(exponent: number, fraction: bigint, significant: number): Digits {
  let value = exponent >= 52 ? fraction << BigInt(exponent - 52) : fraction >> BigInt(52 - exponent);
  const lost = exponent > significant ? exponent - significant - 1 : 0;
  const insignificant = lost > 1 ? Math.floor(lost * Math.LOG10E * Math.LN2) : 0;
  let shift = 0;
  if (insignificant > 0) {
    const power = 10n ** BigInt(insignificant);
    const rest = value % power;
    value /= power;
    shift = insignificant;
    if (rest >= power >> 1n) value += 1n;
  }
  const text = value.toString();
  return { digits: text.replace(/0+$/, ''), exponent: text.length + shift };
}

function estimateExponent(fraction: bigint, exponent: number): number {
  const mantissa = Number(fraction) / 2 ** 52;
  return Math.floor((mantissa - 1.5) * 0.289529654 + 0.176091259 + exponent * 0.301029995663981);
}

function roundUp(digits: string, exponent: number): Digits {
  let i = digits.length - 1;
  while (i >= 0 && digits[i] === '9') i--;
  // Java leaves the trailing zeros of a carry in place.
  const zeros = '0'.repeat(digits.length - 1 - i);
  if (i < 0) return { digits: `1${zeros.slice(1)}`, exponent: exponent + 1 };
  return { digits: digits.slice(0, i) + (Number(digits[i]) + 1) + zeros, exponent };
}

const DOUBLE = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/;
const HEX_DOUBLE = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)[fFdD]?$/;

/** Double.parseDouble, blanks (≤ U+0020) around allowed; undefined where Java throws. */
export function parseDouble(text: string): number | undefined {
  const trimmed = trimControl(text);
  if (DOUBLE.test(trimmed)) {
    return Number(/[fFdD]$/.test(trimmed) ? trimmed.slice(0, -1) : trimmed);
  }
  const hex = HEX_DOUBLE.exec(trimmed);
  if (hex === null || hex[2]! + hex[3]! === '') return undefined;
  const value = Number(BigInt(`0x${hex[2]}${hex[3]}`)) * 2 ** (Number(hex[4]) - 4 * hex[3]!.length);
  return hex[1] === '-' ? -value : value;
}

/** Float.parseFloat; a text within 2^-53 of a tie between two floats may round the other way than Java. */
export function parseFloat32(text: string): number | undefined {
  const value = parseDouble(text);
  if (value === undefined) return undefined;
  return Math.fround(value);
}

/** String.trim of Java: everything up to U+0020 at both ends. */
export function trimControl(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start++;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}
