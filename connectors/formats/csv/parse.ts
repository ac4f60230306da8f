import { daysOf } from '../../../engine/types/calendar.ts';
import { type DataType, type Scalar, typeText } from '../../../engine/types/data-type.ts';
import { toDecimal } from '../../../engine/types/decimal.ts';
import { parseDouble, trimControl } from '../../../engine/types/java-double.ts';
import { decodeBase64 } from '../json/base64.ts';
import { parseDecimal, parseFloat32, parseInteger, parseLong } from '../text/parse-number.ts';
import { parseTimestamp } from '../text/parse-temporal.ts';
import { quoteFound, unfitError } from '../text/unfit.ts';
import type { CsvDialect } from './dialect.ts';

/** The value of a cell; throws `DecodeError` where the text does not fit the type. */
export type ParseCell = (text: string) => Scalar;

/** `ignore` swallows and counts a part that does not fit: it becomes NULL. Undefined: it is an error. */
export function cellParser(
  type: DataType,
  path: string,
  dialect: CsvDialect,
  ignore: (() => void) | undefined,
): ParseCell {
  switch (type.kind) {
    case 'ARRAY': {
      const element = cellParser(type.element, `${path}[]`, dialect, ignore);
      return (text) => (trimControl(text) === '' ? [] : text.split(dialect.elementSeparator).map(element));
    }
    case 'ROW': {
      const fields = type.fields.map((f) => cellParser(f.type, `${path}.${f.name}`, dialect, ignore));
      return (text) => {
        if (trimControl(text) === '') return null;
        const parts = text.split(dialect.elementSeparator);
        if (parts.length < fields.length && ignore === undefined) throw unfitError(type, path, quoteFound(text));
        return fields.map((parse, i) => (i < parts.length ? parse(parts[i]!) : null));
      };
    }
    default: {
      const parse = scalarParser(type);
      return (text) => {
        if (text === dialect.nullLiteral) return null;
        const value = parse(text);
        if (value !== undefined) return value;
        if (ignore === undefined) throw unfitError(type, path, quoteFound(text));
        ignore();
        return null;
      };
    }
  }
}

function scalarParser(type: DataType): (text: string) => Scalar | undefined {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return (text) => text;
    case 'BOOLEAN':
      return (text) => trimControl(text).toLowerCase() === 'true';
    case 'TINYINT':
      return (text) => parseInteger(trimControl(text), -128, 127);
    case 'SMALLINT':
      return (text) => parseInteger(trimControl(text), -32768, 32767);
    case 'INT':
    case 'INTERVAL_YEAR_MONTH':
      return (text) => parseInteger(trimControl(text), -2147483648, 2147483647);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return (text) => parseLong(trimControl(text));
    case 'FLOAT':
      return parseFloat32;
    case 'DOUBLE':
      return parseDouble;
    case 'DECIMAL':
      return (text) => {
        const number = parseDecimal(text);
        return number === undefined ? undefined : toDecimal(number, type.precision, type.scale);
      };
    case 'BINARY':
    case 'VARBINARY':
      return decodeBase64;
    case 'DATE':
      return parseLenientDate;
    case 'TIME':
      return (text) => parseIsoTime(text, type.precision);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const nanos = type.precision > 6;
      return (text) => {
        const value = parseTimestamp(trimControl(text), 'SQL', type.kind === 'TIMESTAMP_LTZ');
        if (value === undefined || nanos) return value;
        return BigInt.asIntN(64, value / 1000n - (value % 1000n < 0n ? 1n : 0n));
      };
    }
    case 'NULL':
      return () => null;
    default:
      throw new Error(`no CSV for ${typeText(type)}`);
  }
}

/** Java's `Date.valueOf`: month and day may have one digit, and a day that a month lacks is one of the next. */
function parseLenientDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? daysOf(year, month, day) : undefined;
}

/** Java's `LocalTime.parse`, cut to the precision. */
function parseIsoTime(text: string, precision: number): number | undefined {
  const match = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?$/.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const kept = (match[4] ?? '').slice(0, Math.min(precision, 3)).padEnd(3, '0');
  return ((hour * 60 + minute) * 60 + second) * 1000 + Number(kept);
}
