import { join, type Span } from '../diagnostics/diagnostic.ts';
import { column } from '../plan/build.ts';
import { updatesOf } from '../plan/changelog.ts';
import { timeAttributesOf } from '../plan/event-time.ts';
import type { Expr } from '../plan/expr.ts';
import type { Plan, RankOrder } from '../plan/plan.ts';
import type { Expression, OrderItem, Query, SelectItem } from '../syntax/ast.ts';
import type { Field } from '../types/data-type.ts';
import { type Context, mistake } from './context.ts';
import { firstRows, type SortKey, sortKey } from './row-number.ts';

/** ORDER BY, LIMIT and OFFSET of a query. */
export type Ordering = Pick<Query, 'orderBy' | 'limit' | 'offset'>;

/** Whether a query has any of them. */
export function isOrdered({ orderBy, limit, offset }: Ordering): boolean {
  return orderBy.length > 0 || limit !== undefined || offset !== undefined;
}

/** The ranks that LIMIT and OFFSET keep; undefined after a report. */
export function ranksOf(
  context: Context,
  query: Ordering,
): { readonly start: number; readonly end: number } | undefined {
  const { orderBy, limit, offset } = query;
  if (limit === undefined) {
    if (offset !== undefined) {
      const help = 'add a LIMIT: OFFSET n ROWS FETCH NEXT m ROWS ONLY';
      return mistake(context, 'invalid-query', 'OFFSET needs a LIMIT: the rows never end', offset.span, { help });
    }
    const span = join(orderBy[0]!.span, orderBy.at(-1)!.span);
    const help = 'add a LIMIT: then the first rows are kept up to date; or order by event time first, ascending';
    return mistake(context, 'invalid-query', 'ORDER BY needs a LIMIT: rows that never end have no order', span, {
      help,
    });
  }
  const count = countOf(context, limit);
  const skipped = offset === undefined ? 0 : countOf(context, offset);
  return count === undefined || skipped === undefined ? undefined : { start: skipped + 1, end: skipped + count };
}

function countOf(context: Context, node: Expression): number | undefined {
  const count = node.kind === 'number' ? Number(node.text) : Number.NaN;
  if (Number.isSafeInteger(count) && count >= 0) return count;
  return mistake(context, 'invalid-query', 'expected a whole number of rows', node.span);
}

/**
 * The output that an item of ORDER BY names: by its name, or by its number from 1. undefined: it is an expression of
 * its own; 'wrong' after a report.
 */
export function outputOf(
  context: Context,
  names: readonly string[],
  { expression }: OrderItem,
): number | 'wrong' | undefined {
  if (expression.kind === 'number' && /^\d+$/.test(expression.text)) {
    const n = Number(expression.text);
    if (n >= 1 && n <= names.length) return n - 1;
    mistake(context, 'invalid-query', `ORDER BY ${n}: the query has ${names.length} columns`, expression.span);
    return 'wrong';
  }
  if (expression.kind !== 'reference' || expression.star || expression.parts.length !== 1) return undefined;
  const index = names.indexOf(expression.parts[0]!.name);
  return index < 0 ? undefined : index;
}

/** An expression of ORDER BY with the outputs that it names put in their places. */
export function withOutputs(expression: Expression, items: readonly SelectItem[]): Expression {
  const aliases = new Map(
    items.flatMap(({ alias, expression: output }): [string, Expression][] =>
      alias === undefined ? [] : [[alias.name, output]],
    ),
  );
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Expression;
    const name = node.kind === 'reference' && node.parts.length === 1 ? node.parts[0]!.name : undefined;
    const output = name === undefined ? undefined : aliases.get(name);
    if (output !== undefined) return output;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]));
  };
  return replace(expression) as Expression;
}

/**
 * The rows of `plan` that ORDER BY and LIMIT keep; `keyOf` analyzes an item over the plan's columns. undefined after a
 * report.
 */
export function orderRows(
  context: Context,
  query: Ordering,
  plan: Plan,
  span: Span,
  keyOf: (item: OrderItem) => Expr | undefined,
): Plan | undefined {
  const keys: SortKey[] = [];
  for (const item of query.orderBy) {
    const expr = keyOf(item);
    const key = expr && sortKey(context, item, expr);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  const sorted = byTime(query, plan, keys);
  if (sorted !== undefined) return sorted;
  const ranks = ranksOf(context, query);
  return ranks && firstRows(plan, keys, ranks.start, ranks.end, span);
}

/** ORDER BY an event time first: rows wait for it and are told in its order. By the clock they come in it. */
function byTime(query: Ordering, plan: Plan, [first, ...others]: readonly SortKey[]): Plan | undefined {
  if (first === undefined || first.descending || query.limit !== undefined || query.offset !== undefined)
    return undefined;
  if (updatesOf(plan) !== undefined) return undefined;
  const { expr } = first;
  const attribute = expr.kind === 'column' ? timeAttributesOf(plan)[expr.index] : undefined;
  if (attribute === 'processing' && others.length === 0) return plan;
  if (expr.kind !== 'column' || attribute !== 'event') return undefined;
  const ties: RankOrder[] = [];
  for (const { expr: each, descending, nullsFirst } of others) {
    if (each.kind !== 'column') return undefined;
    ties.push({ column: each.index, descending, nullsFirst });
  }
  const frame = { rows: true, preceding: 0n };
  const { fields } = plan;
  return {
    kind: 'over',
    input: plan,
    partition: [],
    time: expr.index,
    attribute: 'event',
    ties,
    frame,
    calls: [],
    fields,
  };
}

/** The columns `fields` of a plan that has more behind. */
export function firstColumns(plan: Plan, fields: readonly Field[]): Plan {
  if (plan.fields.length === fields.length) return plan;
  return { kind: 'project', input: plan, expressions: fields.map((field, i) => column(i, field)), fields };
}
