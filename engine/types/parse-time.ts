import { daysInMonth, daysOf } from './calendar.ts';
import { timestampUnit } from './data-type.ts';
import { EvaluationError } from './evaluation-error.ts';

const INTEGER = /^[+-]?\d+$/;

function integer(text: string): number | undefined {
  const trimmed = text.trim();
  return INTEGER.test(trimmed) ? Number(trimmed) : undefined;
}

/**
 * Text to DATE as Flink reads it: `yyyy[-M[-d]]`, anything after a blank is dropped, years 0 to 9999; undefined where
 * it is none.
 */
export function parseDate(text: string): number | undefined {
  const blank = text.indexOf(' ');
  const parts = (blank > 0 ? text.slice(0, blank) : text).split('-');
  if (parts.length > 3) return undefined;
  const [year, month, day] = parts.map((part) => (/^ *\d+ *$/.test(part) ? Number(part) : -1));
  const y = year!;
  const m = month ?? 1;
  const d = day ?? 1;
  if (y < 0 || y > 9999 || m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m)) return undefined;
  return daysOf(y, m, d);
}

/** Text to TIME (milliseconds of the day): `H[:m[:s[.f]]]` and an offset, which is added; undefined where it is none. */
export function parseTime(text: string): number | undefined {
  const sign = /[+-]/.exec(text);
  const end = sign === null ? text.length : sign.index;
  const parts = text.slice(0, end).split(':');
  if (parts.length > 3) return undefined;
  let [hour, minute] = [integer(parts[0]!), parts[1] === undefined ? 0 : integer(parts[1])];
  let second: number | undefined = 0;
  let milli = 0;
  if (parts[2] !== undefined) {
    const point = parts[2].indexOf('.');
    second = integer(point < 0 ? parts[2] : parts[2].slice(0, point));
    if (point >= 0) milli = parseMillis(parts[2].slice(point + 1).trim());
  }
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (sign !== null) {
    const [offsetHour, offsetMinute] = text
      .slice(end + 1)
      .split(':')
      .map(integer);
    if (offsetHour === undefined) return undefined;
    const direction = sign[0] === '-' ? -1 : 1;
    hour += direction * offsetHour;
    minute += direction * (offsetMinute ?? 0);
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1000 + milli;
}

/** Three digits of a fraction, the fourth rounds. */
function parseMillis(text: string): number {
  const digit = (i: number) => (text[i] !== undefined && text[i]! >= '0' && text[i]! <= '9' ? Number(text[i]) : 0);
  return digit(0) * 100 + digit(1) * 10 + digit(2) + (digit(3) >= 5 ? 1 : 0);
}

const TIMESTAMP = /^([+-]?)(\d{4,19})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?)?$/;

/**
 * Text to a local timestamp with `precision` digits (further ones are cut): `yyyy-M-d[ H:m:s[.f]]`, the day cut to the
 * length of its month, 24:00:00 is the next day. Throws `EvaluationError`.
 */
export function parseTimestamp(text: string, precision: number): bigint {
  const match = TIMESTAMP.exec(text);
  const fail = (): never => {
    throw new EvaluationError(`'${text}' is no timestamp, expected 'yyyy-MM-dd HH:mm:ss[.fraction]'`);
  };
  if (match === null) return fail();
  const [, sign, yearText, monthText, dayText, hourText = '0', minuteText = '0', secondText = '0', fraction = ''] =
    match;
  // More than four digits need a sign, four must not have one.
  if (sign === '-' || (sign === '+') !== yearText!.length > 4) return fail();
  const year = Number(yearText);
  const month = Number(monthText);
  const day = Number(dayText);
  const hour = Number(hourText);
  const minute = Number(minuteText);
  const second = Number(secondText);
  const nanos = fraction.padEnd(9, '0');
  if (year < 1 || year > 999999999 || month < 1 || month > 12 || day < 1 || day > 31) return fail();
  const midnight = hour === 24 && minute === 0 && second === 0 && nanos === '000000000';
  if ((hour > 23 && !midnight) || minute > 59 || second > 59) return fail();
  const days = daysOf(year, month, Math.min(day, daysInMonth(year, month)));
  const seconds = BigInt(days) * 86400n + BigInt((hour * 60 + minute) * 60 + second);
  const unit = timestampUnit(precision);
  const kept = nanos.slice(0, precision).padEnd(unit === 1_000_000n ? 6 : 9, '0');
  return seconds * unit + BigInt(kept);
}
