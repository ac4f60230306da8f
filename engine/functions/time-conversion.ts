import { floorDiv } from '../types/calendar.ts';
import { isNumeric, isText } from '../types/coerce.ts';
import { timestampUnit, type } from '../types/data-type.ts';
import { powerOfTen } from '../types/decimal.ts';
import { parseDate, parseTimestamp } from '../types/parse-time.ts';
import { findTimeZone, localOfInstant, timeZone } from '../types/time-zone.ts';
import { formatTimestamp } from './date-formatter.ts';
import { parseByPattern } from './date-parser.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction, Session } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { bigint, type Parameter, signature, signatures, smallInteger, text, untypedNull } from './signature.ts';
import { formatSimple, parseSimple, simpleFormat } from './simple-date-format.ts';

const STANDARD = 'yyyy-MM-dd HH:mm:ss';
const UTC = timeZone('UTC');
const LEAST_LONG = -9223372036854775808n;

/** Years 0 to 9999, in milliseconds. */
const FIRST_MILLI = -62167219200000;
const LAST_MILLI = 253402300799999;

/** The local time of a text, microseconds; null where it is none. */
function localOf(value: string, pattern?: string): bigint | null {
  if (pattern !== undefined) {
    const millis = parseByPattern(value, pattern);
    return millis === undefined ? null : BigInt(millis) * 1000n;
  }
  try {
    return parseTimestamp(value, 3);
  } catch (error) {
    if (error instanceof EvaluationError) return null;
    throw error;
  }
}

/** Seconds (0) or milliseconds (3) since 1970 to microseconds; null outside of the years 0 to 9999. */
function instantOfNumber(value: number | bigint, precision: number): bigint | null {
  if (precision !== 0 && precision !== 3) {
    throw new EvaluationError(`TO_TIMESTAMP_LTZ takes precision 0 (seconds) or 3 (milliseconds), found ${precision}`);
  }
  if (typeof value === 'bigint') {
    const millis = precision === 0 ? value * 1000n : value;
    return millis < FIRST_MILLI || millis > LAST_MILLI ? null : millis * 1000n;
  }
  const millis = Math.trunc(precision === 0 ? value * 1000 : value);
  return millis >= FIRST_MILLI && millis <= LAST_MILLI ? BigInt(millis) * 1000n : null;
}

const count: Parameter = {
  expected: 'a number',
  accepts: isNumeric,
  as: (t) => (t.kind === 'FLOAT' || t.kind === 'DOUBLE' ? type.double() : t.kind === 'DECIMAL' ? t : type.bigint()),
};

function resolveFromNumber(args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  const t = args[0]!.type;
  if (args[1]?.type.kind === 'NULL') return untypedNull(1);
  const precision = args[1]?.literal;
  const fixed = args[1] === undefined ? 3 : typeof precision === 'number' ? precision : undefined;
  const call = signature('TO_TIMESTAMP_LTZ', {
    parameters: [count, smallInteger],
    optional: 1,
    returns: type.timestampLtz(3),
    nullable: true,
    bareNull: true,
    build: () => {
      if (t.kind !== 'DECIMAL') return { evaluate: (v: number | bigint, p = 3) => instantOfNumber(v, p) };
      const divisor = powerOfTen(t.scale);
      return { evaluate: (v: bigint, p = 3) => instantOfNumber(v / divisor, p) };
    },
  })(args, session);
  if ('mismatch' in call || fixed !== 3 || t.kind === 'DECIMAL' || t.kind === 'FLOAT' || t.kind === 'DOUBLE')
    return call;
  // The usual way of event times, kept flat: one comparison and one product.
  return {
    ...call,
    evaluate: millisToInstant,
    guard: ([millis], bind) => `${millis} >= ${bind(BigInt(FIRST_MILLI))} && ${millis} <= ${bind(BigInt(LAST_MILLI))}`,
    code: ([millis], bind) => `BigInt.asIntN(64, ${millis} * ${bind(1000n)})`,
  };
}

function millisToInstant(millis: bigint): bigint | null {
  return millis < FIRST_MILLI || millis > LAST_MILLI ? null : millis * 1000n;
}

function resolveFromText(args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  return signature('TO_TIMESTAMP_LTZ', {
    parameters: [text, text, text],
    optional: 2,
    returns: type.timestampLtz(3),
    nullable: true,
    bareNull: true,
    evaluate: (value: string, pattern?: string, zoneName?: string) => {
      const zone = zoneName === undefined ? UTC : findTimeZone(zoneName);
      const local = pattern === undefined ? parseTimestamp(value, 3) : localOf(value, pattern);
      if (local === null || zone === undefined) return null;
      return BigInt(zone.instantOf(Number(floorDiv(local, 1000n)))) * 1000n;
    },
  })(args, session);
}

function resolveDateFormat(args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  const [time] = args;
  const t = time?.type;
  const timestamp: Parameter = {
    expected: 'a TIMESTAMP or a string',
    accepts: (u) => u.kind === 'TIMESTAMP' || u.kind === 'TIMESTAMP_LTZ' || isText(u),
  };
  return signature('DATE_FORMAT', {
    parameters: [timestamp, text],
    returns: type.string(),
    nullable: true,
    build: () => {
      if (t?.kind === 'TIMESTAMP' || t?.kind === 'TIMESTAMP_LTZ') {
        const unit = timestampUnit(t.precision);
        const zone = t.kind === 'TIMESTAMP' ? UTC : timeZone(session.timeZone);
        return {
          evaluate: (value: bigint, pattern: string) =>
            formatTimestamp(localOfInstant(zone, value, unit), unit, pattern),
        };
      }
      return {
        evaluate: (value: string, pattern: string) => {
          // The pattern first: one that cannot be used fails, whatever the text.
          const format = simpleFormat(pattern);
          const instant = parseSimple(value, STANDARD, UTC);
          return instant === undefined ? null : format(instant, UTC);
        },
      };
    },
  })(args, session);
}

/** A zone as java.util.TimeZone finds it: an unknown one is UTC. */
function lenientZone(id: string) {
  return (/^[+-]/.test(id) ? undefined : findTimeZone(JAVA_SHORT_IDS[id] ?? id)) ?? UTC;
}

/** Short names that the zone data of JavaScript lacks or reads differently. */
const JAVA_SHORT_IDS: Readonly<Record<string, string>> = {
  PST: 'America/Los_Angeles',
  CST: 'America/Chicago',
  JST: 'Asia/Tokyo',
  IST: 'Asia/Kolkata',
  CTT: 'Asia/Shanghai',
  AET: 'Australia/Sydney',
  ECT: 'Europe/Paris',
};

export const timeConversions: readonly ScalarFunction[] = [
  defineFunction({
    name: 'TO_TIMESTAMP_LTZ',
    family: 'temporal',
    doc: 'The instant of seconds (0) or milliseconds (3) since 1970, or of a text in a time zone (UTC).',
    syntax: ['TO_TIMESTAMP_LTZ(n [, 0 | 3])', 'TO_TIMESTAMP_LTZ(s [, pattern [, zone]])'],
    examples: [
      { sql: 'CAST(TO_TIMESTAMP_LTZ(1700000000123, 3) AS TIMESTAMP(3))', value: '2023-11-14 22:13:20.123' },
      {
        sql: "TO_TIMESTAMP_LTZ('2024-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss', 'America/New_York')",
        value: '2024-01-02 08:04:05.000',
      },
    ],
    resolve: (args, session) => {
      const [first] = args;
      if (first === undefined) return { mismatch: 'TO_TIMESTAMP_LTZ takes 1 to 3 arguments, found 0' };
      const texts = isText(first.type) || (first.type.kind === 'NULL' && args[1] !== undefined && isText(args[1].type));
      return texts ? resolveFromText(args, session) : resolveFromNumber(args, session);
    },
  }),
  defineFunction({
    name: 'TO_TIMESTAMP',
    family: 'temporal',
    doc: 'The local timestamp of a text, yyyy-MM-dd HH:mm:ss unless a pattern is given; NULL where it does not fit.',
    syntax: ['TO_TIMESTAMP(s [, pattern])'],
    examples: [
      { sql: "TO_TIMESTAMP('2024-01-02 03:04:05')", value: '2024-01-02 03:04:05.000' },
      { sql: "TO_TIMESTAMP('02/01/2024 13', 'dd/MM/yyyy HH')", value: '2024-01-02 13:00:00.000' },
      { sql: "TO_TIMESTAMP('bad')", value: null },
    ],
    resolve: signature('TO_TIMESTAMP', {
      parameters: [text, text],
      optional: 1,
      returns: type.timestamp(3),
      nullable: true,
      evaluate: (value: string, pattern?: string) => localOf(value, pattern === STANDARD ? undefined : pattern),
    }),
  }),
  defineFunction({
    name: 'TO_DATE',
    family: 'temporal',
    doc: 'The date of a text, yyyy-MM-dd unless a pattern is given; NULL where it does not fit.',
    syntax: ['TO_DATE(s [, pattern])'],
    examples: [
      { sql: "TO_DATE('2024-02-29')", value: '2024-02-29' },
      { sql: "TO_DATE('29/02/2024', 'dd/MM/yyyy')", value: '2024-02-29' },
    ],
    resolve: signature('TO_DATE', {
      parameters: [text, text],
      optional: 1,
      returns: type.date(),
      nullable: true,
      evaluate: (value: string, pattern?: string) => {
        if (pattern === undefined) return parseDate(value) ?? null;
        const instant = parseSimple(value, pattern, UTC);
        return instant === undefined ? null : Math.floor(instant / 86_400_000);
      },
    }),
  }),
  defineFunction({
    name: 'DATE_FORMAT',
    family: 'temporal',
    doc: 'A timestamp as text by a pattern of Java’s DateTimeFormatter.',
    syntax: ['DATE_FORMAT(t, pattern)'],
    examples: [
      {
        sql: "DATE_FORMAT(TIMESTAMP '2024-01-02 03:04:05.678', 'yyyy-MM-dd HH:mm:ss.SSS')",
        value: '2024-01-02 03:04:05.678',
      },
      { sql: "DATE_FORMAT(TIMESTAMP '2024-01-02 13:04:05', 'EEEE, MMMM d')", value: 'Tuesday, January 2' },
    ],
    resolve: resolveDateFormat,
  }),
  defineFunction({
    name: 'FROM_UNIXTIME',
    family: 'temporal',
    doc: 'Seconds since 1970 as text in the session’s time zone, by a pattern of Java’s SimpleDateFormat.',
    syntax: ['FROM_UNIXTIME(seconds [, pattern])'],
    examples: [{ sql: "FROM_UNIXTIME(1700000000, 'yyyy')", value: '2023' }],
    resolve: (args, session) =>
      signature('FROM_UNIXTIME', {
        parameters: [bigint, text],
        optional: 1,
        returns: type.string(),
        nullable: true,
        build: () => {
          const zone = timeZone(session.timeZone);
          return {
            evaluate: (seconds: bigint, pattern = STANDARD) =>
              formatSimple(Number(BigInt.asIntN(64, seconds * 1000n)), pattern, zone),
          };
        },
      })(args, session),
  }),
  defineFunction({
    name: 'UNIX_TIMESTAMP',
    family: 'temporal',
    doc: 'Seconds since 1970: now, or of a text in the session’s time zone; the least BIGINT where it does not fit.',
    syntax: ['UNIX_TIMESTAMP()', 'UNIX_TIMESTAMP(s [, pattern])'],
    examples: [
      {
        sql: "UNIX_TIMESTAMP('1970-01-02', 'yyyy-MM-dd') - UNIX_TIMESTAMP('1970-01-01', 'yyyy-MM-dd')",
        value: '86400',
      },
      { sql: "UNIX_TIMESTAMP('bad')", value: '-9223372036854775808' },
    ],
    // With a text it could be folded; without it must not be.
    deterministic: false,
    resolve: (args, session) =>
      signatures('UNIX_TIMESTAMP', [
        { parameters: [], returns: type.bigint(false), evaluate: () => session.now() / 1_000_000n },
        {
          parameters: [text, text],
          optional: 1,
          returns: type.bigint(false),
          build: () => {
            const zone = timeZone(session.timeZone);
            return {
              evaluate: (value: string, pattern = STANDARD) => {
                const instant = parseSimple(value, pattern, zone);
                return instant === undefined ? LEAST_LONG : BigInt(Math.trunc(instant / 1000));
              },
            };
          },
        },
      ])(args, session),
  }),
  defineFunction({
    name: 'CONVERT_TZ',
    family: 'temporal',
    doc: 'A local time (yyyy-MM-dd HH:mm:ss) of one time zone as that of another.',
    syntax: ['CONVERT_TZ(s, from, to)'],
    examples: [{ sql: "CONVERT_TZ('2024-01-01 00:00:00', 'Asia/Kolkata', 'UTC')", value: '2023-12-31 18:30:00' }],
    resolve: signature('CONVERT_TZ', {
      parameters: [text, text, text],
      returns: type.string(),
      nullable: true,
      evaluate: (value: string, from: string, to: string) => {
        const instant = parseSimple(value, STANDARD, lenientZone(from));
        return instant === undefined ? null : formatSimple(instant, STANDARD, lenientZone(to));
      },
    }),
  }),
];
