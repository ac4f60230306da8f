import type { Encoder } from '../../../engine/connector/format.ts';
import { type Column, valueAt } from '../../../engine/types/batch.ts';
import { type DataType, type Field, type Scalar, timestampUnit, typeText } from '../../../engine/types/data-type.ts';
import { bigNumberText, decimalText } from '../../../engine/types/decimal.ts';
import { doubleText, floatText } from '../../../engine/types/java-double.ts';
import { timeText } from '../../../engine/types/time-text.ts';
import { stripZeros } from '../text/parse-number.ts';
import { printDate, timestampParts } from '../text/print-temporal.ts';
import type { CsvDialect } from './dialect.ts';

type Print = (value: Scalar) => string;

/** Longer texts are quoted without looking into them. */
const LOOKED_AT = 24;

/** Writes rows as lines of cells, byte for byte as Flink does. */
export class CsvEncoder implements Encoder {
  private readonly types: readonly DataType[];
  private readonly prints: readonly Print[];
  private readonly separator: string;
  private readonly nullText: string;

  /** `scientific`: decimals without zeros at their end and with an exponent where Java writes one. */
  constructor(fields: readonly Field[], dialect: CsvDialect, scientific: boolean) {
    this.types = fields.map((f) => f.type);
    const quote = quoter(dialect);
    this.prints = fields.map(({ type }) => {
      const print = printer(type, dialect, scientific);
      return isBare(type) ? print : (value) => quote(print(value));
    });
    this.separator = dialect.separator;
    this.nullText = dialect.nullLiteral ?? '';
  }

  encode(columns: readonly Column[], i: number): Buffer {
    let text = '';
    for (let c = 0; c < this.types.length; c++) {
      const value = valueAt(this.types[c]!, columns[c]!, i);
      if (c > 0) text += this.separator;
      text += value === null ? this.nullText : this.prints[c]!(value);
    }
    return Buffer.from(text);
  }
}

/** Numbers and booleans are never quoted. */
function isBare(type: DataType): boolean {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return true;
    default:
      return false;
  }
}

/** Flink's CSV library quotes by a rule of thumb: texts that are long or hold a character not above the separator. */
function quoter({ separator, quote, escaper }: CsvDialect): (text: string) => string {
  if (quote === undefined) return (text) => text;
  const safe = Math.max(separator.charCodeAt(0), quote.charCodeAt(0), 13) + 1;
  const needed = (text: string) => {
    if (text.length > LOOKED_AT) return true;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c < safe || c === 0x5c) return true;
    }
    return false;
  };
  return (text) => {
    if (!needed(text)) return text;
    const escaped = escaper === undefined || escaper === quote ? text : text.replaceAll(escaper, escaper + escaper);
    return quote + escaped.replaceAll(quote, quote + quote) + quote;
  };
}

function printer(type: DataType, dialect: CsvDialect, scientific: boolean): Print {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return String;
    case 'FLOAT':
      return (value) => floatText(value as number);
    case 'DOUBLE':
      return (value) => doubleText(value as number);
    case 'DECIMAL':
      return scientific
        ? (value) => bigNumberText(stripZeros({ unscaled: value as bigint, scale: type.scale }))
        : (value) => decimalText(value as bigint, type.scale);
    case 'BINARY':
    case 'VARBINARY':
      return (value) => Buffer.from(value as Uint8Array).toString('base64');
    case 'DATE':
      return (value) => printDate(value as number);
    case 'TIME':
      return (value) => timeText(value as number, 3).replace(/\.?0+$/, '');
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const unit = timestampUnit(type.precision);
      return (value) => {
        const { date, time, fraction } = timestampParts(value as bigint, unit);
        return `${date} ${time}${fraction === '' ? '' : `.${fraction}`}${type.kind === 'TIMESTAMP_LTZ' ? 'Z' : ''}`;
      };
    }
    case 'ARRAY': {
      const element = orNull(printer(type.element, dialect, scientific), dialect);
      return (value) => (value as readonly Scalar[]).map(element).join(dialect.elementSeparator);
    }
    case 'ROW': {
      const fields = type.fields.map((f) => orNull(printer(f.type, dialect, scientific), dialect));
      return (value) => (value as readonly Scalar[]).map((v, i) => fields[i]!(v)).join(dialect.elementSeparator);
    }
    case 'NULL':
      return () => '';
    default:
      throw new Error(`no CSV for ${typeText(type)}`);
  }
}

function orNull(print: Print, dialect: CsvDialect): Print {
  return (value) => (value === null ? (dialect.nullLiteral ?? '') : print(value));
}
