import type { Span } from '../diagnostics/diagnostic.ts';
import type { AggregateFunction } from '../functions/aggregate.ts';
import { distinctOf } from '../functions/aggregates/distinct.ts';
import { aggregateFunctions } from '../functions/aggregates/index.ts';
import { lag } from '../functions/aggregates/lag.ts';
import { ranks } from '../functions/aggregates/rank.ts';
import { castTo, column } from '../plan/build.ts';
import { updatesOf } from '../plan/changelog.ts';
import { timeAttributesOf } from '../plan/event-time.ts';
import { type Expr, replaceColumns } from '../plan/expr.ts';
import type { AggregateCall, Over, OverFrame, Plan } from '../plan/plan.ts';
import type { Call, Expression, Identifier, Select, WindowSpec } from '../syntax/ast.ts';
import type { Field } from '../types/data-type.ts';
import { constantOf } from './call.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { keyOf } from './grouping.ts';
import { sortable } from './row-number.ts';
import type { Scope } from './scope.ts';
import { timeAttributeAt, windowLength } from './window-plan.ts';

/** Columns of calls have indexes from here on until it is known how many columns stand before them. */
const CALLS = 1_000_000;

interface OverCall extends Omit<AggregateCall, 'arguments' | 'filter'> {
  readonly arguments: readonly Expr[];
}

/** The window of all calls: its parts, and a text that is equal for equal ones. */
interface OverWindow {
  readonly key: string;
  readonly partition: readonly Expr[];
  readonly time: Expr;
  readonly frame: OverFrame;
  readonly span: Span;
  readonly orderSpan: Span;
}

/** The aggregates with OVER among the items of a SELECT, as they are found. */
export class Overs {
  readonly #named: Select['windows'];
  readonly #calls: OverCall[] = [];
  #window: OverWindow | undefined;

  constructor(named: Select['windows']) {
    this.#named = named;
  }

  /** The column of a call; undefined after a report. */
  callOf(context: Context, scope: Scope, node: Call, name: string): Expr | undefined {
    const subqueries = context.groups === undefined ? context.subqueries : undefined;
    const inside: Context = { ...context, overs: undefined, subqueries };
    const spec = this.#specOf(context, node.over!);
    const definition = spec && definitionOf(context, node, name);
    const window = spec && analyzeWindow(inside, scope, spec, name);
    const call = definition && window && analyzeCall(inside, scope, node, name, definition, window.frame);
    if (call === undefined || window === undefined) return undefined;
    this.#window ??= window;
    if (window.key !== this.#window.key) {
      const help = 'take the others in a query of their own, around this one';
      const message = 'all aggregates with OVER in a SELECT are of the same window';
      return mistake(context, 'invalid-query', message, window.span, { help });
    }
    const index = CALLS + this.#calls.push(call) - 1;
    return { ...column(index, { name: `w${index - CALLS}`, type: call.resolved.type }), span: node.span };
  }

  /** `input` with the values of the calls behind its columns; undefined after a report. */
  plan(context: Context, input: Plan): Plan | undefined {
    const window = this.#window;
    if (window === undefined) return input;
    const { time, frame, span, orderSpan } = window;
    const attribute = time.kind === 'column' ? timeAttributesOf(input)[time.index] : undefined;
    if (attribute === undefined && !this.#needsNoTime(context, input, window)) return undefined;
    if (attribute !== undefined && updatesOf(input) !== undefined) {
      const help = 'aggregate rows that only come: those of a table, or of a window';
      return mistake(context, 'invalid-query', 'OVER takes no rows that are updated', span, { help });
    }
    const below: Expr[] = input.fields.map((field, i) => column(i, field));
    const place = (expr: Expr) => (expr.kind === 'column' ? expr.index : below.push(expr) - 1);
    const partition = window.partition.map(place);
    const order = place(time);
    const calls = this.#calls.map((call): AggregateCall => ({ ...call, arguments: call.arguments.map(place) }));
    const width = input.fields.length;
    const fields = below.map((expr, i): Field => input.fields[i] ?? { name: `$f${i}`, type: expr.type });
    const values = calls.map(({ resolved }, i): Field => ({ name: `w${i}$o`, type: resolved.type }));
    const projected: Plan = below.length === width ? input : { kind: 'project', input, expressions: below, fields };
    const over: Over = {
      kind: 'over',
      input: projected,
      partition,
      time: order,
      ...(attribute !== undefined && { attribute }),
      span: orderSpan,
      ties: [],
      frame,
      calls,
      fields: [...fields, ...values],
    };
    const kept = [...below.slice(0, width).keys(), ...values.map((_, i) => below.length + i)];
    return {
      kind: 'project',
      input: over,
      expressions: kept.map((i) => column(i, over.fields[i]!)),
      fields: kept.map((i) => over.fields[i]!),
    };
  }

  /** Whether rows may be in the order of a column that is no time attribute; reports where not. */
  #needsNoTime(context: Context, input: Plan, { time, frame, orderSpan }: OverWindow): boolean {
    const lag = this.#calls.some(({ name }) => name === 'LAG');
    if (frame.preceding === undefined && !lag) return sortable(context, time, orderSpan);
    if (time.kind === 'column') {
      const what = lag ? 'the ORDER BY of LAG' : 'the ORDER BY of a frame that begins behind the first row';
      timeAttributeAt(context, input, time.index, what, orderSpan);
    } else {
      mistake(context, 'invalid-query', 'OVER is ordered by a time attribute, not by an expression', orderSpan);
    }
    return false;
  }

  /** An item over the columns of `plan`'s result, `width` of which were there before. */
  resolve(item: Expr, width: number): Expr {
    if (this.#window === undefined) return item;
    return replaceColumns(item, (each) => (each.index < CALLS ? each : { ...each, index: width + each.index - CALLS }));
  }

  /** The window that is written, or the one of that name with what is written beside. */
  #specOf(context: Context, over: WindowSpec | Identifier): WindowSpec | undefined {
    if (over.kind === 'window' && over.base === undefined) return over;
    const name = over.kind === 'window' ? over.base! : over;
    const found = this.#named.find((each) => each.name.name === name.name)?.window;
    if (found === undefined) {
      const names = this.#named.map((each) => each.name.name);
      const extra = didYouMean(name.name, names, name.span, 'declare it in a WINDOW clause');
      return mistake(context, 'invalid-query', `no window '${name.name}' here`, name.span, extra);
    }
    const base = this.#specOf(context, found);
    if (base === undefined || over.kind !== 'window') return base;
    const { partitionBy, orderBy, frame, span } = over;
    return {
      kind: 'window',
      partitionBy: partitionBy.length > 0 ? partitionBy : base.partitionBy,
      orderBy: orderBy.length > 0 ? orderBy : base.orderBy,
      ...((frame ?? base.frame) && { frame: frame ?? base.frame }),
      span,
    };
  }
}

function definitionOf(context: Context, node: Call, name: string): AggregateFunction | undefined {
  if (name === 'LAG') return lag;
  if (name === 'ROW_NUMBER' && node.arguments.length === 0) return aggregateFunctions.get('COUNT');
  const found = aggregateFunctions.get(name) ?? ranks.find((each) => each.name === name);
  if (found !== undefined) return found;
  const help = name === 'LEAD' ? 'Flink has no LEAD in streams either: LAG from the later row, or join' : undefined;
  return unsupported(context, `${name} with OVER is`, node.span, help);
}

function analyzeCall(
  context: Context,
  scope: Scope,
  node: Call,
  name: string,
  definition: AggregateFunction,
  frame: OverFrame,
): OverCall | undefined {
  const values: Expr[] = [];
  for (const argument of node.arguments) {
    if (argument.kind === 'reference' && argument.parts.length === 0) continue;
    const value = analyzeExpression(context, scope, argument);
    if (value === undefined) return undefined;
    values.push(value);
  }
  if (node.filter !== undefined) {
    const help = 'write a CASE as its argument';
    return mistake(context, 'invalid-query', 'an aggregate with OVER takes no FILTER', node.filter.span, { help });
  }
  // As in Flink, which does not see that a frame back from a row holds the row.
  const mayBeEmpty = frame.preceding !== undefined;
  const resolved = definition.resolve(values.map(constantOf), { mayBeEmpty }, context.session);
  if ('mismatch' in resolved) {
    const at = resolved.argument === undefined ? node.span : (values[resolved.argument]?.span ?? node.span);
    const help = resolved.help ?? `write ${definition.syntax.join(' or ')}`;
    return mistake(context, 'invalid-argument', resolved.mismatch, at, { help });
  }
  const args = resolved.parameters.map((t, i) => castTo(values[i]!, t, context.session.timeZone));
  const distinct = node.distinct === true && definition.idempotent !== true;
  return { name, resolved: distinct ? distinctOf(resolved) : resolved, distinct, arguments: args };
}

function analyzeWindow(context: Context, scope: Scope, spec: WindowSpec, name: string): OverWindow | undefined {
  const { partitionBy, orderBy, span } = spec;
  const partition = partitionBy.map((each) => analyzeExpression(context, scope, each));
  const [order, more] = orderBy;
  if (order === undefined || more !== undefined || order.descending) {
    const at = more?.span ?? order?.span ?? span;
    if (name === 'ROW_NUMBER') return unsupported(context, 'ROW_NUMBER by another order than time is', at);
    const found =
      order === undefined ? ', found no ORDER BY' : more === undefined ? ', found DESC' : ', found several columns';
    const help =
      name === 'RANK' || name === 'DENSE_RANK'
        ? 'to keep the first rows: SELECT … FROM (SELECT *, ROW_NUMBER() OVER (…) AS rn …) WHERE rn <= 10'
        : 'write ORDER BY with the column that WATERMARK FOR or PROCTIME() declares, or with another one';
    return mistake(context, 'invalid-query', `OVER is ordered by one column, ascending${found}`, at, { help });
  }
  const time = analyzeExpression(context, scope, order.expression);
  const frame = analyzeFrame(context, spec, name);
  if (time === undefined || frame === undefined || !partition.every((each) => each !== undefined)) return undefined;
  const bound = `${frame.rows} ${frame.preceding}`;
  const keys = [...partitionBy, order.expression].map((each) => keyOf(context, scope, each));
  const key = `${keys.join()} ${bound}`;
  return { key, partition, time, frame, span, orderSpan: order.expression.span };
}

/** Without a frame: all rows up to those of the same time. */
function analyzeFrame(context: Context, { frame, span }: WindowSpec, name: string): OverFrame | undefined {
  if (name === 'ROW_NUMBER' || name === 'LAG' || ranks.some((each) => each.name === name)) {
    if (frame === undefined) return { rows: name === 'ROW_NUMBER' };
    return mistake(context, 'invalid-query', `${name} takes no ROWS or RANGE`, span);
  }
  if (frame === undefined) return { rows: false };
  const { unit, start, end } = frame;
  const rows = unit === 'ROWS';
  const toCurrent = end === undefined || end.kind === 'CURRENT ROW';
  if (!toCurrent || start.kind === 'FOLLOWING' || start.kind === 'UNBOUNDED FOLLOWING') {
    const help = 'write … PRECEDING AND CURRENT ROW';
    return mistake(context, 'invalid-query', 'a frame of OVER ends at the current row', span, { help });
  }
  if (start.kind === 'UNBOUNDED PRECEDING') return { rows };
  if (start.kind === 'CURRENT ROW') return { rows, preceding: 0n };
  const preceding = rows ? rowCount(context, start.offset!) : windowLength(context, start.offset!, false, 'RANGE');
  return preceding === undefined ? undefined : { rows, preceding };
}

function rowCount(context: Context, node: Expression): bigint | undefined {
  const expr = analyzeExpression(context, { tables: [] }, node);
  if (expr === undefined) return undefined;
  if (expr.kind === 'literal' && typeof expr.value === 'number' && Number.isInteger(expr.value) && expr.value >= 0) {
    return BigInt(expr.value);
  }
  return mistake(context, 'invalid-argument', 'ROWS takes a constant number of rows', node.span);
}
