import { civilOf, dayOfYear, floorDiv, floorMod, isoDayOfWeek, isoWeek, MILLIS_PER_DAY } from '../types/calendar.ts';
import type { DataType } from '../types/data-type.ts';
import { timestampUnit, type, typeText, withNullable } from '../types/data-type.ts';
import { localOfInstant, timeZone } from '../types/time-zone.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction, Session } from './define.ts';
import { defineFunction } from './define.ts';
import { checkCount, untypedNull } from './signature.ts';

/** Fields of a date from its days since 1970. */
const DATE_FIELDS: Readonly<Record<string, (days: number) => number>> = {
  MILLENNIUM: (days) => Math.floor((civilOf(days).year + 999) / 1000),
  CENTURY: (days) => Math.floor((civilOf(days).year + 99) / 100),
  DECADE: (days) => Math.floor(civilOf(days).year / 10),
  YEAR: (days) => civilOf(days).year,
  ISOYEAR: (days) => isoWeek(days).year,
  QUARTER: (days) => Math.ceil(civilOf(days).month / 3),
  MONTH: (days) => civilOf(days).month,
  WEEK: (days) => isoWeek(days).week,
  DAY: (days) => civilOf(days).day,
  DOY: (days) => dayOfYear(civilOf(days)),
  DOW: (days) => (isoDayOfWeek(days) % 7) + 1,
  ISODOW: isoDayOfWeek,
};

/** Fields of a time from its milliseconds; of negative ones negative, as in Flink before 1970. */
const CLOCK_FIELDS: Readonly<Record<string, (millis: number) => number>> = {
  HOUR: (millis) => Math.trunc(millis / 3_600_000),
  MINUTE: (millis) => Math.trunc(millis / 60_000) % 60,
  SECOND: (millis) => Math.trunc(millis / 1000) % 60,
  MILLISECOND: (millis) => millis % 1000,
};

const MONTH_FIELDS: Readonly<Record<string, (months: number) => number>> = {
  YEAR: (months) => Math.trunc(months / 12),
  QUARTER: (months) => Math.trunc(((months % 12) - 1) / 3) + 1,
  MONTH: (months) => months % 12,
};

type Field = (value: never) => bigint;

/** The field of a unit, undefined where the type has none. */
function fieldOf(t: DataType, unit: string, session: Session): Field | undefined {
  const date = DATE_FIELDS[unit];
  const clock = CLOCK_FIELDS[unit];
  switch (t.kind) {
    case 'DATE':
      if (date !== undefined) return (days: number) => BigInt(date(days));
      if (unit === 'EPOCH') return (days: number) => BigInt(days) * 86400n;
      return clock && (() => 0n);
    case 'TIME':
      return clock && ((millis: number) => BigInt(clock(millis)));
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const second = timestampUnit(t.precision);
      const field = timestampField(unit, second / 1000n);
      const zone = timeZone(session.timeZone);
      if (t.kind === 'TIMESTAMP' || zone.utc || field === undefined) return field;
      return (value: bigint) => (field as (value: bigint) => bigint)(localOfInstant(zone, value, second));
    }
    case 'INTERVAL_YEAR_MONTH': {
      const months = MONTH_FIELDS[unit];
      return months && ((value: number) => BigInt(months(value)));
    }
    case 'INTERVAL_DAY_TIME':
      if (unit === 'DAY') return (millis: bigint) => millis / BigInt(MILLIS_PER_DAY);
      return clock && ((millis: bigint) => BigInt(clock(Number(millis % BigInt(MILLIS_PER_DAY)))));
    default:
      return undefined;
  }
}

/** Flink divides milliseconds toward zero, so that before 1970 a date is a day late and a time negative. */
function timestampField(unit: string, milli: bigint): ((value: bigint) => bigint) | undefined {
  const date = DATE_FIELDS[unit];
  const clock = CLOCK_FIELDS[unit];
  const day = BigInt(MILLIS_PER_DAY);
  if (date !== undefined) return (value) => BigInt(date(Number(floorDiv(value, milli) / day)));
  if (clock !== undefined) return (value) => BigInt(clock(Number(floorDiv(value, milli) % day)));
  switch (unit) {
    case 'EPOCH':
      return (value) => floorDiv(value, milli) / 1000n;
    case 'MICROSECOND':
      return (value) => (floorDiv(value, milli) % 1000n) * 1000n + (floorMod(value, milli) * 1000n) / milli;
    case 'NANOSECOND':
      return (value) => (floorDiv(value, milli) % 1000n) * 1_000_000n + (floorMod(value, milli) * 1_000_000n) / milli;
    default:
      return undefined;
  }
}

const UNITS = [...Object.keys(DATE_FIELDS), ...Object.keys(CLOCK_FIELDS), 'MICROSECOND', 'NANOSECOND', 'EPOCH'];

function resolveField(
  name: string,
  unit: string,
  argument: Argument,
  index: number,
  session: Session,
): Mismatch | { type: DataType; evaluate: Field } {
  const t = argument.type;
  if (t.kind === 'NULL') return untypedNull(index);
  const evaluate = fieldOf(t, unit, session);
  if (evaluate === undefined) {
    return { mismatch: `${name} has no field ${unit} of ${typeText(t, false)}`, argument: index };
  }
  return { type: withNullable(type.bigint(), t.nullable), evaluate };
}

function resolveExtract(args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  const [unit, time] = args as [Argument, Argument];
  const symbol = unit.symbol!;
  if (!UNITS.includes(symbol)) {
    return { mismatch: `'${symbol}' is no unit of time`, argument: 0, help: `the units are ${UNITS.join(', ')}` };
  }
  const field = resolveField('EXTRACT', symbol, time, 1, session);
  if ('mismatch' in field) return field;
  const evaluate = field.evaluate as (value: unknown) => bigint;
  return {
    type: field.type,
    parameters: [unit.type, time.type],
    nulls: 'strict',
    evaluate: (_unit: unknown, value: unknown) => evaluate(value),
  };
}

function shorthand(name: string, unit: string, doc: string, example: readonly [string, string]): ScalarFunction {
  return defineFunction({
    name,
    family: 'temporal',
    doc,
    syntax: [`${name}(t)`],
    examples: [{ sql: example[0], value: example[1] }],
    resolve: (args, session) => {
      const wrong = checkCount(name, args.length, 1);
      if (wrong) return wrong;
      const field = resolveField(name, unit, args[0]!, 0, session);
      return 'mismatch' in field ? field : { ...field, parameters: [args[0]!.type], nulls: 'strict' };
    },
  });
}

export const extractions: readonly ScalarFunction[] = [
  defineFunction({
    name: 'EXTRACT',
    family: 'temporal',
    doc: 'A field of a date, time, timestamp or interval.',
    syntax: ['EXTRACT(unit FROM t)'],
    examples: [
      { sql: "EXTRACT(DOW FROM TIMESTAMP '2024-02-29 13:45:50.678')", value: '5' },
      { sql: "EXTRACT(MONTH FROM INTERVAL '3-7' YEAR TO MONTH)", value: '7' },
    ],
    resolve: resolveExtract,
  }),
  shorthand('YEAR', 'YEAR', 'The year.', ["YEAR(DATE '2024-02-29')", '2024']),
  shorthand('QUARTER', 'QUARTER', 'The quarter, 1 to 4.', ["QUARTER(DATE '2024-02-29')", '1']),
  shorthand('MONTH', 'MONTH', 'The month, 1 to 12.', ["MONTH(DATE '2024-02-29')", '2']),
  shorthand('WEEK', 'WEEK', 'The ISO week, 1 to 53.', ["WEEK(DATE '2020-12-31')", '53']),
  shorthand('DAYOFYEAR', 'DOY', 'The day of the year, 1 to 366.', ["DAYOFYEAR(DATE '2024-12-31')", '366']),
  shorthand('DAYOFMONTH', 'DAY', 'The day of the month, 1 to 31.', ["DAYOFMONTH(DATE '2024-02-29')", '29']),
  shorthand('DAYOFWEEK', 'DOW', 'The day of the week, 1 (Sunday) to 7.', ["DAYOFWEEK(DATE '2024-03-03')", '1']),
  shorthand('HOUR', 'HOUR', 'The hour, 0 to 23.', ["HOUR(TIMESTAMP '2024-02-29 13:45:50')", '13']),
  shorthand('MINUTE', 'MINUTE', 'The minute, 0 to 59.', ["MINUTE(TIME '13:45:50')", '45']),
  shorthand('SECOND', 'SECOND', 'The second, 0 to 59.', ["SECOND(TIMESTAMP '2024-02-29 13:45:50.999')", '50']),
];
