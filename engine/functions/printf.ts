import { floorDiv } from '../types/calendar.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { timestampUnit, type } from '../types/data-type.ts';
import { decimalText, parseBigNumber, rescale } from '../types/decimal.ts';
import { doubleText, floatText } from '../types/java-double.ts';
import { textOf } from '../types/text.ts';
import { timestampText } from '../types/time-text.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { checkCount, isTextArgument } from './signature.ts';

/** java.util.Formatter for the arguments that Flink hands it; undefined where that class throws. */

interface Value {
  readonly type: DataType;
  readonly value: Scalar;
}

const SPECIFIER = /%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

interface Format {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly conversion: string;
}

function printf(template: string, values: readonly Value[]): string | undefined {
  let next = 0;
  let last = -1;
  let failed = false;
  if (template.replace(SPECIFIER, '').includes('%')) return undefined;
  const result = template.replace(SPECIFIER, (_, index, again, flags: string, width, precision, conversion: string) => {
    const format: Format = {
      flags,
      width: width === undefined ? undefined : Number(width),
      precision: precision === undefined ? undefined : Number(precision),
      conversion,
    };
    if (conversion === '%') return pad('%', format);
    if (conversion === 'n') return '\n';
    if (again === undefined) last = index === undefined ? next++ : Number(index) - 1;
    const argument = values[last];
    const text = argument && formatValue(format, argument);
    if (text === undefined) failed = true;
    return text ?? '';
  });
  return failed ? undefined : result;
}

function pad(text: string, { flags, width = 0 }: Format): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

function formatValue(format: Format, argument: Value): string | undefined {
  const { conversion, precision, flags } = format;
  const lower = conversion.toLowerCase();
  if (conversion !== lower && !'BHSCXEGA'.includes(conversion)) return undefined;
  if (flags.includes('-') && format.width === undefined) return undefined;
  const text = lowerText(lower, format, argument);
  if (text === undefined) return undefined;
  const cuts = 'bhs'.includes(lower) || (argument.value === null && 'feg'.includes(lower));
  const cut = cuts && precision !== undefined ? text.slice(0, precision) : text;
  return pad(conversion === lower ? cut : cut.toUpperCase(), format);
}

function lowerText(conversion: string, format: Format, { type: t, value }: Value): string | undefined {
  switch (conversion) {
    case 'b':
      return value === null ? 'false' : typeof value === 'boolean' ? String(value) : 'true';
    case 's':
      return value === null ? 'null' : javaText(t, value);
    case 'h':
      return value === null ? 'null' : hashText(t, value);
    case 'c':
      return character(value);
    case 'd':
    case 'x':
    case 'o':
      return value === null ? 'null' : integerText(conversion, format, t, value);
    case 'f':
    case 'e':
    case 'g':
      if (value === null) return 'null';
      return t.kind === 'FLOAT' || t.kind === 'DOUBLE' ? realText(conversion, format, value as number) : undefined;
    default:
      return undefined;
  }
}

/** What toString of Flink's own objects gives. */
function javaText(t: DataType, value: Scalar): string {
  switch (t.kind) {
    case 'BOOLEAN':
      return String(value);
    case 'FLOAT':
      return floatText(value as number);
    case 'DOUBLE':
      return doubleText(value as number);
    case 'DECIMAL':
      return decimalText(value as bigint, t.scale);
    case 'CHAR':
    case 'VARCHAR':
      return value as string;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return localDateTime(value as bigint, t.precision);
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
    case 'BINARY':
    case 'VARBINARY':
      // Java prints an address here; the content serves better.
      return textOf(t, value) ?? 'null';
    default:
      return String(value);
  }
}

/** java.time.LocalDateTime: no seconds where they are zero, the fraction in groups of three digits. */
function localDateTime(value: bigint, precision: number): string {
  const unit = timestampUnit(precision);
  const [date, time] = timestampText(value, unit === 1_000_000n ? 6 : 9).split(' ') as [string, string];
  const [clock, fraction] = time.split('.') as [string, string];
  const digits = fraction.replace(/(000)+$/, '');
  if (digits !== '') return `${date}T${clock}.${digits}`;
  return `${date}T${floorDiv(value, unit) % 60n === 0n ? clock.slice(0, 5) : clock}`;
}

function hashText(t: DataType, value: Scalar): string | undefined {
  if (t.kind === 'TINYINT' || t.kind === 'SMALLINT' || t.kind === 'INT') return ((value as number) >>> 0).toString(16);
  if (t.kind === 'BOOLEAN') return value ? '4cf' : '4d5';
  return undefined;
}

function character(value: Scalar): string | undefined {
  if (value === null) return 'null';
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x10ffff
    ? String.fromCodePoint(value)
    : undefined;
}

const BITS: Readonly<Record<string, number>> = {
  TINYINT: 8,
  SMALLINT: 16,
  INT: 32,
  BIGINT: 64,
  DATE: 32,
  TIME: 32,
  INTERVAL_YEAR_MONTH: 32,
  INTERVAL_DAY_TIME: 64,
};

function integerText(conversion: string, format: Format, t: DataType, value: Scalar): string | undefined {
  const bits = BITS[t.kind];
  if (bits === undefined || format.precision !== undefined) return undefined;
  const number = BigInt(value as number | bigint);
  if (conversion === 'd') {
    if (format.flags.includes('#')) return undefined;
    return signed(number < 0n, (number < 0n ? -number : number).toString(), format);
  }
  if (/[,+ (]/.test(format.flags)) return undefined;
  const digits = BigInt.asUintN(bits, number).toString(conversion === 'x' ? 16 : 8);
  const prefix = format.flags.includes('#') ? (conversion === 'x' ? '0x' : '0') : '';
  return format.flags.includes('0')
    ? prefix + digits.padStart((format.width ?? 0) - prefix.length, '0')
    : prefix + digits;
}

/** Sign, grouping and zeros of a decimal text without a sign. */
function signed(negative: boolean, digits: string, { flags, width = 0 }: Format): string {
  let text = digits;
  if (flags.includes(',')) {
    const [whole, rest] = text.split('.') as [string, string | undefined];
    text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest === undefined ? '' : `.${rest}`);
  }
  const before = negative
    ? flags.includes('(')
      ? '('
      : '-'
    : flags.includes('+')
      ? '+'
      : flags.includes(' ')
        ? ' '
        : '';
  const after = negative && flags.includes('(') ? ')' : '';
  if (flags.includes('0')) text = text.padStart(width - before.length - after.length, '0');
  return before + text + after;
}

/** The digits of Java's own text of the number, rounded HALF_UP. */
function realText(conversion: string, format: Format, value: number): string {
  if (!Number.isFinite(value)) {
    const plain = { ...format, flags: format.flags.replace(/[0,]/g, '') };
    return Number.isNaN(value) ? 'NaN' : signed(value < 0, 'Infinity', plain);
  }
  const negative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  const number = parseBigNumber(doubleText(magnitude))!;
  const precision = format.precision ?? 6;
  if (conversion === 'f') return signed(negative, fixed(number.unscaled, number.scale, precision), format);
  if (conversion === 'e') return signed(negative, scientific(number.unscaled, number.scale, precision), format);
  const significant = precision === 0 ? 1 : precision;
  if (value === 0) return signed(negative, fixed(0n, 0, significant - 1), format);
  const exponent = number.unscaled.toString().length - 1 - number.scale;
  if (magnitude >= 1e-4 && exponent < significant) {
    return signed(negative, fixed(number.unscaled, number.scale, Math.max(0, significant - exponent - 1)), format);
  }
  return signed(negative, scientific(number.unscaled, number.scale, significant - 1), format);
}

function fixed(unscaled: bigint, scale: number, digits: number): string {
  return decimalText(rescale(unscaled, scale, digits), digits);
}

function scientific(unscaled: bigint, scale: number, digits: number): string {
  let exponent = unscaled === 0n ? 0 : unscaled.toString().length - 1 - scale;
  let mantissa = rescale(unscaled, scale + exponent, digits);
  if (mantissa.toString().length > digits + 1) {
    exponent++;
    mantissa = rescale(unscaled, scale + exponent, digits);
  }
  const sign = exponent < 0 ? '-' : '+';
  return `${decimalText(mantissa, digits)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

export const printing: readonly ScalarFunction[] = [
  defineFunction({
    name: 'PRINTF',
    family: 'string',
    doc: 'Values by a format of Java’s Formatter; NULL where the format does not fit them.',
    syntax: ['PRINTF(format, a, …)'],
    examples: [
      { sql: "PRINTF('%s is %d', 'x', 5)", value: 'x is 5' },
      { sql: "PRINTF('%05.2f|%x', 3.14159e0, 255)", value: '03.14|ff' },
      { sql: "PRINTF('%d', 'a')", value: null },
    ],
    resolve: (args) => {
      const wrong = checkCount('PRINTF', args.length, 1, Infinity) ?? isTextArgument('PRINTF', args[0]!, 0);
      if (wrong) return wrong;
      const types = args.slice(1).map((argument) => argument.type);
      return {
        type: type.string(),
        parameters: args.map((argument) => argument.type),
        nulls: 'called',
        evaluate: (template: string | null, ...values: Scalar[]) =>
          template === null
            ? null
            : (printf(
                template,
                values.map((value, i) => ({ type: types[i]!, value })),
              ) ?? null),
      };
    },
  }),
];
