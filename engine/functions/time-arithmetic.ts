import { addMonths, floorDiv, floorMod, MILLIS_PER_DAY } from '../types/calendar.ts';
import { isDatetime, isInteger } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { timestampUnit, type, typeText, withNullable } from '../types/data-type.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { addMonthsToTimestamp } from './interval-arithmetic.ts';
import { anyNullable, untypedNull, wrongType } from './signature.ts';
import { MILLIS, MONTHS } from './time-units.ts';

const DAY = BigInt(MILLIS_PER_DAY);
const NANOS_PER_DAY = DAY * 1_000_000n;

function unknownUnit(name: string, unit: string): Mismatch {
  const known = [...Object.keys(MILLIS), ...Object.keys(MONTHS)].join(', ');
  return { mismatch: `${name} knows no unit ${unit}`, argument: 0, help: `the units are ${known}` };
}

function resolveAdd(args: readonly Argument[]): ResolvedCall | Mismatch {
  const [{ symbol }, count, time] = args as [Argument, Argument, Argument];
  const unit = symbol!;
  const months = MONTHS[unit];
  const millis = MILLIS[unit];
  if (months === undefined && millis === undefined) return unknownUnit('TIMESTAMPADD', unit);
  for (const i of [1, 2]) if (args[i]!.type.kind === 'NULL') return untypedNull(i);
  if (!isInteger(count.type)) return wrongType('TIMESTAMPADD', 'an integer', count, 1);
  if (!isDatetime(time.type)) return wrongType('TIMESTAMPADD', 'a date or time', time, 2);
  const t = sumType(time.type, unit);
  if (t === undefined) return { mismatch: `TIMESTAMPADD adds no ${unit} to a DATE`, argument: 0 };
  // A DATE that becomes a TIMESTAMP is cast first.
  const from = withNullable(t, time.type.nullable);
  return {
    type: withNullable(t, anyNullable([count, time])),
    parameters: [type.null(), type.bigint(count.type.nullable), from],
    nulls: 'strict',
    evaluate: adder(t, months, millis),
  };
}

function sumType(t: DataType, unit: string): DataType | undefined {
  const clock = unit in MILLIS && unit !== 'DAY' && unit !== 'WEEK';
  if (t.kind === 'DATE' && clock) return unit === 'MILLISECOND' ? undefined : type.timestamp(6);
  if ((t.kind === 'TIMESTAMP' || t.kind === 'TIMESTAMP_LTZ') && unit === 'MILLISECOND') {
    return { ...t, precision: Math.max(t.precision, 3) };
  }
  return t;
}

/** The product as an INT, which wraps around. */
function wrapped(n: bigint, months: number): number {
  return Number(BigInt.asIntN(32, n * BigInt(months)));
}

function adder(t: DataType, months: number | undefined, millis: number | undefined): ResolvedCall['evaluate'] {
  switch (t.kind) {
    case 'DATE':
      return months === undefined
        ? (_: unknown, n: bigint, days: number) => (days + Number((n * BigInt(millis!)) / DAY)) | 0
        : (_: unknown, n: bigint, days: number) => addMonths(days, wrapped(n, months));
    case 'TIME':
      return months === undefined
        ? (_: unknown, n: bigint, value: number) => Number(floorMod(BigInt(value) + n * BigInt(millis!), DAY))
        : (_: unknown, _n: bigint, value: number) => value;
    default: {
      const unit = timestampUnit((t as { precision: number }).precision);
      if (months !== undefined) {
        return (_: unknown, n: bigint, value: bigint) => addMonthsToTimestamp(value, wrapped(n, months), unit);
      }
      const step = (BigInt(millis!) * unit) / 1000n;
      return (_: unknown, n: bigint, value: bigint) => BigInt.asIntN(64, value + n * step);
    }
  }
}

function resolveDifference(args: readonly Argument[]): ResolvedCall | Mismatch {
  const [{ symbol }, from, to] = args as [Argument, Argument, Argument];
  const unit = symbol!;
  const nanos = { MICROSECOND: 1000n, NANOSECOND: 1_000_000n }[unit];
  const months = MONTHS[unit];
  const millis = MILLIS[unit];
  if (nanos === undefined && months === undefined && millis === undefined) return unknownUnit('TIMESTAMPDIFF', unit);
  for (const [i, argument] of args.entries()) {
    if (i === 0) continue;
    if (argument.type.kind === 'NULL') return untypedNull(i);
    if (!isDatetime(argument.type) || argument.type.kind === 'TIME') {
      return wrongType('TIMESTAMPDIFF', 'a date or timestamp', argument, i);
    }
  }
  if ((from.type.kind === 'TIMESTAMP_LTZ') !== (to.type.kind === 'TIMESTAMP_LTZ')) {
    const found = `${typeText(from.type, false)} and ${typeText(to.type, false)}`;
    return { mismatch: `TIMESTAMPDIFF takes TIMESTAMP_LTZ only with its like, found ${found}`, argument: 2 };
  }
  const start = millisOf(from.type);
  const end = millisOf(to.type);
  const difference =
    months === undefined
      ? (a: bigint, b: bigint) => (nanos === undefined ? (b - a) / BigInt(millis!) : (b - a) * nanos)
      : (a: bigint, b: bigint) => BigInt(Math.trunc(monthsBetween(a, b) / months));
  const wide = unit === 'NANOSECOND';
  return {
    type: wide ? type.bigint(anyNullable(args.slice(1))) : type.int(anyNullable(args.slice(1))),
    parameters: [type.null(), from.type, to.type],
    nulls: 'strict',
    evaluate: (_: unknown, a: never, b: never): Scalar => {
      const value = difference(start(a), end(b));
      return wide ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value));
    },
  };
}

/** Whole milliseconds since 1970 of a date or timestamp. */
function millisOf(t: DataType): (value: never) => bigint {
  if (t.kind === 'DATE') return (days: number) => BigInt(days) * DAY;
  const milli = timestampUnit((t as { precision: number }).precision) / 1000n;
  return (value: bigint) => floorDiv(value, milli);
}

/** Whole months from a to b, both in milliseconds; the end of a month counts as the same day of a longer one. */
function monthsBetween(a: bigint, b: bigint): number {
  const from = Number(floorDiv(a, DAY));
  const to = Number(floorDiv(b, DAY));
  const months = to < from ? -monthsBetweenDays(to, from) : monthsBetweenDays(from, to);
  return addMonths(from, months) === to && floorMod(b, DAY) < floorMod(a, DAY) ? months - 1 : months;
}

function monthsBetweenDays(from: number, to: number): number {
  let months = Math.trunc((to - from) / 31);
  while (addMonths(from, months) < to && addMonths(from, months + 1) <= to) months++;
  return months;
}

/** (a - b) unit: an interval of months or milliseconds. */
function resolveDatetimeDifference(args: readonly Argument[]): ResolvedCall | Mismatch {
  const [{ symbol }, end, start] = args as [Argument, Argument, Argument];
  for (const i of [1, 2]) {
    const argument = args[i]!;
    if (argument.type.kind === 'NULL') return untypedNull(i);
    if (!isDatetime(argument.type) || argument.type.kind === 'TIME')
      return wrongType("'-'", 'a date or timestamp', argument, i);
  }
  if (end.type.kind !== start.type.kind) return wrongType("'-'", `${typeText(end.type, false)} here too`, start, 2);
  const from = millisOf(start.type);
  const to = millisOf(end.type);
  const calendar = symbol! in MONTHS;
  const nullable = anyNullable([end, start]);
  return {
    type: calendar ? type.intervalMonths('MONTH', nullable) : type.intervalMillis('SECOND(3)', nullable),
    parameters: [type.null(), end.type, start.type],
    nulls: 'strict',
    evaluate: (_: unknown, a: never, b: never) => (calendar ? monthsBetween(from(b), to(a)) : to(a) - from(b)),
  };
}

/** Each pair is a start and an end, or a start and a length. */
function resolveOverlaps(args: readonly Argument[]): ResolvedCall | Mismatch {
  for (const [i, argument] of args.entries()) {
    const t = argument.type;
    if (t.kind === 'NULL') return untypedNull(i);
    const start = args[i - (i % 2)]!.type;
    const fits = isDatetime(t) ? t.kind === start.kind : i % 2 === 1 && t.kind.startsWith('INTERVAL');
    if (!fits) return wrongType('OVERLAPS', i % 2 === 0 ? 'a date or time' : 'an end like its start', argument, i);
  }
  if (args[0]!.type.kind !== args[2]!.type.kind)
    return wrongType('OVERLAPS', typeText(args[0]!.type, false), args[2]!, 2);
  const points = args.map(({ type: t }) => (t.kind === 'DATE' ? days : t.kind === 'TIME' ? plain : instant(t)));
  // A time of day goes on after midnight.
  const clock = args[0]!.type.kind === 'TIME';
  const period = (i: number, start: never, end: never): [bigint, bigint] => {
    const from = points[i]!(start);
    const t = args[i + 1]!.type;
    const moved = (millis: bigint) =>
      clock ? floorMod(from + millis * 1_000_000n, NANOS_PER_DAY) : from + millis * 1_000_000n;
    const to =
      t.kind === 'INTERVAL_DAY_TIME'
        ? moved(end)
        : t.kind === 'INTERVAL_YEAR_MONTH'
          ? addMonthsToTimestamp(from, end, 1_000_000_000n)
          : points[i + 1]!(end);
    return from <= to ? [from, to] : [to, from];
  };
  return {
    type: type.boolean(anyNullable(args)),
    parameters: args.map((argument) => argument.type),
    nulls: 'strict',
    evaluate: (a: never, b: never, c: never, d: never) => {
      const [start, end] = period(0, a, b);
      const [otherStart, otherEnd] = period(2, c, d);
      return end >= otherStart && otherEnd >= start;
    },
  };
}

/** Nanoseconds since 1970 or midnight. */
const days = (value: never) => BigInt(value) * DAY * 1_000_000n;
const plain = (value: never) => BigInt(value) * 1_000_000n;
const instant = (t: DataType) => {
  const factor = 1_000_000_000n / timestampUnit((t as { precision?: number }).precision ?? 6);
  return (value: never) => BigInt(value) * factor;
};

export const timeArithmetic: readonly ScalarFunction[] = [
  defineFunction({
    name: 'TIMESTAMPADD',
    family: 'temporal',
    doc: 'A date or time moved by a number of units.',
    syntax: ['TIMESTAMPADD(unit, n, t)'],
    examples: [
      { sql: "TIMESTAMPADD(MONTH, 1, DATE '2024-01-31')", value: '2024-02-29' },
      { sql: "TIMESTAMPADD(HOUR, 5, TIMESTAMP '2024-02-28 22:30:00')", value: '2024-02-29 03:30:00' },
    ],
    resolve: resolveAdd,
  }),
  defineFunction({
    name: 'TIMESTAMPDIFF',
    family: 'temporal',
    doc: 'The number of whole units from one date or timestamp to another, as INT, which wraps around.',
    syntax: ['TIMESTAMPDIFF(unit, from, to)'],
    examples: [{ sql: "TIMESTAMPDIFF(DAY, DATE '2024-01-01', DATE '2024-02-01')", value: '31' }],
    resolve: resolveDifference,
  }),
  defineFunction({
    name: 'DATETIME DIFFERENCE',
    family: 'temporal',
    doc: 'The interval from one date or timestamp to another.',
    syntax: ['(to - from) unit'],
    examples: [{ sql: "(DATE '2024-01-01' - DATE '2023-02-03') DAY", value: '+332 00:00:00.000' }],
    callable: false,
    resolve: resolveDatetimeDifference,
  }),
  defineFunction({
    name: 'OVERLAPS',
    family: 'temporal',
    doc: 'TRUE if two periods have an instant in common; each is a start and an end, or a start and a length.',
    syntax: ['(start, end) OVERLAPS (start, end)'],
    examples: [
      {
        sql: "(DATE '2024-01-01', DATE '2024-02-01') OVERLAPS (DATE '2024-02-01', DATE '2024-03-01')",
        value: 'TRUE',
      },
    ],
    callable: false,
    resolve: resolveOverlaps,
  }),
];
