import { RowError } from '../../../engine/connector/errors.ts';
import type { Encoder } from '../../../engine/connector/format.ts';
import { type Column, valueAt } from '../../../engine/types/batch.ts';
import { type DataType, type Field, type Scalar, timestampUnit, typeText } from '../../../engine/types/data-type.ts';
import { bigNumberText, decimalText } from '../../../engine/types/decimal.ts';
import { doubleText, floatText } from '../../../engine/types/java-double.ts';
import { timeText } from '../../../engine/types/time-text.ts';
import { stripZeros } from '../text/parse-number.ts';
import type { TimestampStandard } from '../text/parse-temporal.ts';
import { printDate, timestampParts } from '../text/print-temporal.ts';
import { quoteJsonMessage } from './quote.ts';

/** The options of the encoder. */
export interface JsonStyle {
  readonly standard: TimestampStandard;
  readonly mapNullKey: 'FAIL' | 'DROP' | 'LITERAL';
  readonly mapNullKeyLiteral: string;
  readonly plainDecimals: boolean;
  readonly ignoreNulls: boolean;
}

type Print = (value: Scalar) => string;

/** Writes rows as JSON objects, byte for byte as Flink does. */
export class JsonEncoder implements Encoder {
  private readonly types: readonly DataType[];
  private readonly names: readonly string[];
  private readonly prints: readonly Print[];
  private readonly ignoreNulls: boolean;

  constructor(fields: readonly Field[], style: JsonStyle) {
    this.types = fields.map((f) => f.type);
    this.names = fields.map((f) => `${quoteJsonMessage(f.name)}:`);
    this.prints = fields.map((f) => printer(f.type, f.name, style));
    this.ignoreNulls = style.ignoreNulls;
  }

  encode(columns: readonly Column[], i: number): Buffer {
    let text = '{';
    for (let c = 0; c < this.types.length; c++) {
      const value = valueAt(this.types[c]!, columns[c]!, i);
      if (value === null && this.ignoreNulls) continue;
      if (text.length > 1) text += ',';
      text += this.names[c]! + (value === null ? 'null' : this.prints[c]!(value));
    }
    return Buffer.from(`${text}}`);
  }
}

function printer(type: DataType, path: string, style: JsonStyle): Print {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return String;
    case 'FLOAT':
      return (value) => quoteSpecial(floatText(value as number));
    case 'DOUBLE':
      return (value) => quoteSpecial(doubleText(value as number));
    case 'DECIMAL': {
      const { scale } = type;
      return style.plainDecimals
        ? (value) => decimalText(value as bigint, scale)
        : (value) => bigNumberText(stripZeros({ unscaled: value as bigint, scale }));
    }
    case 'CHAR':
    case 'VARCHAR':
      return (value) => quoteJsonMessage(value as string);
    case 'BINARY':
    case 'VARBINARY':
      return (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
    case 'DATE':
      return (value) => `"${printDate(value as number)}"`;
    case 'TIME':
      return (value) => `"${timeText(value as number, 0)}"`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const unit = timestampUnit(type.precision);
      const instant = type.kind === 'TIMESTAMP_LTZ';
      const separator = style.standard === 'SQL' ? ' ' : 'T';
      return (value) => {
        const { date, time, fraction } = timestampParts(value as bigint, unit);
        return `"${date}${separator}${time}${fraction === '' ? '' : `.${fraction}`}${instant ? 'Z' : ''}"`;
      };
    }
    case 'ARRAY': {
      const element = printer(type.element, `${path}[]`, style);
      return (value) => `[${(value as readonly Scalar[]).map((v) => (v === null ? 'null' : element(v))).join(',')}]`;
    }
    case 'MAP':
      return mapPrinter(printer(type.value, `${path}[]`, style), path, style);
    case 'MULTISET':
      return mapPrinter(String, path, style);
    case 'ROW': {
      const names = type.fields.map((f) => `${quoteJsonMessage(f.name)}:`);
      const prints = type.fields.map((f) => printer(f.type, `${path}.${f.name}`, style));
      return (value) => {
        const members: string[] = [];
        (value as readonly Scalar[]).forEach((v, i) => {
          if (v !== null) members.push(names[i]! + prints[i]!(v));
          else if (!style.ignoreNulls) members.push(`${names[i]}null`);
        });
        return `{${members.join(',')}}`;
      };
    }
    case 'NULL':
      return () => 'null';
    default:
      throw new Error(`no JSON for ${typeText(type)}`);
  }
}

function mapPrinter(print: Print, path: string, style: JsonStyle): Print {
  return (value) => {
    const members = new Map<string, string>();
    for (const [key, v] of value as ReadonlyMap<Scalar, Scalar>) {
      if (key === null && style.mapNullKey === 'DROP') continue;
      if (key === null && style.mapNullKey === 'FAIL') {
        const message = `field '${path}': a map with the key NULL cannot be written as JSON`;
        throw new RowError('null-map-key', 'encoding', message, "set 'json.map-null-key.mode' to 'DROP' or 'LITERAL'");
      }
      members.set(key === null ? style.mapNullKeyLiteral : (key as string), v === null ? 'null' : print(v));
    }
    return `{${[...members].map(([key, text]) => `${quoteJsonMessage(key)}:${text}`).join(',')}}`;
  };
}

/** NaN and the infinities have no number in JSON. */
function quoteSpecial(text: string): string {
  return text.endsWith('N') || text.endsWith('y') ? `"${text}"` : text;
}
