import { addMonths, floorDiv, floorMod, MILLIS_PER_DAY } from '../types/calendar.ts';
import { isDatetime, isInteger, isInterval } from '../types/coerce.ts';
import type { DataType } from '../types/data-type.ts';
import { timestampUnit, type, withNullable } from '../types/data-type.ts';
import type { Argument, ResolvedCall } from './define.ts';
import { anyNullable } from './signature.ts';

const DAY = BigInt(MILLIS_PER_DAY);

/** A local timestamp moved by months, its time of day kept. */
export function addMonthsToTimestamp(value: bigint, months: number, unit: bigint): bigint {
  const day = unit * 86400n;
  const days = Number(floorDiv(value, day));
  return BigInt(addMonths(days, months)) * day + floorMod(value, day);
}

/** + and − of dates, times, timestamps and intervals; undefined where they have none. */
export function intervalArithmetic(sign: '+' | '-', a: Argument, b: Argument, args: readonly Argument[]) {
  if (isInterval(a.type) && a.type.kind === b.type.kind) return intervals(sign, a.type, args);
  if (isDatetime(a.type) && isInterval(b.type)) return moved(sign, a.type, b.type, args, false);
  // With the interval first Flink has no sum for TIMESTAMP_LTZ.
  if (sign === '+' && isInterval(a.type) && isDatetime(b.type) && b.type.kind !== 'TIMESTAMP_LTZ')
    return moved(sign, b.type, a.type, args, true);
  return undefined;
}

function intervals(sign: '+' | '-', t: DataType, args: readonly Argument[]): ResolvedCall {
  const call = {
    type: withNullable(t, anyNullable(args)),
    parameters: args.map((x) => x.type),
    nulls: 'strict' as const,
  };
  if (t.kind === 'INTERVAL_YEAR_MONTH') {
    return {
      ...call,
      evaluate: sign === '+' ? (x: number, y: number) => (x + y) | 0 : (x: number, y: number) => (x - y) | 0,
      code: ([x, y]) => `(${x} ${sign} ${y} | 0)`,
    };
  }
  return {
    ...call,
    evaluate: (x: bigint, y: bigint) => BigInt.asIntN(64, sign === '+' ? x + y : x - y),
    code: ([x, y]) => `BigInt.asIntN(64, ${x} ${sign} ${y})`,
  };
}

function moved(
  sign: '+' | '-',
  time: DataType,
  interval: DataType,
  args: readonly Argument[],
  swapped: boolean,
): ResolvedCall {
  const { evaluate, code } = move(sign === '+' ? 1 : -1, time, interval);
  const call = {
    type: withNullable(time, anyNullable(args)),
    parameters: args.map((x) => x.type),
    nulls: 'strict' as const,
    evaluate: (swapped ? (x: never, y: never) => evaluate(y, x) : evaluate) as ResolvedCall['evaluate'],
  };
  if (code === undefined) return call;
  return { ...call, code: ([x, y], bind) => (swapped ? code(y!, x!, bind) : code(x!, y!, bind)) };
}

interface Move {
  readonly evaluate: (time: never, interval: never) => number | bigint;
  readonly code?: (time: string, interval: string, bind: (value: unknown) => string) => string;
}

function move(direction: 1 | -1, time: DataType, interval: DataType): Move {
  const sign = direction === 1 ? '+' : '-';
  const factor = BigInt(direction);
  if (time.kind === 'TIMESTAMP' || time.kind === 'TIMESTAMP_LTZ') {
    const unit = timestampUnit(time.precision);
    const milli = unit / 1000n;
    // Below milliseconds Flink keeps the digits of the type: TIMESTAMP(0) stays without a fraction.
    if (interval.kind === 'INTERVAL_YEAR_MONTH') {
      return { evaluate: (v: bigint, n: number) => addMonthsToTimestamp(v, direction * n, unit) };
    }
    return {
      evaluate: (v: bigint, n: bigint) => BigInt.asIntN(64, v + factor * n * milli),
      code: (v, n) => `BigInt.asIntN(64, ${v} ${sign} ${n} * ${milli}n)`,
    };
  }
  if (interval.kind === 'INTERVAL_YEAR_MONTH') {
    return {
      evaluate: time.kind === 'DATE' ? (v: number, n: number) => addMonths(v, direction * n) : (v: number) => v,
    };
  }
  if (time.kind === 'DATE') return { evaluate: (v: number, n: bigint) => (v + direction * Number(n / DAY)) | 0 };
  return { evaluate: (v: number, n: bigint) => Number(floorMod(BigInt(v) + factor * n, DAY)) };
}

/** interval × integer, in either order; undefined for other types. */
export function intervalProduct(a: Argument, b: Argument): ResolvedCall | undefined {
  const swapped = isInterval(b.type) && isInteger(a.type);
  if (!swapped && !(isInterval(a.type) && isInteger(b.type))) return undefined;
  const t = swapped ? b.type : a.type;
  const nullable = anyNullable([a, b]);
  const months = t.kind === 'INTERVAL_YEAR_MONTH';
  const factor = withNullable(months ? type.int() : type.bigint(), (swapped ? a : b).type.nullable);
  return {
    type: withNullable(t, nullable),
    parameters: swapped ? [factor, t] : [t, factor],
    nulls: 'strict',
    evaluate: months ? Math.imul : (x: bigint, y: bigint) => BigInt.asIntN(64, x * y),
    code: ([x, y]) => (months ? `Math.imul(${x}, ${y})` : `BigInt.asIntN(64, ${x} * ${y})`),
  };
}
