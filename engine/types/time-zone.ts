import { floorDiv, floorMod } from './calendar.ts';
import { EvaluationError } from './evaluation-error.ts';

/** A time zone's rules, in milliseconds; offsets are local − UTC. */
export interface TimeZone {
  readonly id: string;
  /** True where the offset is always zero, so that conversions cost nothing. */
  readonly utc: boolean;
  /** The offset in force at an instant (milliseconds since 1970 UTC). */
  offsetAt(instant: number): number;
  /** The instant of a local time. In a gap the clock is put forward by it, in an overlap the earlier instant counts. */
  instantOf(local: number): number;
  /** When the clock has passed a local time for good: in an overlap the later instant, in a gap that of the change. */
  lastInstantOf(local: number): number;
}

const zones = new Map<string, TimeZone | undefined>();

/** The rules of an IANA name or an offset (`+02:00`, `GMT+8`, `UTC-03:30`); undefined for an unknown one. */
export function findTimeZone(id: string): TimeZone | undefined {
  if (!zones.has(id)) zones.set(id, createTimeZone(id));
  return zones.get(id);
}

/** As `findTimeZone`; an unknown id throws `EvaluationError`. */
export function timeZone(id: string): TimeZone {
  const zone = findTimeZone(id);
  if (zone === undefined)
    throw new EvaluationError(`unknown time zone '${id}', expected a name such as 'Europe/Berlin'`);
  return zone;
}

const OFFSET = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/;

function createTimeZone(id: string): TimeZone | undefined {
  if (/^(UTC|GMT|UT|Z|Etc\/UTC|Etc\/GMT|Zulu)$/.test(id)) return fixed(id, 0);
  const match = OFFSET.exec(id);
  if (match !== null) {
    const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
    return seconds > 64800 ? undefined : fixed(id, (match[1] === '-' ? -seconds : seconds) * 1000);
  }
  try {
    return ruled(id);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function fixed(id: string, offset: number): TimeZone {
  const instantOf = (local: number) => local - offset;
  return { id, utc: offset === 0, offsetAt: () => offset, instantOf, lastInstantOf: instantOf };
}

/** Offsets are looked up once per span of this length: no zone changes twice within it. */
const SPAN = 16 * 86_400_000;
const DAY = 86_400_000;

interface Span {
  readonly before: number;
  /** From this instant on `after` holds. */
  readonly change: number;
  readonly after: number;
}

function ruled(id: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: id,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const spans = new Map<number, Span>();
  let last = Number.NaN;
  let lastSpan: Span = { before: 0, change: 0, after: 0 };

  const measure = (instant: number): number => {
    const seconds = Math.floor(instant / 1000) * 1000;
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(seconds)) part[type] = value;
    const year = part.era === 'BC' || part.era === 'B' ? 1 - Number(part.year) : Number(part.year);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
    local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
    return local.getTime() - seconds;
  };

  const spanOf = (index: number): Span => {
    let low = index * SPAN;
    let high = low + SPAN - 1000;
    const before = measure(low);
    const after = measure(high);
    if (before === after) return { before, change: low, after };
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (measure(middle) === before) low = middle;
      else high = middle;
    }
    return { before, change: high, after };
  };

  const offsetAt = (instant: number): number => {
    const index = Math.floor(instant / SPAN);
    if (index !== last) {
      let span = spans.get(index);
      if (span === undefined) {
        span = spanOf(index);
        spans.set(index, span);
      }
      last = index;
      lastSpan = span;
    }
    return instant < lastSpan.change ? lastSpan.before : lastSpan.after;
  };

  const instantOf = (local: number): number => {
    const earlier = offsetAt(local - DAY);
    if (offsetAt(local - earlier) === earlier) return local - earlier;
    const later = offsetAt(local + DAY);
    return offsetAt(local - later) === later ? local - later : local - earlier;
  };
  const lastInstantOf = (local: number): number => {
    const after = offsetAt(local + DAY);
    let low = local - after;
    if (offsetAt(low) === after) return low;
    let high = local - offsetAt(local - DAY);
    if (high <= low || offsetAt(high) !== after) return high;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  };
  measure(0);
  return { id, utc: false, offsetAt, instantOf, lastInstantOf };
}

/** A local time of a zone from an instant, both in `unit`s per second (see `timestampUnit`). */
export function localOfInstant(zone: TimeZone, instant: bigint, unit: bigint): bigint {
  if (zone.utc) return instant;
  const perMilli = unit / 1000n;
  return instant + BigInt(zone.offsetAt(Number(floorDiv(instant, perMilli)))) * perMilli;
}

/** The instant of a zone's local time, both in `unit`s per second; the earlier one where there are two. */
export function instantOfLocal(zone: TimeZone, local: bigint, unit: bigint): bigint {
  return zone.utc ? local : moved(zone.instantOf, local, unit);
}

/** When a zone's clock has passed a local time for good, both in `unit`s per second. */
export function lastInstantOfLocal(zone: TimeZone, local: bigint, unit: bigint): bigint {
  return zone.utc ? local : moved(zone.lastInstantOf, local, unit);
}

/** A conversion of milliseconds for another unit. */
function moved(convert: (local: number) => number, local: bigint, unit: bigint): bigint {
  const perMilli = unit / 1000n;
  const rest = floorMod(local, perMilli);
  return BigInt(convert(Number((local - rest) / perMilli))) * perMilli + rest;
}
