import type { Span } from '../diagnostics/diagnostic.ts';
import { literal } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { BinaryLiteral, DatetimeLiteral, NumberLiteral, TextLiteral } from '../syntax/ast.ts';
import { daysInMonth, daysOf } from '../types/calendar.ts';
import { timestampUnit, type } from '../types/data-type.ts';
import { type Context, mistake } from './context.ts';

const MAX_INT = 2147483647n;
const MAX_LONG = 9223372036854775807n;

/**
 * `1` INT, `3000000000` BIGINT, `1.50` DECIMAL(3, 2), `1e3` DOUBLE. A minus in front belongs to the number: it decides
 * whether -2147483648 is an INT.
 */
export function numberLiteral(context: Context, node: NumberLiteral, negative: boolean, span: Span): Expr | undefined {
  const text = node.text;
  const outOfRange = (help: string) =>
    mistake(context, 'invalid-literal', `number ${text} is out of range`, node.span, { help });
  if (/e/i.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return outOfRange('a DOUBLE reaches to 1.7976931348623157E308');
    return literal(type.double(false), negative && value !== 0 ? -value : value, span);
  }
  const [whole = '', fraction = ''] = text.split('.');
  const magnitude = BigInt(whole + fraction || '0');
  const value = negative ? -magnitude : magnitude;
  if (value > MAX_LONG || value < -MAX_LONG - 1n) {
    return outOfRange("numbers have at most 19 digits: write CAST('…' AS DECIMAL(38, s))");
  }
  if (fraction !== '') {
    return literal(type.decimal(Math.max(1, whole.length + fraction.length), fraction.length, false), value, span);
  }
  return value > MAX_INT || value < -MAX_INT - 1n
    ? literal(type.bigint(false), value, span)
    : literal(type.int(false), Number(value), span);
}

export function textLiteral(context: Context, node: TextLiteral): Expr | undefined {
  const gap = context.text === undefined ? undefined : gapOnOneLine(context.text, node.span);
  if (gap !== undefined) {
    return mistake(context, 'invalid-literal', 'string literals on one line are not one string', gap, {
      help: 'write || between them',
      fix: { span: gap, text: ' || ' },
    });
  }
  return literal(type.char(node.value.length, false), node.value, node.span);
}

/** What stands between two of the pieces of a literal where they are on one line. */
function gapOnOneLine(text: string, { start, end }: Span): Span | undefined {
  let at = text.indexOf("'", start);
  if (text[start]?.toUpperCase() === 'E') return undefined;
  while (at >= 0 && at < end) {
    let close = text.indexOf("'", at + 1);
    while (text[close + 1] === "'") close = text.indexOf("'", close + 2);
    const next = text.indexOf("'", close + 1);
    if (close < 0 || next < 0 || next >= end) return undefined;
    if (!/\n|UESCAPE/i.test(text.slice(close + 1, next))) return { start: close + 1, end: next };
    at = next;
  }
  return undefined;
}

export function binaryLiteral(context: Context, node: BinaryLiteral): Expr | undefined {
  if (node.hex.length % 2 !== 0) {
    return mistake(context, 'invalid-literal', 'a binary literal needs an even number of digits', node.span);
  }
  return literal(type.binary(node.hex.length / 2, false), new Uint8Array(Buffer.from(node.hex, 'hex')), node.span);
}

const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d*))?$/;
const TIMESTAMP = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d*))?)?$/;

/** `DATE '2024-01-31'`, `TIME '12:30:00'`, `TIMESTAMP '2024-01-31 12:30:00.123'`: as many digits as are written. */
export function datetimeLiteral(context: Context, node: DatetimeLiteral): Expr | undefined {
  const text = node.value.value;
  const bad = (format: string) =>
    mistake(context, 'invalid-literal', `'${node.value.value}' is not a ${node.type}`, node.value.span, {
      help: `write it as '${format}'`,
    });
  switch (node.type) {
    case 'DATE': {
      const days = daysFrom(DATE.exec(text) ?? []);
      return days === undefined ? bad('yyyy-MM-dd') : literal(type.date(false), days, node.span);
    }
    case 'TIME': {
      const match = TIME.exec(text) ?? [];
      const seconds = secondsFrom(match.slice(1));
      if (seconds === undefined) return bad('HH:mm:ss');
      // Flink's TIME(0) literals keep milliseconds, though no text shows them.
      const millis = Number((match[4] ?? '').slice(0, 3).padEnd(3, '0'));
      return literal(type.time(0, false), seconds * 1000 + millis, node.span);
    }
    case 'TIMESTAMP': {
      const match = TIMESTAMP.exec(text) ?? [];
      const days = daysFrom(match);
      const seconds = match[4] === undefined && match.length > 0 ? 0 : secondsFrom(match.slice(4));
      if (days === undefined || seconds === undefined) return bad('yyyy-MM-dd HH:mm:ss');
      const digits = (match[7] ?? '').slice(0, 9);
      const precision = digits.length;
      const unit = timestampUnit(precision);
      const width = unit === 1_000_000n ? 6 : 9;
      const value = (BigInt(days) * 86400n + BigInt(seconds)) * unit + BigInt(digits.padEnd(width, '0') || '0');
      return literal(type.timestamp(precision, false), value, node.span);
    }
  }
}

function daysFrom(match: readonly string[]): number | undefined {
  if (match.length === 0) return undefined;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return daysOf(year, month, day);
}

/** Seconds of the day. */
function secondsFrom(parts: readonly string[]): number | undefined {
  if (parts.length === 0) return undefined;
  const [hour, minute, second] = parts.slice(0, 3).map(Number) as [number, number, number];
  return hour > 23 || minute > 59 || second > 59 ? undefined : hour * 3600 + minute * 60 + second;
}
