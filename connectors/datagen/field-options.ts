import { option } from '../../engine/connector/options.ts';
import type { Scalar } from '../../engine/types/data-type.ts';
import { type DataType, type as types } from '../../engine/types/data-type.ts';
import { parseBigNumber, toDecimal } from '../../engine/types/decimal.ts';

/** The options of one field as they stand in the table, without `fields.<name>.` in front. */
export type FieldOptions = ReadonlyMap<string, string>;

/** Says what is wrong with an option of a field; `rest` is its key within the field. */
export type ReportField = (rest: string, message: string) => void;

const readers = {
  kind: option.oneOf(['random', 'sequence'], ''),
  length: option.int('', { min: 1 }),
  'var-len': option.boolean(''),
  'max-past': option.duration(''),
};

/** The value of an option, undefined where it is not given or bad: then that was reported. */
export function readFieldOption<K extends keyof typeof readers>(
  key: K,
  options: FieldOptions,
  report: ReportField,
): NonNullable<Extract<ReturnType<(typeof readers)[K]['parse']>, { value: unknown }>['value']> | undefined {
  const text = options.get(key);
  if (text === undefined) return undefined;
  const read = readers[key].parse(text);
  if ('value' in read) return read.value as never;
  report(key, `'${text}' is not a value for '${key}': expected ${read.expected}`);
  return undefined;
}

/** A share from 0 to 1. */
export function readNullRate(options: FieldOptions, report: ReportField): number {
  const text = options.get('null-rate');
  if (text === undefined) return 0;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  report('null-rate', `'${text}' is not a value for 'null-rate': expected a number from 0 to 1`);
  return 0;
}

/** A number of a numeric type as it is stored; undefined where it is not given or bad: then that was reported. */
export function readNumber(
  key: 'min' | 'max' | 'start' | 'end',
  type: DataType,
  options: FieldOptions,
  report: ReportField,
): number | bigint | undefined {
  const text = options.get(key);
  if (text === undefined) return undefined;
  const value = parseNumber(type, text.trim());
  if (value !== undefined) return value as number | bigint;
  report(key, `'${text}' is not a value for '${key}': expected a number of type ${type.kind}`);
  return undefined;
}

function parseNumber(type: DataType, text: string): Scalar | undefined {
  switch (type.kind) {
    case 'FLOAT':
    case 'DOUBLE': {
      const value = Number(text);
      return text !== '' && Number.isFinite(value) ? value : undefined;
    }
    case 'DECIMAL': {
      const number = parseBigNumber(text);
      return number === undefined ? undefined : (toDecimal(number, type.precision, type.scale) ?? undefined);
    }
    default: {
      if (!/^[+-]?\d+$/.test(text)) return undefined;
      const value = BigInt(text);
      const [min, max] = integerRange(type) ?? integerRange(types.bigint())!;
      if (value < min || value > max) return undefined;
      return type.kind === 'BIGINT' || type.kind === 'INTERVAL_DAY_TIME' ? value : Number(value);
    }
  }
}

/** The least and the greatest value of an integer type. */
export function integerRange(type: DataType): readonly [bigint, bigint] | undefined {
  const bits = { TINYINT: 8, SMALLINT: 16, INT: 32, INTERVAL_YEAR_MONTH: 32, BIGINT: 64, INTERVAL_DAY_TIME: 64 };
  if (!(type.kind in bits)) return undefined;
  const half = 1n << BigInt(bits[type.kind as keyof typeof bits] - 1);
  return [-half, half - 1n];
}
