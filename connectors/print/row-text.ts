import { RowKind } from '../../engine/types/batch.ts';
import { civilOf, floorDiv, floorMod } from '../../engine/types/calendar.ts';
import { type DataType, type Scalar, timestampUnit } from '../../engine/types/data-type.ts';
import { bigNumberText } from '../../engine/types/decimal.ts';
import { doubleText, floatText } from '../../engine/types/java-double.ts';

const kinds: Readonly<Record<number, string>> = {
  [RowKind.insert]: '+I',
  [RowKind.updateBefore]: '-U',
  [RowKind.updateAfter]: '+U',
  [RowKind.delete]: '-D',
};

/** A row as Flink's print connector shows it: `+I[BTC, 67321.12, null]`. */
export function rowText(kind: number, values: readonly string[]): string {
  return `${kinds[kind]}[${values.join(', ')}]`;
}

/** The text of values of a type, as Java's classes print themselves. */
export function valuePrinter(type: DataType): (value: Scalar) => string {
  const print = notNull(type);
  return (value) => (value === null ? 'null' : print(value));
}

function notNull(type: DataType): (value: Scalar) => string {
  switch (type.kind) {
    case 'FLOAT':
      return (value) => floatText(value as number);
    case 'DOUBLE':
      return (value) => doubleText(value as number);
    case 'DECIMAL':
      return (value) => bigNumberText({ unscaled: value as bigint, scale: type.scale });
    case 'BINARY':
    case 'VARBINARY':
      return (value) => `[${Array.from(value as Uint8Array, (byte) => (byte << 24) >> 24).join(', ')}]`;
    case 'DATE':
      return (value) => localDate(value as number);
    case 'TIME':
      return (value) => localTime(Math.floor((value as number) / 1000), ((value as number) % 1000) * 1_000_000, false);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const unit = timestampUnit(type.precision);
      const instant = type.kind === 'TIMESTAMP_LTZ';
      return (value) => {
        const seconds = Number(floorDiv(value as bigint, unit));
        const nanos = Number((floorMod(value as bigint, unit) * 1_000_000_000n) / unit);
        const days = Math.floor(seconds / 86400);
        return `${localDate(days)}T${localTime(seconds - days * 86400, nanos, instant)}${instant ? 'Z' : ''}`;
      };
    }
    case 'INTERVAL_YEAR_MONTH': {
      const years = type.units.startsWith('YEAR') && !type.units.includes('MONTH');
      return (value) => (years ? `P${Math.trunc((value as number) / 12)}Y` : period(value as number));
    }
    case 'INTERVAL_DAY_TIME':
      return (value) => duration(value as bigint);
    case 'ARRAY': {
      const element = valuePrinter(type.element);
      return (value) => `[${(value as readonly Scalar[]).map(element).join(', ')}]`;
    }
    case 'MAP':
      return mapPrinter(valuePrinter(type.key), valuePrinter(type.value));
    case 'MULTISET':
      return mapPrinter(valuePrinter(type.element), String);
    case 'ROW': {
      const fields = type.fields.map((f) => valuePrinter(f.type));
      return (value) =>
        rowText(
          RowKind.insert,
          (value as readonly Scalar[]).map((v, i) => fields[i]!(v)),
        );
    }
    default:
      return String;
  }
}

function mapPrinter(key: (value: Scalar) => string, item: (value: Scalar) => string): (value: Scalar) => string {
  return (map) => `{${[...(map as ReadonlyMap<Scalar, Scalar>)].map(([k, v]) => `${key(k)}=${item(v)}`).join(', ')}}`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

function localDate(days: number): string {
  const { year, month, day } = civilOf(days);
  const digits = String(Math.abs(year)).padStart(4, '0');
  return `${year < 0 ? '-' : year > 9999 ? '+' : ''}${digits}-${two(month)}-${two(day)}`;
}

/** Java shows seconds only where they or their fraction are not 0 (always in an instant), the fraction by threes. */
function localTime(second: number, nanos: number, always: boolean): string {
  const minutes = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}`;
  if (second % 60 === 0 && nanos === 0 && !always) return minutes;
  const seconds = `${minutes}:${two(second % 60)}`;
  if (nanos === 0) return seconds;
  const digits = String(nanos).padStart(9, '0');
  return `${seconds}.${digits.endsWith('000000') ? digits.slice(0, 3) : digits.endsWith('000') ? digits.slice(0, 6) : digits}`;
}

/** Java's text of a period of months: `P14M`. */
function period(months: number): string {
  return months === 0 ? 'P0D' : `P${months}M`;
}

/** Java's text of a duration: `PT1H1M1.001S`. */
function duration(millis: bigint): string {
  if (millis === 0n) return 'PT0S';
  const seconds = millis / 1000n;
  const hours = seconds / 3600n;
  const minutes = (seconds / 60n) % 60n;
  const rest = Number(millis - (hours * 3600n + minutes * 60n) * 1000n) / 1000;
  return `PT${hours === 0n ? '' : `${hours}H`}${minutes === 0n ? '' : `${minutes}M`}${rest === 0 ? '' : `${rest}S`}`;
}
