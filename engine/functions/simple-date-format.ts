import { civilOf, daysOf, mod } from '../types/calendar.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import type { TimeZone } from '../types/time-zone.ts';
import { fieldsOf, usWeek } from './date-fields.ts';
import { DAY_NAMES, MONTH_NAMES, type Piece, splitPattern } from './date-pattern.ts';

/** java.text.SimpleDateFormat in English: lenient, and Julian before 15 October 1582. */

/** First Gregorian day. */
const CUTOVER = daysOf(1582, 10, 15);
const LETTERS = 'GyMLwWDdFEuaHkKhmsSzZXY';

const cache = new Map<string, readonly Piece[]>();

function piecesOf(pattern: string): readonly Piece[] {
  let pieces = cache.get(pattern);
  if (pieces === undefined) {
    const split = splitPattern(pattern);
    const unknown = split?.find((piece) => piece.kind === 'letters' && !LETTERS.includes(piece.letter));
    if (split === undefined || unknown?.kind === 'letters') {
      const reason = unknown?.kind === 'letters' ? `unknown letter ${unknown.letter}` : 'a quoted text has no end';
      throw new EvaluationError(`the date pattern '${pattern}' cannot be used: ${reason}`);
    }
    pieces = split;
    if (cache.size >= 200) cache.clear();
    cache.set(pattern, pieces);
  }
  return pieces;
}

function julianDays(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const m = month <= 2 ? month + 12 : month;
  return Math.floor(365.25 * (y + 4716)) + Math.floor(30.6001 * (m + 1)) + day - 2442112;
}

function civil(days: number): { year: number; month: number; day: number } {
  if (days >= CUTOVER) return civilOf(days);
  const a = days + 2440588 + 1524;
  const c = Math.floor((a - 122.1) / 365.25);
  const e = Math.floor((a - Math.floor(365.25 * c)) / 30.6001);
  const month = e < 14 ? e - 1 : e - 13;
  return { year: month > 2 ? c - 4716 : c - 4715, month, day: a - Math.floor(365.25 * c) - Math.floor(30.6001 * e) };
}

/** An instant (milliseconds) in a zone by a pattern. */
export function formatSimple(instant: number, pattern: string, zone: TimeZone): string {
  return simpleFormat(pattern)(instant, zone);
}

/** How a pattern formats; throws `EvaluationError` for a pattern that cannot be used. */
export function simpleFormat(pattern: string): (instant: number, zone: TimeZone) => string {
  const pieces = piecesOf(pattern);
  return (instant, zone) => formatPieces(instant, pieces, zone);
}

function formatPieces(instant: number, pieces: readonly Piece[], zone: TimeZone): string {
  const offset = zone.offsetAt(instant);
  const local = instant + offset;
  const days = Math.floor(local / 86_400_000);
  const millis = local - days * 86_400_000;
  const f = { ...fieldsOf(days, Math.floor(millis / 1000), 0), ...civil(days) };
  let text = '';
  for (const piece of pieces) {
    text += piece.kind === 'text' ? piece.text : field(piece.letter, piece.count);
  }
  return text;

  function field(letter: string, count: number): string {
    const number = (value: number) => String(value).padStart(count, '0');
    const year = f.year > 0 ? f.year : 1 - f.year;
    switch (letter) {
      case 'G':
        return f.year > 0 ? 'AD' : 'BC';
      case 'y':
        return count === 2 ? String(year % 100).padStart(2, '0') : number(year);
      case 'Y':
        return count === 2 ? String(usWeek(f).year % 100).padStart(2, '0') : number(usWeek(f).year);
      case 'M':
      case 'L':
        if (count >= 4) return MONTH_NAMES[f.month - 1]!;
        return count === 3 ? MONTH_NAMES[f.month - 1]!.slice(0, 3) : number(f.month);
      case 'w':
        return number(usWeek(f).week);
      case 'W':
        return number(usWeek(f).weekOfMonth);
      case 'D':
        return number(f.dayOfYear);
      case 'd':
        return number(f.day);
      case 'F':
        return number(Math.floor((f.day - 1) / 7) + 1);
      case 'E':
        return count >= 4 ? DAY_NAMES[f.weekday - 1]! : DAY_NAMES[f.weekday - 1]!.slice(0, 3);
      case 'u':
        return number(f.weekday);
      case 'a':
        return f.hour < 12 ? 'AM' : 'PM';
      case 'H':
        return number(f.hour);
      case 'k':
        return number(f.hour || 24);
      case 'K':
        return number(f.hour % 12);
      case 'h':
        return number(f.hour % 12 || 12);
      case 'm':
        return number(f.minute);
      case 's':
        return number(f.second);
      case 'S':
        return number(millis % 1000);
      case 'z':
        return zoneName(zone, count);
      default:
        return offsetText(letter, count, offset);
    }
  }
}

function zoneName(zone: TimeZone, count: number): string {
  if (zone.utc) return count >= 4 ? 'Coordinated Universal Time' : 'UTC';
  throw new EvaluationError(`the name of the time zone (z) is known for UTC only, write Z or XXX instead`);
}

function offsetText(letter: string, count: number, offset: number): string {
  if (letter === 'X' && offset === 0) return 'Z';
  const minutes = Math.trunc(Math.abs(offset) / 60_000);
  const hours = String(Math.trunc(minutes / 60)).padStart(2, '0');
  const rest = String(minutes % 60).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  if (letter === 'Z') return `${sign}${hours}${rest}`;
  return count === 1 ? `${sign}${hours}` : `${sign}${hours}${count === 2 ? '' : ':'}${rest}`;
}

interface Found {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  halfHour?: number;
  pm?: boolean;
  minute?: number;
  second?: number;
  milli?: number;
  offset?: number;
}

/**
 * The instant (milliseconds) that the beginning of a text has in a zone; undefined where it does not fit. Values beyond
 * their range roll over; of a time that the zone has twice the later instant counts.
 */
export function parseSimple(text: string, pattern: string, zone: TimeZone): number | undefined {
  const pieces = piecesOf(pattern);
  const found: Found = {};
  let position = 0;
  for (const [i, piece] of pieces.entries()) {
    if (piece.kind === 'text') {
      if (!text.startsWith(piece.text, position)) return undefined;
      position += piece.text.length;
      continue;
    }
    while (text[position] === ' ' || text[position] === '\t') position++;
    const next = pieces[i + 1];
    const end = readField(text, position, piece.letter, piece.count, next?.kind === 'letters', found);
    if (end === undefined) return undefined;
    position = end;
  }
  return instantOf(found, zone);
}

function readField(
  text: string,
  start: number,
  letter: string,
  count: number,
  abutting: boolean,
  found: Found,
): number | undefined {
  const rest = text.slice(start);
  if (letter === 'E' || letter === 'G' || letter === 'a' || ((letter === 'M' || letter === 'L') && count >= 3)) {
    return readName(rest, start, letter, found);
  }
  if (letter === 'z' || letter === 'Z' || letter === 'X') return readOffset(rest, start, found);
  const digits = /^[+-]?\d+/.exec(rest)?.[0];
  if (digits === undefined) return undefined;
  const used = abutting ? digits.slice(0, count) : digits;
  const value = Number(used);
  switch (letter) {
    case 'y':
    case 'Y':
      found.year = count <= 2 && /^\d\d$/.test(used) ? shortYear(value) : value;
      break;
    case 'M':
    case 'L':
      found.month = value;
      break;
    case 'd':
      found.day = value;
      break;
    case 'D':
      found.dayOfYear = value;
      break;
    case 'H':
      found.hour = value;
      break;
    case 'k':
      found.hour = value === 24 ? 0 : value;
      break;
    case 'K':
      found.halfHour = value;
      break;
    case 'h':
      found.halfHour = value === 12 ? 0 : value;
      break;
    case 'm':
      found.minute = value;
      break;
    case 's':
      found.second = value;
      break;
    case 'S':
      found.milli = value;
      break;
  }
  return start + used.length;
}

/** Two digits are a year from 80 years ago to 19 years ahead. */
function shortYear(value: number): number {
  const now = new Date().getUTCFullYear();
  const base = now - 80 - mod(now - 80, 100) + value;
  return base < now - 80 ? base + 100 : base;
}

function readName(rest: string, start: number, letter: string, found: Found): number | undefined {
  const lower = rest.toLowerCase();
  const names: readonly string[] =
    letter === 'E' ? DAY_NAMES : letter === 'G' ? ['AD', 'BC'] : letter === 'a' ? ['AM', 'PM'] : MONTH_NAMES;
  for (const length of [undefined, 3]) {
    const index = names.findIndex((name) => lower.startsWith(name.slice(0, length).toLowerCase()));
    if (index < 0) continue;
    if (letter === 'a') found.pm = index === 1;
    if (letter === 'M' || letter === 'L') found.month = index + 1;
    return start + names[index]!.slice(0, length).length;
  }
  return undefined;
}

function readOffset(rest: string, start: number, found: Found): number | undefined {
  const match = /^(?:(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})?|(?:GMT|UTC|Z))/.exec(rest);
  if (match === null) return undefined;
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  found.offset = (match[1] === '-' ? -minutes : minutes) * 60_000;
  return start + match[0].length;
}

function instantOf(found: Found, zone: TimeZone): number {
  const year = found.year ?? 1970;
  const month = (found.month ?? 1) - 1;
  const y = year + Math.floor(month / 12);
  const m = mod(month, 12) + 1;
  const day = found.day ?? 1;
  let days = daysOf(y, m, 1) + day - 1;
  if (days < CUTOVER) days = julianDays(y, m, 1) + day - 1;
  if (found.dayOfYear !== undefined) days = daysOf(year, 1, 1) + found.dayOfYear - 1;
  const hour = found.hour ?? (found.halfHour ?? 0) + (found.pm ? 12 : 0);
  const seconds = (hour * 60 + (found.minute ?? 0)) * 60 + (found.second ?? 0);
  const local = days * 86_400_000 + seconds * 1000 + (found.milli ?? 0);
  if (found.offset !== undefined) return local - found.offset;
  const instant = zone.instantOf(local);
  const later = local - zone.offsetAt(instant + 86_400_000);
  return later > instant && local - zone.offsetAt(later) === later ? later : instant;
}
