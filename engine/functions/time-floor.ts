import { civilOf, daysOf, floorDiv, floorMod, isoDayOfWeek, MILLIS_PER_DAY, mod } from '../types/calendar.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { timestampUnit, type, typeText } from '../types/data-type.ts';
import { timeZone } from '../types/time-zone.ts';
import type { Argument, Mismatch, ResolvedCall, Session } from './define.ts';
import { untypedNull } from './signature.ts';
import { MILLIS } from './time-units.ts';

const DATE_UNITS = ['WEEK', 'MONTH', 'QUARTER', 'YEAR', 'DECADE', 'CENTURY', 'MILLENNIUM'];
const CLOCK_UNITS = ['MILLISECOND', 'SECOND', 'MINUTE', 'HOUR', 'DAY'];

/** FLOOR(t TO unit) and CEIL(t TO unit). */
export function floorOrCeilTime(up: boolean, args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  const [time, { symbol }] = args as [Argument, Argument];
  const unit = symbol!;
  const t = time.type;
  const name = up ? 'CEIL' : 'FLOOR';
  if (t.kind === 'NULL') return untypedNull(0);
  if (!DATE_UNITS.includes(unit) && !CLOCK_UNITS.includes(unit)) {
    const known = [...CLOCK_UNITS, ...DATE_UNITS].join(', ');
    return { mismatch: `${name} knows no unit ${unit}`, argument: 1, help: `the units are ${known}` };
  }
  const evaluate = rounder(up, t, unit, session);
  if (evaluate === undefined) {
    return { mismatch: `${name} has no unit ${unit} of ${typeText(t, false)}`, argument: 0 };
  }
  return { type: t, parameters: [t, type.null()], nulls: 'strict', evaluate };
}

function rounder(up: boolean, t: DataType, unit: string, session: Session): ((value: never) => Scalar) | undefined {
  const calendar = DATE_UNITS.includes(unit);
  switch (t.kind) {
    case 'DATE':
      if (calendar) return (days: number) => roundDate(up, days, unit);
      return unit === 'DAY' && up ? (days: number) => days + 1 : (days: number) => days;
    case 'TIME': {
      if (calendar) return undefined;
      const step = MILLIS[unit]!;
      if (unit === 'DAY') return (millis: number) => millis;
      return (millis: number) => Math.floor((up ? millis + step - 1 : millis) / step) * step;
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const local = roundTimestamp(up, unit, timestampUnit(t.precision));
      const zone = timeZone(session.timeZone);
      if (t.kind === 'TIMESTAMP' || zone.utc) return local;
      const milli = timestampUnit(t.precision) / 1000n;
      // Back with the offset it came with, as Flink does: where the clock changes in between, the result is off by it.
      return (value: bigint) => {
        const offset = BigInt(zone.offsetAt(Number(floorDiv(value, milli)))) * milli;
        return local(value + offset) - offset;
      };
    }
    default:
      return undefined;
  }
}

/** Flink rounds whole milliseconds, and to units of the calendar the date which it cuts toward 1970. */
function roundTimestamp(up: boolean, unit: string, second: bigint): (value: bigint) => bigint {
  const milli = second / 1000n;
  if (DATE_UNITS.includes(unit)) {
    const day = second * 86400n;
    return (value) => {
      const days = Number(floorDiv(value, milli) / BigInt(MILLIS_PER_DAY));
      return BigInt(roundDate(up, days, unit)) * day;
    };
  }
  const step = BigInt(MILLIS[unit]!) * milli;
  if (!up) return (value) => value - floorMod(value, step);
  // Only MILLISECOND sees what is smaller than a millisecond.
  const grain = unit === 'MILLISECOND' ? 1n : milli;
  return (value) => {
    const seen = value - floorMod(value, grain);
    const rest = floorMod(seen, step);
    return rest === 0n ? seen : seen - rest + step;
  };
}

/** Weeks begin on Sunday, decades in years ending in 0, centuries and millennia in years ending in 1. */
function roundDate(up: boolean, days: number, unit: string): number {
  const { year, month, day } = civilOf(days);
  switch (unit) {
    case 'WEEK': {
      const rest = isoDayOfWeek(days) % 7;
      return up && rest > 0 ? days + 7 - rest : days - rest;
    }
    case 'MONTH':
      return monthStart(year, up && day > 1 ? month + 1 : month);
    case 'QUARTER': {
      const rest = (month - 1) % 3;
      const start = month - rest;
      return monthStart(year, up && (rest > 0 || day > 1) ? start + 3 : start);
    }
    case 'YEAR':
      return daysOf(up && (month > 1 || day > 1) ? year + 1 : year, 1, 1);
    case 'DECADE':
      return daysOf(year - mod(year, 10) + (up ? 10 : 0), 1, 1);
    default: {
      const length = unit === 'CENTURY' ? 100 : 1000;
      return daysOf(year - mod(year - 1, length) + (up ? length : 0), 1, 1);
    }
  }
}

function monthStart(year: number, month: number): number {
  return month > 12 ? daysOf(year + 1, month - 12, 1) : daysOf(year, month, 1);
}
