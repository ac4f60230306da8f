import { daysInMonth, daysOf, isLeap } from '../types/calendar.ts';
import { DAY_NAMES, MONTH_NAMES, splitPattern } from './date-pattern.ts';

/** java.time.format.DateTimeFormatter.parse as Flink calls it for TO_TIMESTAMP, in English. */

interface Parser {
  readonly expression: RegExp;
  /** The letters behind the expression's groups. */
  readonly letters: readonly string[];
}

const alternatives = (names: readonly string[], length?: number) =>
  `(${names.map((name) => (length === undefined ? name : name.slice(0, length))).join('|')})`;

/** The expression of one run; undefined for a letter that is not read. */
function expressionOf(letter: string, count: number): string | undefined {
  switch (letter) {
    case 'y':
    case 'u':
      if (count === 2) return '(\\d{2})';
      if (count < 4) return `(\\d{${count},19})`;
      return `(\\d{${count}}|\\+\\d{${count + 1},19})`;
    case 'M':
    case 'L':
      if (count > 2) return count > 4 ? undefined : alternatives(MONTH_NAMES, count === 3 ? 3 : undefined);
      break;
    case 'E':
      return count > 4 ? undefined : alternatives(DAY_NAMES, count === 4 ? undefined : 3);
    case 'a':
      return count === 1 ? '(AM|PM)' : undefined;
    case 'G':
      return count < 4 ? '(AD|BC)' : undefined;
    case 'D':
      if (count === 3) return '(\\d{3})';
      break;
    case 'S':
      return count > 9 ? undefined : `(\\d{${count}})`;
    case 'X':
    case 'x':
      return [undefined, '([+-]\\d{2}(?:\\d{2})?|Z)', '([+-]\\d{4}|Z)', '([+-]\\d{2}:\\d{2}|Z)'][count];
    case 'Z':
      return count < 4 ? '([+-]\\d{4})' : undefined;
    case 'V':
    case 'z':
      return '([A-Za-z][A-Za-z0-9_+/:-]*)';
    case 'n':
      return '(\\d{1,9})';
  }
  if (!'MLdDHhKkmsA'.includes(letter) || count > 2) return undefined;
  return count === 1 ? '(\\d{1,19})' : '(\\d{2})';
}

function compile(pattern: string): Parser | undefined {
  const pieces = splitPattern(pattern);
  if (pieces === undefined) return undefined;
  let source = '';
  const letters: string[] = [];
  let open = 0;
  for (const piece of pieces) {
    if (piece.kind === 'letters') {
      const expression = expressionOf(piece.letter, piece.count);
      if (expression === undefined) return undefined;
      source += expression;
      letters.push(piece.letter + (piece.letter === 'y' && piece.count === 2 ? '2' : ''));
      continue;
    }
    for (const c of piece.text) {
      if (c === '[' && !piece.quoted) {
        source += '(?:';
        open++;
      } else if (c === ']' && open > 0 && !piece.quoted) {
        source += ')?';
        open--;
      } else if ('#{}'.includes(c) && !piece.quoted) return undefined;
      else source += c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  source += ')?'.repeat(open);
  return { expression: new RegExp(`^${source}$`), letters };
}

const cache = new Map<string, Parser | undefined>();

/** Milliseconds of the local time that a text has by a pattern; undefined where it does not fit. */
export function parseByPattern(text: string, pattern: string): number | undefined {
  if (!cache.has(pattern)) {
    if (cache.size >= 200) cache.clear();
    cache.set(pattern, compile(pattern));
  }
  const parser = cache.get(pattern);
  if (parser === undefined) return undefined;
  const match = parser.expression.exec(text);
  if (match === null) return parseJdbc(text);
  const fields = new Map<string, string>();
  for (const [i, letter] of parser.letters.entries()) {
    const value = match[i + 1];
    if (value === undefined) continue;
    const known = fields.get(letter);
    if (known !== undefined && known !== value) return parseJdbc(text);
    fields.set(letter, value);
  }
  return resolve(fields) ?? parseJdbc(text);
}

function resolve(fields: ReadonlyMap<string, string>): number | undefined {
  const number = (letter: string): number | undefined => {
    const value = fields.get(letter);
    return value === undefined ? undefined : Number(value);
  };
  const between = (value: number, low: number, high: number) => value >= low && value <= high;
  const short = number('y2');
  const year = short === undefined ? (number('y') ?? number('u') ?? 1970) : 2000 + short;
  if (year < 1 || year > 999999999) return undefined;
  const days = resolveDate(fields, year, number);
  const half = fields.get('a');
  const hourOfHalf = number('h') ?? number('K');
  let hour = number('H') ?? number('k') ?? 0;
  if (fields.has('k') && !between(hour, 1, 24)) return undefined;
  if (fields.has('k')) hour %= 24;
  if (hourOfHalf !== undefined && half !== undefined) {
    if (fields.has('h') ? !between(hourOfHalf, 1, 12) : !between(hourOfHalf, 0, 11)) return undefined;
    hour = (hourOfHalf % 12) + (half === 'PM' ? 12 : 0);
  }
  const minute = number('m') ?? 0;
  const second = number('s') ?? 0;
  const milli = Number((fields.get('S') ?? '').padEnd(3, '0').slice(0, 3));
  const midnight = hour === 24 && minute === 0 && second === 0 && milli === 0;
  if (days === undefined || (!between(hour, 0, 23) && !midnight)) return undefined;
  if (!between(minute, 0, 59) || !between(second, 0, 59)) return undefined;
  return days * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 + milli;
}

function resolveDate(
  fields: ReadonlyMap<string, string>,
  year: number,
  number: (letter: string) => number | undefined,
): number | undefined {
  const ofYear = number('D');
  if (ofYear !== undefined) {
    return ofYear < 1 || ofYear > (isLeap(year) ? 366 : 365) ? undefined : daysOf(year, 1, ofYear);
  }
  const written = fields.get('M') ?? fields.get('L');
  const named = written === undefined ? -1 : MONTH_NAMES.findIndex((n) => n === written || n.slice(0, 3) === written);
  const month = named >= 0 ? named + 1 : Number(written ?? 1);
  const day = number('d') ?? 1;
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return daysOf(year, month, Math.min(day, daysInMonth(year, month)));
}

const JDBC = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?$/;

/** What does not fit is read as java.sql.Timestamp or Date once more. */
function parseJdbc(text: string): number | undefined {
  const match = JDBC.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as number[];
  if (month! < 1 || month! > 12 || day! < 1 || day! > 31) return undefined;
  const seconds = (hour! * 60 + minute!) * 60 + second!;
  return (
    daysOf(year!, month!, day!) * 86_400_000 + seconds * 1000 + Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  );
}
