import { floorDiv, floorMod, MILLIS_PER_DAY } from './calendar.ts';
import { isInteger, isText } from './coerce.ts';
import type { DataType } from './data-type.ts';
import { timestampUnit } from './data-type.ts';
import { powerOfTen } from './decimal.ts';
import type { Cast } from './define-cast.ts';
import { fallible, identity, total } from './define-cast.ts';
import { EvaluationError } from './evaluation-error.ts';
import { parseDate, parseTime, parseTimestamp } from './parse-time.ts';
import type { TimeZone } from './time-zone.ts';
import { instantOfLocal, localOfInstant, timeZone as zoneOf } from './time-zone.ts';

type Timestamp = Extract<DataType, { kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ' | 'TIME' }>;
/** Casts to DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ and the intervals; undefined where there is none. */
export function datetimeCast(from: DataType, to: DataType, timeZone: string): Cast | undefined {
  switch (to.kind) {
    case 'DATE':
      return toDate(from, timeZone);
    case 'TIME':
      return toTime(from, timeZone);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return toTimestamp(from, to, timeZone);
    case 'INTERVAL_YEAR_MONTH':
      if (from.kind === 'INTERVAL_YEAR_MONTH') return identity;
      return isInteger(from) ? total((v: number | bigint) => Number(BigInt.asIntN(32, BigInt(v)))) : undefined;
    case 'INTERVAL_DAY_TIME':
      if (from.kind === 'INTERVAL_DAY_TIME') return identity;
      return isInteger(from)
        ? total(
            (v: number | bigint) => BigInt(v),
            (v) => `BigInt(${v})`,
          )
        : undefined;
  }
}

function toDate(from: DataType, timeZone: string): Cast | undefined {
  if (isText(from)) {
    return fallible((text: string) => {
      const days = parseDate(text);
      if (days === undefined) throw new EvaluationError(`'${text}' is no date, expected 'yyyy-MM-dd'`);
      return days;
    });
  }
  if (from.kind === 'DATE') return identity;
  if (from.kind !== 'TIMESTAMP' && from.kind !== 'TIMESTAMP_LTZ') return undefined;
  const unit = timestampUnit(from.precision);
  const day = unit * 86400n;
  if (from.kind === 'TIMESTAMP') {
    // Flink divides milliseconds, toward zero: the day before 1970-01-01 is 1970-01-01.
    const milli = unit / 1000n;
    return total((v: bigint) => Number(floorDiv(v, milli) / BigInt(MILLIS_PER_DAY)));
  }
  const zone = zoneOf(timeZone);
  return total((v: bigint) => Number(floorDiv(localOfInstant(zone, v, unit), day)));
}

function toTime(from: DataType, timeZone: string): Cast | undefined {
  if (isText(from)) {
    return fallible((text: string) => {
      const millis = parseTime(text);
      if (millis === undefined) throw new EvaluationError(`'${text}' is no time, expected 'HH:mm:ss'`);
      return wholeSeconds(millis);
    });
  }
  if (from.kind === 'TIME') return identity;
  if (from.kind !== 'TIMESTAMP' && from.kind !== 'TIMESTAMP_LTZ') return undefined;
  const milli = timestampUnit(from.precision) / 1000n;
  const day = BigInt(MILLIS_PER_DAY);
  if (from.kind === 'TIMESTAMP') return total((v: bigint) => wholeSeconds(Number(floorMod(floorDiv(v, milli), day))));
  const zone = zoneOf(timeZone);
  const unit = milli * 1000n;
  return total((v: bigint) => wholeSeconds(Number(floorMod(floorDiv(localOfInstant(zone, v, unit), milli), day))));
}

/** Flink's only TIME is TIME(0). */
function wholeSeconds(millis: number): number {
  return millis - (millis % 1000);
}

function toTimestamp(from: DataType, to: Timestamp, timeZone: string): Cast | undefined {
  const unit = timestampUnit(to.precision);
  const local = to.kind === 'TIMESTAMP';
  const zone = zoneOf(timeZone);
  const instant = (v: bigint) => (local ? v : instantOfLocal(zone, v, unit));
  if (isText(from)) return fallible((text: string) => instant(parseTimestamp(text, to.precision)));
  switch (from.kind) {
    case 'DATE': {
      const day = unit * 86400n;
      return total((v: number) => instant(BigInt(v) * day));
    }
    case 'TIME': {
      const milli = unit / 1000n;
      return total((v: number) => instant(BigInt(v) * milli));
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return betweenTimestamps(from, to, zone);
    default:
      return undefined;
  }
}

function betweenTimestamps(from: Timestamp, to: Timestamp, zone: TimeZone): Cast {
  const resize = changePrecision(from.precision, to.precision);
  if (from.kind === to.kind || zone.utc) return resize;
  const unit = timestampUnit(from.precision);
  const move = to.kind === 'TIMESTAMP' ? localOfInstant : instantOfLocal;
  const shift = (v: bigint) => move(zone, v, unit);
  if (resize === identity) return total(shift, (v, bind) => `${bind(shift)}(${v})`);
  const cut = resize.evaluate as unknown as (v: bigint) => bigint;
  return total((v: bigint) => cut(shift(v)));
}

/** Between precisions: digits are cut, down from 3 on, toward zero below, where Flink cuts milliseconds. */
export function changePrecision(from: number, to: number): Cast {
  const unit = timestampUnit(from);
  const target = timestampUnit(to);
  if (to >= from) {
    if (unit === target) return identity;
    return total(
      (v: bigint) => v * 1000n,
      (v) => `(${v} * 1000n)`,
    );
  }
  const factor = unit / target;
  const step = unit / powerOfTen(to);
  if (to >= 3) {
    return total(
      (v: bigint) => (v - floorMod(v, step)) / factor,
      factor === 1n ? (v, bind) => `(${v} - ((${v} % ${bind(step)} + ${bind(step)}) % ${bind(step)}))` : undefined,
    );
  }
  const milli = unit / 1000n;
  return total((v: bigint) => {
    const millis = floorDiv(v, milli);
    return ((millis - (millis % (step / milli))) * milli) / factor;
  });
}
