import type { Span } from '../diagnostics/diagnostic.ts';
import { updatesOf } from '../plan/changelog.ts';
import { timeAttributesOf, windowColumnsOf } from '../plan/event-time.ts';
import { forEachColumn } from '../plan/expr.ts';
import type { Plan, TimeAttribute, Window, WindowShape } from '../plan/plan.ts';
import type { Expression } from '../syntax/ast.ts';
import { isTimestamp } from '../types/coerce.ts';
import { type DataType, type Field, type, typeText } from '../types/data-type.ts';
import { type Context, mistake } from './context.ts';
import { analyzeExpression } from './expression.ts';

/** The columns that a window function adds to rows with a time of the given type. */
export function windowFields(time: DataType | undefined): readonly Field[] {
  const instant = time?.kind === 'TIMESTAMP_LTZ' ? type.timestampLtz(3, false) : type.timestamp(3, false);
  return [
    { name: 'window_start', type: type.timestamp(3, false) },
    { name: 'window_end', type: type.timestamp(3, false) },
    { name: 'window_time', type: instant },
  ];
}

/**
 * A constant interval in microseconds, more than nothing where `positive`; undefined after a report. `what` begins the
 * sentence.
 */
export function windowLength(
  context: Context,
  node: Expression,
  positive = true,
  what = 'a window',
): bigint | undefined {
  const expr = analyzeExpression(context, { tables: [] }, node);
  if (expr === undefined) return undefined;
  if (expr.kind !== 'literal' || expr.type.kind !== 'INTERVAL_DAY_TIME' || expr.value === null) {
    const written = expr.type.kind === 'CHAR' ? 'a string' : typeText(expr.type, false);
    const found = expr.kind === 'literal' ? written : 'an expression';
    const message = `${what} takes a constant interval of days to seconds, found ${found}`;
    const help =
      expr.type.kind === 'INTERVAL_YEAR_MONTH'
        ? "months differ in length: write days, such as INTERVAL '30' DAY"
        : "write such as INTERVAL '1' MINUTE";
    return mistake(context, 'invalid-argument', message, node.span, { help });
  }
  const length = (expr.value as bigint) * 1000n;
  if (positive && length <= 0n) {
    const help = "write such as INTERVAL '1' MINUTE";
    return mistake(context, 'invalid-argument', 'a window must be longer than nothing', node.span, { help });
  }
  return length;
}

/** The rows of `input` with the bounds of their windows over the time in column `time`; undefined after a report. */
export function windowPlan(
  context: Context,
  input: Plan,
  time: number,
  window: WindowShape,
  at: Span,
): Window | undefined {
  const field = input.fields[time]!;
  const attribute = timeAttributeAt(context, input, time, 'a window', at);
  if (attribute === undefined) return undefined;
  if (window.kind === 'session' && updatesOf(input) !== undefined) {
    const help = 'sessions are of rows that only come: take those of a table, or of another window';
    return mistake(context, 'invalid-query', 'a session takes no rows that are updated', at, { help });
  }
  const zone = field.type.kind === 'TIMESTAMP_LTZ' ? { zone: context.session.timeZone } : {};
  const fields = [...input.fields, ...windowFields(field.type)];
  return { kind: 'window', input, time, window, attribute, ...zone, fields };
}

/** The time attribute in column `time`; reports where it is none. `what` begins the sentence: 'a window'. */
export function timeAttributeAt(
  context: Context,
  input: Plan,
  time: number,
  what: string,
  at: Span,
): TimeAttribute | undefined {
  const { name, type: t } = input.fields[time]!;
  const attribute = timeAttributesOf(input)[time];
  if (attribute !== undefined && isTimestamp(t)) return attribute;
  const lost = lostAttribute(input, time);
  const help = lost ?? (isTimestamp(t) ? declared(name) : 'name the column that WATERMARK FOR or PROCTIME() declares');
  return mistake(context, 'invalid-query', `${what} takes a time attribute, '${name}' is none`, at, { help });
}

function declared(name: string): string {
  return `declare WATERMARK FOR ${name} AS … in the table, and pass the column on as it is`;
}

/** Where the column of a query stopped being a time attribute, and what to do; undefined where it never was one. */
function lostAttribute(plan: Plan, index: number): string | undefined {
  const bounds = windowColumnsOf(plan);
  if (bounds?.start === index || bounds?.end === index) {
    return 'the bounds of a window are ordinary timestamps: group by its window_time too, and take that';
  }
  switch (plan.kind) {
    case 'filter':
      return lostAttribute(plan.input, index);
    case 'project': {
      const expr = plan.expressions[index]!;
      if (expr.kind === 'column') return lostAttribute(plan.input, expr.index);
      const attributes = timeAttributesOf(plan.input);
      let found: string | undefined;
      forEachColumn(expr, (column) => {
        if (attributes[column.index] !== undefined) found ??= column.name;
      });
      return found && `'${found}' is one: pass it on as it is, and compute from it in a column of its own`;
    }
    case 'aggregate':
      if (index < plan.keys.length) return lostAttribute(plan.input, plan.keys[index]!);
      return 'what a GROUP BY makes is an ordinary timestamp: group by a window, and take its window_time';
    default:
      return undefined;
  }
}
