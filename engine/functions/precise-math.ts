/**
 * exp, log, log10 and power with the nearest double as answer, as the Java virtual machine has them: JavaScript's are off
 * by one in the last digit for a part of all values. Computed with pairs of doubles, `high + low`, of about 100 bits.
 */
type Pair = readonly [high: number, low: number];

const LN2_BY_32: Pair = [0.02166084939249829, 7.247021293269686e-19];
const ONE_SIXTH: Pair = [0.16666666666666666, 9.25185853854297e-18];
const ONE_BY_LN10: Pair = [0.4342944819032518, 1.098319650216765e-17];
/** 2^27 + 1, which splits a double into two halves. */
const SPLITTER = 134217729;

function sum(a: number, b: number): Pair {
  const s = a + b;
  const t = s - a;
  return [s, a - (s - t) + (b - t)];
}

function product(a: number, b: number): Pair {
  const p = a * b;
  const ta = SPLITTER * a;
  const tb = SPLITTER * b;
  const ah = ta - (ta - a);
  const bh = tb - (tb - b);
  const al = a - ah;
  const bl = b - bh;
  return [p, ah * bh - p + ah * bl + al * bh + al * bl];
}

function add(a: Pair, b: Pair): Pair {
  const [s, e] = sum(a[0], b[0]);
  const [t, f] = sum(a[1], b[1]);
  const [high, low] = sum(s, e + t);
  return sum(high, low + f);
}

function multiply(a: Pair, b: Pair): Pair {
  const [p, e] = product(a[0], b[0]);
  return sum(p, e + (a[0] * b[1] + a[1] * b[0]));
}

/** 2 to the power i / 32. */
const POWERS: readonly Pair[] = powersOf([1.0218971486541166, 5.109225028973444e-17], 32);

function powersOf(root: Pair, count: number): Pair[] {
  const pairs: Pair[] = [[1, 0]];
  while (pairs.length < count) pairs.push(multiply(pairs[pairs.length - 1]!, root));
  return pairs;
}

/** exp of a pair whose value is between -700 and 700: 2^(k / 32) × exp(r), with |r| below 0.011. */
function expOf(x: Pair): Pair {
  const k = Math.round(x[0] / LN2_BY_32[0]);
  const [kh, kl] = multiply([k, 0], LN2_BY_32);
  const r = add(x, [-kh, -kl]);
  // 1 + r + r²/2 + r³/6 as pairs; of what follows a double has digits enough.
  const [h] = r;
  const tail = h * h * h * h * (1 / 24 + h * (1 / 120 + h * (1 / 720 + h * (1 / 5040 + h / 40320))));
  const cubic = add([0.5, 0], multiply(r, ONE_SIXTH));
  const rest = add(add(r, multiply(multiply(r, r), cubic)), [tail, 0]);
  const power = POWERS[k & 31]!;
  const [high, low] = add(power, multiply(power, rest));
  const scale = 2 ** ((k - (k & 31)) / 32);
  return [high * scale, low * scale];
}

/** log of a positive double between 1e-280 and 1e280, by one step of Newton from JavaScript's. */
function logOf(x: number): Pair {
  const near = Math.log(x);
  const [ratio, low] = multiply(expOf([-near, 0]), [x, 0]);
  const m = ratio - 1 + low;
  return add([near, 0], [m, (-m * m) / 2]);
}

function isOrdinary(x: number): boolean {
  return x > 1e-280 && x < 1e280;
}

/** e to the power x. */
export function exp(x: number): number {
  if (!(Math.abs(x) < 700) || x === 0) return Math.exp(x);
  const [high, low] = expOf([x, 0]);
  return high + low;
}

/** The natural logarithm. */
export function log(x: number): number {
  if (!isOrdinary(x) || x === 1) return Math.log(x);
  const [high, low] = logOf(x);
  return high + low;
}

/** The logarithm in base 10. */
export function log10(x: number): number {
  if (!isOrdinary(x) || x === 1) return Math.log10(x);
  const [high, low] = multiply(logOf(x), ONE_BY_LN10);
  return high + low;
}

/** a to the power b; NaN for 1 to a NaN or infinite power, as in Java. */
export function power(a: number, b: number): number {
  if (Math.abs(a) === 1 && !Number.isFinite(b)) return Number.NaN;
  const rough = a ** b;
  const size = Math.abs(a);
  if (!isOrdinary(size) || !isOrdinary(Math.abs(rough)) || b === 0 || size === 1) return rough;
  const [high, low] = expOf(multiply(logOf(size), [b, 0]));
  return rough < 0 ? -(high + low) : high + low;
}
