import { daysInMonth, daysOf } from '../../../engine/types/calendar.ts';

/**
 * Texts of dates and times as Flink's formats read them, i.e. as java.time's formatters do:
 *
 *   DATE                 yyyy-MM-dd, a real day
 *   TIME                 HH:mm:ss[.fraction]
 *   TIMESTAMP, SQL       yyyy-MM-dd HH:mm:ss[.fraction]; day 30 or 31 means the month's last, 24:00:00 the next day
 *   TIMESTAMP, ISO-8601  yyyy-MM-ddTHH:mm[:ss[.fraction]], a real day and hour
 *   TIMESTAMP_LTZ        the same with a 'Z' at the end, both forgiving as SQL
 *
 * A year has four digits, or a sign and up to ten. A fraction has at most nine digits and may be empty after its point.
 */
export type TimestampStandard = 'SQL' | 'ISO-8601' | 'ISO-8601-WITH-OFFSET';

const DATE = String.raw`([+-]?)(\d{4,10})-(\d\d)-(\d\d)`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)(?:\.(\d{0,9}))?`;
const ISO_TIME = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?`;
const OFFSET = String.raw`(?:[zZ]|([+-])(\d\d):(\d\d)(?::(\d\d))?)`;

const patterns = {
  date: new RegExp(`^${DATE}$`),
  time: new RegExp(`^${TIME}$`),
  SQL: { local: new RegExp(`^${DATE} ${TIME}$`), instant: new RegExp(`^${DATE} ${TIME}Z$`) },
  'ISO-8601': { local: new RegExp(`^${DATE}[tT]${ISO_TIME}$`), instant: new RegExp(`^${DATE}T${ISO_TIME}Z$`) },
  'ISO-8601-WITH-OFFSET': {
    local: new RegExp(`^${DATE}[tT]${ISO_TIME}(?:${OFFSET})?$`),
    instant: new RegExp(`^${DATE}[tT]${ISO_TIME}(?:${OFFSET})?$`),
  },
} as const;

/** Days since 1970-01-01 of a DATE; undefined where the text is none. */
export function parseDate(text: string): number | undefined {
  const match = patterns.date.exec(text);
  return match === null ? undefined : dayOf(match, 1, true);
}

/** Milliseconds of the day of a TIME, cut to seconds as Flink does; undefined where the text is none. */
export function parseTime(text: string): number | undefined {
  const match = patterns.time.exec(text);
  const nanos = match === null ? undefined : nanosOf(match, 1, false);
  return nanos === undefined ? undefined : (Math.floor(nanos / 1e9) * 1000) % 86_400_000;
}

/** Nanoseconds since 1970-01-01 00:00:00 of a TIMESTAMP (`instant`: TIMESTAMP_LTZ); undefined where the text is none. */
export function parseTimestamp(text: string, standard: TimestampStandard, instant: boolean): bigint | undefined {
  const match = patterns[standard][instant ? 'instant' : 'local'].exec(text);
  if (match === null) return undefined;
  const strict = standard === 'ISO-8601-WITH-OFFSET' || (standard === 'ISO-8601' && !instant);
  const day = dayOf(match, 1, strict);
  const nanos = nanosOf(match, 5, strict);
  if (day === undefined || nanos === undefined) return undefined;
  const local = BigInt(day) * 86_400_000_000_000n + BigInt(nanos);
  const hours = match[10];
  if (hours === undefined) return local;
  const seconds = Number(hours) * 3600 + Number(match[11]) * 60 + Number(match[12] ?? 0);
  if (Number(match[11]) > 59 || Number(match[12] ?? 0) > 59 || seconds > 64800) return undefined;
  return local - BigInt(match[9] === '-' ? -seconds : seconds) * 1_000_000_000n;
}

function dayOf(match: RegExpExecArray, at: number, strict: boolean): number | undefined {
  const sign = match[at]!;
  const digits = match[at + 1]!;
  if (sign === '+' ? digits.length <= 4 : sign === '' && digits.length > 4) return undefined;
  const year = sign === '-' ? -Number(digits) : Number(digits);
  if (Math.abs(year) > 999_999_999 || (sign === '-' && year === 0)) return undefined;
  const month = Number(match[at + 2]);
  const day = Number(match[at + 3]);
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const last = daysInMonth(year, month);
  if (day > last && strict) return undefined;
  return daysOf(year, month, Math.min(day, last));
}

function nanosOf(match: RegExpExecArray, at: number, strict: boolean): number | undefined {
  const hour = Number(match[at]);
  const minute = Number(match[at + 1]);
  const second = Number(match[at + 2] ?? 0);
  const nano = Number((match[at + 3] ?? '').padEnd(9, '0'));
  const midnight = hour === 24 && minute === 0 && second === 0 && nano === 0 && !strict;
  if ((hour > 23 && !midnight) || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1e9 + nano;
}
