import { column } from '../plan/build.ts';
import type { ColumnExpr, Expr } from '../plan/expr.ts';
import type { Plan, WindowShape } from '../plan/plan.ts';
import type { Call, GroupItem } from '../syntax/ast.ts';
import { isTimestamp } from '../types/coerce.ts';
import { type Field, withNullable } from '../types/data-type.ts';
import { type Context, mistake } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { keyOf } from './grouping.ts';
import { fieldsOf, type Scope } from './scope.ts';
import { windowFields, windowLength, windowPlan } from './window-plan.ts';

/** `TUMBLE(ts, size)`, `HOP(ts, slide, size)` or `SESSION(ts, gap)` in GROUP BY: the older windows. */
export interface GroupWindow {
  /** The start, end and last instant of the window, behind the columns of the input: all are grouped by. */
  readonly bounds: readonly [ColumnExpr, ColumnExpr, ColumnExpr];
  /** What a call such as TUMBLE_START(ts, size) means; undefined after a report. */
  boundOf(context: Context, node: Call, name: string): ColumnExpr | undefined;
  /** The rows with the bounds of their windows behind the columns; undefined after a report. */
  plan(input: Plan): Plan | undefined;
}

const parameters: ReadonlyMap<string, number> = new Map([
  ['TUMBLE', 2],
  ['HOP', 3],
  ['SESSION', 2],
]);

/** The window that an item of GROUP BY is. */
export function isGroupWindow(item: GroupItem): item is Call {
  return item.kind === 'call' && item.over === undefined && parameters.has(functionName(item));
}

/** Whether a name is that of a function for the bounds of a window in GROUP BY. */
export function isGroupWindowBound(name: string): boolean {
  return /^(TUMBLE|HOP|SESSION)_(START|END|ROWTIME|PROCTIME)$/.test(name);
}

function functionName({ name }: Call): string {
  return name.parts.length === 1 ? name.parts[0]!.name.toUpperCase() : '';
}

/** Analyzes a window in GROUP BY, beside whose `keys` the rows are grouped; undefined after a report. */
export function analyzeGroupWindow(
  context: Context,
  scope: Scope,
  node: Call,
  keys: readonly Expr[],
): GroupWindow | undefined {
  const name = functionName(node);
  const [timeNode, ...lengthNodes] = node.arguments;
  if (timeNode === undefined || node.arguments.length !== parameters.get(name)) {
    const what = name === 'HOP' ? 'a time, a slide and a size' : `a time and a ${name === 'SESSION' ? 'gap' : 'size'}`;
    return mistake(context, 'invalid-argument', `${name} in GROUP BY takes ${what}`, node.span);
  }
  const time = analyzeExpression(context, scope, timeNode);
  const lengths = lengthNodes.map((length) => windowLength(context, length));
  if (time === undefined || !lengths.every((length) => length !== undefined)) return undefined;
  if (time.kind !== 'column' || !isTimestamp(time.type)) {
    const help = 'declare WATERMARK FOR it in the table, and name the column here';
    return mistake(context, 'invalid-query', 'a window takes a time attribute', timeNode.span, { help });
  }
  const computed = name === 'SESSION' ? keys.filter((key) => key.kind !== 'column') : [];
  const width = fieldsOf(scope).length + computed.length;
  // Flink declares the last instant, which becomes event time, as one that may be NULL.
  const [start, end, last] = windowFields(time.type).map((field, i) =>
    column(width + i, i < 2 ? field : { ...field, type: withNullable(field.type, true) }),
  );
  const placeOf = (key: Expr) => (key.kind === 'column' ? key.index : fieldsOf(scope).length + computed.indexOf(key));
  const shape = shapeOf(name, lengths, keys.map(placeOf));
  const written = argumentsKey(context, scope, node);
  return {
    bounds: [start!, end!, last!],
    boundOf: (above, call, bound) => {
      const [of, what] = bound.split('_');
      if (of !== name || argumentsKey(above, scope, call) !== written) {
        const help = `write ${of}_${what} with the arguments of the ${name} in GROUP BY`;
        return mistake(above, 'invalid-query', `${bound} is of no window that is grouped by`, call.span, { help });
      }
      return what === 'START' ? start : what === 'END' ? end : last;
    },
    plan: (input) => {
      const projected = computed.length === 0 ? input : withColumns(input, computed);
      const windows = windowPlan(context, projected, time.index, shape, timeNode.span);
      return windows && { ...windows, grouped: true };
    },
  };
}

function shapeOf(name: string, lengths: readonly bigint[], keys: readonly number[]): WindowShape {
  const [first, second] = lengths as readonly [bigint, bigint];
  switch (name) {
    case 'TUMBLE':
      return { kind: 'tumble', size: first, offset: 0n };
    case 'HOP':
      return { kind: 'hop', slide: first, size: second, offset: 0n };
    default:
      return { kind: 'session', gap: first, keys };
  }
}

function argumentsKey(context: Context, scope: Scope, node: Call): string {
  return node.arguments.map((argument) => keyOf(context, scope, argument)).join();
}

function withColumns(input: Plan, added: readonly Expr[]): Plan {
  const fields = [...input.fields, ...added.map((expr, i): Field => ({ name: `$k${i}`, type: expr.type }))];
  return { kind: 'project', input, expressions: [...input.fields.map((f, i) => column(i, f)), ...added], fields };
}
