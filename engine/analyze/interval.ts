import { literal } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { IntervalLiteral, TimeUnit } from '../syntax/ast.ts';
import { type } from '../types/data-type.ts';
import { type Context, mistake } from './context.ts';

const MILLIS: Partial<Record<TimeUnit, number>> = {
  WEEK: 604_800_000,
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
};
const MONTHS: Partial<Record<TimeUnit, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };
const ORDER: readonly TimeUnit[] = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'];

/** `INTERVAL '1 10:30' DAY TO MINUTE` as months or milliseconds. */
export function intervalLiteral(context: Context, node: IntervalLiteral): Expr | undefined {
  const { qualifier, value } = node;
  const text = value.value.trim();
  const negative = text.startsWith('-') !== node.negative;
  const digits = text.replace(/^[+-]/, '');
  const units = unitsOf(qualifier.from, qualifier.to);
  const months = units.every((unit) => unit in MONTHS);
  if (!months && !units.every((unit) => unit in MILLIS)) {
    return mistake(context, 'invalid-literal', `an interval has no unit ${qualifier.from}`, qualifier.span, {
      help: 'units: YEAR, MONTH, DAY, HOUR, MINUTE, SECOND',
    });
  }
  const parts = split(digits, units);
  if (parts === undefined) {
    return mistake(
      context,
      'invalid-literal',
      `'${value.value}' is not an interval of ${units.join(' to ')}`,
      value.span,
      {
        help: `write it as INTERVAL '${example(units)}' ${qualifier.from}${qualifier.to === undefined ? '' : ` TO ${qualifier.to}`}`,
      },
    );
  }
  const allowed = qualifier.precision ?? 2;
  const leading = parts[0]!.split('.')[0]!;
  if (leading.replace(/^0+/, '').length > allowed) {
    const message = `'${leading}' has more than ${allowed} digits`;
    const help = `write ${qualifier.from}(${leading.length})`;
    return mistake(context, 'invalid-literal', message, value.span, { help });
  }
  let total = 0n;
  parts.forEach((part, i) => {
    const unit = units[i]!;
    const [whole = '0', fraction = ''] = part.split('.');
    total += BigInt(whole) * BigInt((months ? MONTHS : MILLIS)[unit]!);
    if (unit === 'SECOND') total += BigInt(fraction.slice(0, 3).padEnd(3, '0'));
  });
  if (negative) total = -total;
  return months
    ? literal(type.intervalMonths('MONTH', false), Number(total), node.span)
    : literal(type.intervalMillis('SECOND(3)', false), total, node.span);
}

function unitsOf(from: TimeUnit, to: TimeUnit | undefined): TimeUnit[] {
  if (to === undefined) return [from];
  return ORDER.slice(ORDER.indexOf(from), ORDER.indexOf(to) + 1);
}

/** The text of each unit: years and months by '-', days by a blank, times by ':'; only seconds have a fraction. */
function split(text: string, units: readonly TimeUnit[]): string[] | undefined {
  const pattern = units
    .map((unit, i) => {
      const before = i === 0 ? '' : unit === 'MONTH' ? '-' : unit === 'HOUR' ? ' +' : ':';
      return `${before}(\\d+${unit === 'SECOND' ? '(?:\\.\\d+)?' : ''})`;
    })
    .join('');
  const match = new RegExp(`^${pattern}$`).exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1);
  const limits: Partial<Record<TimeUnit, number>> = { MONTH: 11, HOUR: 23, MINUTE: 59, SECOND: 60 };
  const inRange = parts.every((part, i) => {
    const limit = limits[units[i]!];
    return i === 0 || limit === undefined || Number(part) < limit + (units[i] === 'SECOND' ? 0 : 1);
  });
  return inRange ? parts : undefined;
}

function example(units: readonly TimeUnit[]): string {
  const samples: Partial<Record<TimeUnit, string>> = {
    YEAR: '1',
    MONTH: '6',
    DAY: '1',
    HOUR: '10',
    MINUTE: '30',
    SECOND: '15',
  };
  return units
    .map((unit, i) => (i === 0 ? '' : unit === 'MONTH' ? '-' : unit === 'HOUR' ? ' ' : ':') + (samples[unit] ?? '1'))
    .join('');
}
