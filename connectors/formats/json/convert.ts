import { DecodeError } from '../../../engine/connector/errors.ts';
import { type DataType, type Field, type Scalar, typeText } from '../../../engine/types/data-type.ts';
import { toDecimal } from '../../../engine/types/decimal.ts';
import { hashBytes, hashOrder } from '../../../engine/types/hash-order.ts';
import { parseDouble, trimControl } from '../../../engine/types/java-double.ts';
import { parseDecimal, parseFloat32, parseInteger, parseLong } from '../text/parse-number.ts';
import { parseDate, parseTime, parseTimestamp, type TimestampStandard } from '../text/parse-temporal.ts';
import { quoteFound, unfitError } from '../text/unfit.ts';
import { decodeBase64 } from './base64.ts';
import { temporalEnd, timestampAt } from './fast-temporal.ts';
import { quoteJson } from './quote.ts';
import type { JsonReader } from './reader.ts';
import { treeText } from './tree-text.ts';

/** Consumes exactly one JSON value and gives the SQL value of its type. */
export type Convert = (reader: JsonReader) => Scalar;

/** What the conversions of one decoder share. */
export interface Conversion {
  readonly failOnMissingField: boolean;
  /** Counts and swallows a value that does not fit: it becomes NULL. Undefined: such a value is a `DecodeError`. */
  readonly ignore: (() => void) | undefined;
  readonly standard: TimestampStandard;
  /** Whether JSON text made from objects keeps decimals exactly: so where the table has any DECIMAL. */
  readonly exactDecimals: boolean;
}

/** The exact conversion of JSON values to a type. `path` names the field in messages: `a.b`, `a[]`. */
export function converter(type: DataType, path: string, conversion: Conversion): Convert {
  const convert = notNull(type, path, conversion);
  return (reader) => {
    if (reader.kind() !== 'null') return convert(reader);
    reader.literal('null');
    return null;
  };
}

function notNull(type: DataType, path: string, conversion: Conversion): Convert {
  switch (type.kind) {
    case 'ARRAY':
      return arrayOf(type.element, type, path, conversion);
    case 'MAP':
      return mapOf(type.value, type, path, conversion);
    case 'MULTISET':
      return mapOf({ kind: 'INT', nullable: true }, type, path, conversion);
    case 'ROW':
      return rowOf(type.fields, type, path, conversion);
    case 'CHAR':
    case 'VARCHAR':
      return (reader) => {
        const kind = reader.kind();
        if (kind === 'object' || kind === 'array') return treeText(reader, conversion.exactDecimals);
        return scalarText(reader);
      };
    case 'BOOLEAN':
      return (reader) => {
        if (skipContainer(reader)) return false;
        return trimControl(scalarText(reader)).toLowerCase() === 'true';
      };
    case 'BINARY':
    case 'VARBINARY':
      return (reader) => {
        const start = reader.pos;
        if (reader.kind() !== 'string') return unfit(reader, type, path, conversion);
        const bytes = decodeBase64(reader.string());
        if (bytes !== undefined) return bytes;
        reader.pos = start;
        return unfit(reader, type, path, conversion);
      };
    case 'NULL':
      return (reader) => {
        reader.skipValue();
        return null;
      };
    default: {
      const parse = scalarParser(type, conversion.standard);
      const short = shortNumber(type);
      const quick = quickTimestamp(type, conversion.standard);
      return (reader) => {
        const kind = reader.kind();
        if (kind === 'object' || kind === 'array') return unfit(reader, type, path, conversion);
        const start = reader.pos;
        if (kind === 'number' && short !== undefined) {
          const number = reader.shortNumber();
          const value = Number.isNaN(number) ? undefined : short(number, reader.wasIntegral);
          if (value !== undefined) return value;
          reader.pos = start;
        } else if (kind === 'string' && quick !== undefined) {
          const value = quick(reader);
          if (value !== undefined) return value;
        }
        const value = kind === 'number' ? parse(reader.number().text, true) : parse(scalarText(reader), false);
        if (value !== undefined) return value;
        reader.pos = start;
        return unfit(reader, type, path, conversion);
      };
    }
  }
}

/** The text of a scalar as it stands: strings without quotes and escapes, numbers digit by digit. */
function scalarText(reader: JsonReader): string {
  const kind = reader.kind();
  if (kind === 'string') return reader.string();
  if (kind === 'number') return reader.number().text;
  reader.literal(kind as 'true' | 'false' | 'null');
  return kind;
}

function skipContainer(reader: JsonReader): boolean {
  const kind = reader.kind();
  if (kind !== 'object' && kind !== 'array') return false;
  reader.skipValue();
  return true;
}

/** Consumes a value that does not fit its type: NULL where errors are ignored. */
function unfit(reader: JsonReader, type: DataType, path: string, conversion: Conversion): null {
  const kind = reader.kind();
  const found = kind === 'object' || kind === 'array' ? `an ${kind}` : describe(kind, scalarText(reader));
  if (conversion.ignore === undefined) throw unfitError(type, path, found);
  if (kind === 'object' || kind === 'array') reader.skipValue();
  conversion.ignore();
  return null;
}

function describe(kind: string, text: string): string {
  if (kind === 'string') return quoteFound(text);
  return kind === 'number' ? `the number ${text.slice(0, 60)}` : text;
}

/** For types that most numbers fit at once: the value of a number of at most 15 digits, undefined to look closer. */
function shortNumber(type: DataType): ((value: number, integral: boolean) => Scalar | undefined) | undefined {
  switch (type.kind) {
    case 'DOUBLE':
      return (value) => value;
    case 'INT':
      return (value, integral) => (integral && value >= -2147483648 && value <= 2147483647 ? value + 0 : undefined);
    case 'BIGINT':
      return (value, integral) => (integral ? BigInt(value) : undefined);
    default:
      return undefined;
  }
}

/** For types of timestamps: the value of a string that is next, if it looks as most do; undefined to look closer. */
function quickTimestamp(
  type: DataType,
  standard: TimestampStandard,
): ((reader: JsonReader) => bigint | undefined) | undefined {
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return undefined;
  if (type.precision > 6 || standard === 'ISO-8601-WITH-OFFSET') return undefined;
  const separator = standard === 'SQL' ? 0x20 : 0x54;
  const zulu = type.kind === 'TIMESTAMP_LTZ';
  return (reader) => {
    const micros = timestampAt(reader.bytes, reader.pos, separator, zulu);
    if (Number.isNaN(micros) || temporalEnd[0]! > reader.end) return undefined;
    reader.pos = temporalEnd[0]!;
    return BigInt(micros);
  };
}

/** From the text of a scalar to a value; `number`: the JSON value was a number. Undefined where it does not fit. */
function scalarParser(
  type: DataType,
  standard: TimestampStandard,
): (text: string, number: boolean) => Scalar | undefined {
  switch (type.kind) {
    case 'TINYINT':
      return (text) => parseInteger(trimControl(text), -128, 127);
    case 'SMALLINT':
      return (text) => parseInteger(trimControl(text), -32768, 32767);
    case 'INT':
    case 'INTERVAL_YEAR_MONTH':
      return (text, number) => {
        if (!number) return parseInteger(trimControl(text), -2147483648, 2147483647);
        const value = Number(text);
        return value >= -2147483648 && value <= 2147483647 ? Math.trunc(value) + 0 : undefined;
      };
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return (text, number) => {
        if (!number) return parseLong(trimControl(text));
        if (isIntegral(text)) {
          const exact = BigInt(text);
          return BigInt.asIntN(64, exact) === exact ? exact : undefined;
        }
        const value = Number(text);
        if (!(value >= -(2 ** 63) && value <= 2 ** 63)) return undefined;
        return value === 2 ** 63 ? 9223372036854775807n : BigInt(Math.trunc(value));
      };
    case 'FLOAT':
      return (text) => parseFloat32(text);
    case 'DOUBLE':
      return (text, number) => (number ? Number(text) : parseDouble(text));
    case 'DECIMAL': {
      const { precision, scale } = type;
      return (text, number) => {
        if (!number && (text === 'true' || text === 'false')) return undefined;
        const decimal = parseDecimal(number ? text : trimControl(text));
        return decimal === undefined ? undefined : toDecimal(decimal, precision, scale);
      };
    }
    case 'DATE':
      return (text) => parseDate(text);
    case 'TIME':
      return (text) => parseTime(text);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const instant = type.kind === 'TIMESTAMP_LTZ';
      const nanos = type.precision > 6;
      return (text) => {
        const value = parseTimestamp(text, standard, instant);
        if (value === undefined || nanos) return value;
        const micros = value / 1000n - (value % 1000n < 0n ? 1n : 0n);
        return BigInt.asIntN(64, micros) === micros ? micros : undefined;
      };
    }
    default:
      throw new Error(`no JSON conversion for ${typeText(type)}`);
  }
}

function isIntegral(number: string): boolean {
  return !/[.eE]/.test(number);
}

function arrayOf(element: DataType, type: DataType, path: string, conversion: Conversion): Convert {
  const convert = converter(element, `${path}[]`, conversion);
  return (reader) => {
    if (reader.kind() !== 'array') return unfit(reader, type, path, conversion);
    const values: Scalar[] = [];
    reader.enter();
    for (let first = true; reader.more(0x5d, first); first = false) values.push(convert(reader));
    return values;
  };
}

function mapOf(value: DataType, type: DataType, path: string, conversion: Conversion): Convert {
  const convert = converter(value, `${path}[]`, conversion);
  return (reader) => {
    if (reader.kind() !== 'object') return unfit(reader, type, path, conversion);
    const map = new Map<Scalar, Scalar>();
    reader.enter();
    for (let first = true; reader.more(0x7d, first); first = false) map.set(reader.name(), convert(reader));
    return hashOrder(map, (key) => hashBytes(Buffer.from(key as string)));
  };
}

function rowOf(fields: readonly Field[], type: DataType, path: string, conversion: Conversion): Convert {
  const read = membersOf(
    fields,
    fields.map((_, i) => i),
    `${path}.`,
    conversion,
  );
  return (reader) => {
    if (reader.kind() !== 'object') return unfit(reader, type, path, conversion);
    const values: Scalar[] = new Array(fields.length).fill(null);
    const missing = read(reader, (i, value) => {
      values[i] = value;
    });
    if (missing !== undefined) throw missing;
    return values;
  };
}

/** Reads an object that is next and hands over each wanted member; the error of a missing one is returned. */
export type ReadMembers = (reader: JsonReader, give: (index: number, value: Scalar) => void) => DecodeError | undefined;

/**
 * Reads the members named as `fields` and hands those in `wanted` over, with their index into `wanted`; others are
 * skipped. Of a repeated name the last one counts, but once every wanted field was seen the rest is only skipped.
 */
export function membersOf(
  fields: readonly Field[],
  wanted: readonly number[],
  prefix: string,
  conversion: Conversion,
): ReadMembers {
  const indexes = new Map(wanted.map((field, i) => [fields[field]!.name, i]));
  const converts = wanted.map((field) => {
    const { name, type } = fields[field]!;
    return converter(type, prefix + name, conversion);
  });
  // Members mostly come in the order of the fields: the name after the last one is tried before looking it up.
  const quoted = wanted.map((field) => Buffer.from(quoteJson(fields[field]!.name)));
  const required = conversion.failOnMissingField ? new Map(fields.map((f, i) => [f.name, i])) : undefined;
  return (reader, give) => {
    const seen = new Uint8Array(wanted.length);
    const found = required === undefined ? undefined : new Set<string>();
    let count = 0;
    reader.enter();
    let likely = 0;
    for (let first = true; reader.more(0x7d, first); first = false) {
      let index: number | undefined;
      if (found === undefined && likely < quoted.length && reader.nameIs(quoted[likely]!)) {
        index = likely;
      } else {
        const name = reader.name();
        if (required?.has(name)) found?.add(name);
        index = indexes.get(name);
      }
      if (index !== undefined) likely = index + 1;
      if (index === undefined || count === wanted.length) {
        reader.skipValue();
        continue;
      }
      give(index, converts[index]!(reader));
      if (seen[index] === 0) {
        seen[index] = 1;
        count++;
      }
    }
    if (required === undefined || found === undefined || found.size === required.size) return undefined;
    const missing = fields.find((f) => !found.has(f.name))!.name;
    return new DecodeError(
      `field '${prefix}${missing}' is missing`,
      /^[^.[]*/.exec(prefix + missing)![0],
      'missing-field',
    );
  };
}
