import { floorDiv, floorMod } from '../types/calendar.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { type DateFields, fieldsOf, usWeek } from './date-fields.ts';
import { DAY_NAMES, MONTH_NAMES, splitPattern } from './date-pattern.ts';

/** java.time.format.DateTimeFormatter in English, over dates and times without a zone. */

type Write = (f: DateFields) => string;

const ORDINALS = ['1st', '2nd', '3rd', '4th'];

/** The longest run of each letter. */
const LIMITS: Readonly<Record<string, number>> = {
  G: 5,
  u: 19,
  y: 19,
  Y: 19,
  D: 3,
  M: 5,
  L: 5,
  d: 2,
  Q: 5,
  q: 5,
  w: 2,
  W: 1,
  E: 5,
  e: 5,
  c: 5,
  F: 1,
  a: 1,
  h: 2,
  K: 2,
  k: 2,
  H: 2,
  m: 2,
  s: 2,
  S: 9,
  A: 19,
  n: 19,
  N: 19,
};

function compile(pattern: string): Write {
  const refuse = (reason: string): never => {
    throw new EvaluationError(`the date pattern '${pattern}' cannot be used: ${reason}`);
  };
  const pieces = splitPattern(pattern) ?? refuse('a quoted text has no end');
  const writers = pieces.map((piece): Write => {
    if (piece.kind === 'text') {
      const reserved = piece.quoted ? null : /[#{}]/.exec(piece.text);
      if (reserved !== null) refuse(`'${reserved[0]}' is reserved`);
      const text = piece.quoted ? piece.text : piece.text.replace(/[[\]]/g, '');
      return () => text;
    }
    const { letter, count } = piece;
    if ('zVOXxZv'.includes(letter)) refuse(`${letter} needs a time zone, a TIMESTAMP has none`);
    const limit = LIMITS[letter] ?? refuse(`unknown letter ${letter}`);
    if (count > limit) refuse(`too many letters ${letter}`);
    return writerOf(letter, count);
  });
  return (f) => {
    let text = '';
    for (const write of writers) text += write(f);
    return text;
  };
}

function number(value: number, width: number): string {
  const digits = String(Math.abs(value)).padStart(width, '0');
  return value < 0 ? `-${digits}` : digits;
}

function year(value: number, count: number): string {
  if (count === 2) return number(Math.abs(value) % 100, 2);
  const text = number(value, count);
  return count >= 4 && value >= 10 ** count ? `+${text}` : text;
}

function name(names: readonly string[], index: number, count: number): string {
  const full = names[index]!;
  return count === 4 ? full : full.slice(0, count === 5 ? 1 : 3);
}

function writerOf(letter: string, count: number): Write {
  switch (letter) {
    case 'G':
      return (f) => {
        const era = f.year > 0 ? ['AD', 'Anno Domini', 'A'] : ['BC', 'Before Christ', 'B'];
        return era[count === 4 ? 1 : count === 5 ? 2 : 0]!;
      };
    case 'y':
      return (f) => year(f.year > 0 ? f.year : 1 - f.year, count);
    case 'u':
      return (f) => year(f.year, count);
    case 'Y':
      return (f) => year(usWeek(f).year, count);
    case 'M':
    case 'L':
      return (f) => (count <= 2 ? number(f.month, count) : name(MONTH_NAMES, f.month - 1, count));
    case 'd':
      return (f) => number(f.day, count);
    case 'D':
      return (f) => number(f.dayOfYear, count);
    case 'Q':
    case 'q':
      return (f) => {
        const quarter = Math.ceil(f.month / 3);
        if (count <= 2) return number(quarter, count);
        return count === 3 ? `Q${quarter}` : count === 4 ? `${ORDINALS[quarter - 1]} quarter` : String(quarter);
      };
    case 'w':
      return (f) => number(usWeek(f).week, count);
    case 'W':
      return (f) => number(usWeek(f).weekOfMonth, count);
    case 'E':
      return (f) => name(DAY_NAMES, f.weekday - 1, Math.max(count, 3));
    case 'e':
    case 'c':
      return (f) => (count <= 2 ? number(f.usWeekday, count) : name(DAY_NAMES, f.weekday - 1, count));
    case 'F':
      return (f) => String(((f.day - 1) % 7) + 1);
    case 'a':
      return (f) => (f.hour < 12 ? 'AM' : 'PM');
    case 'h':
      return (f) => number(f.hour % 12 || 12, count);
    case 'K':
      return (f) => number(f.hour % 12, count);
    case 'k':
      return (f) => number(f.hour || 24, count);
    case 'H':
      return (f) => number(f.hour, count);
    case 'm':
      return (f) => number(f.minute, count);
    case 's':
      return (f) => number(f.second, count);
    case 'S':
      return (f) => number(f.nano, 9).slice(0, count);
    case 'n':
      return (f) => number(f.nano, count);
    case 'A':
      return (f) => number(secondOfDay(f) * 1000 + Math.floor(f.nano / 1e6), count);
    default:
      return (f) => String(BigInt(secondOfDay(f)) * 1_000_000_000n + BigInt(f.nano)).padStart(count, '0');
  }
}

function secondOfDay(f: DateFields): number {
  return (f.hour * 60 + f.minute) * 60 + f.second;
}

const cache = new Map<string, Write>();

/** A local timestamp of `unit`s per second by a pattern; throws `EvaluationError` for a pattern that is none. */
export function formatTimestamp(value: bigint, unit: bigint, pattern: string): string {
  let write = cache.get(pattern);
  if (write === undefined) {
    write = compile(pattern);
    if (cache.size >= 200) cache.clear();
    cache.set(pattern, write);
  }
  const seconds = Number(floorDiv(value, unit));
  const days = Math.floor(seconds / 86400);
  const nano = Number((floorMod(value, unit) * 1_000_000_000n) / unit);
  return write(fieldsOf(days, seconds - days * 86400, nano));
}
