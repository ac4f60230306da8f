import type { Span } from '../diagnostics/diagnostic.ts';
import { aggregateFunctions } from '../functions/aggregates/index.ts';
import { unboundedRank } from '../plan/bound-rank.ts';
import { column } from '../plan/build.ts';
import { updatesOf } from '../plan/changelog.ts';
import { timeAttributesOf, type WindowColumns, windowColumnsOf } from '../plan/event-time.ts';
import { type Expr, replaceColumns } from '../plan/expr.ts';
import { lastInstantOf } from '../plan/last-instant.ts';
import { mapInputs, type Plan, type Rank } from '../plan/plan.ts';
import type { Call, OrderItem, Select, WindowSpec } from '../syntax/ast.ts';
import { type Field, type, typeText } from '../types/data-type.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { keyOf } from './grouping.ts';
import type { Scope } from './scope.ts';

/** What rows are ordered by. */
export interface SortKey {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

interface Numbering {
  /** Equal for equal partitions and orders. */
  readonly key: string;
  readonly partition: readonly Expr[];
  readonly order: readonly SortKey[];
  readonly span: Span;
}

/** Columns above all others, for ranks: what stands before them is known once the whole SELECT is. */
const RANKS = 1 << 30;

/** The calls of ROW_NUMBER in a SELECT, found while its items are analyzed. */
export class RowNumbers {
  readonly windows: Select['windows'];
  readonly #found: Numbering[] = [];

  constructor(windows: Select['windows']) {
    this.windows = windows;
  }

  /** Stands for the number until `apply`; one for calls that are written twice. */
  add(numbering: Numbering): Expr {
    const known = this.#found.findIndex(({ key }) => key === numbering.key);
    const index = RANKS + (known < 0 ? this.#found.push(numbering) - 1 : known);
    return column(index, { name: 'row_number', type: type.bigint(false) }, numbering.span);
  }

  /** The plan with the numbers behind its columns, and how expressions are written over it. */
  apply(input: Plan): { readonly plan: Plan; readonly place: (expr: Expr) => Expr } {
    const places: number[] = [];
    let plan = input;
    for (const { partition, order, span } of this.#found) {
      plan = rankOf(plan, partition, order, span);
      places.push(plan.fields.length - 1);
    }
    const place = (expr: Expr): Expr =>
      places.length === 0
        ? expr
        : replaceColumns(expr, (each) => (each.index < RANKS ? each : { ...each, index: places[each.index - RANKS]! }));
    return { plan, place };
  }
}

/** All rows with their numbers in a column behind; what is computed for it stands between. */
function rankOf(input: Plan, partition: readonly Expr[], order: readonly SortKey[], span: Span): Plan {
  const window = windowOfRows(input, partition);
  const last = window === undefined ? [] : [lastInstantOf(window, input)];
  const { plan, columns } = withColumns(input, [...partition, ...order.map(({ expr }) => expr), ...last]);
  return {
    ...ranking(plan, columns.slice(0, partition.length), order, columns.slice(partition.length), span),
    ...(window && { window: { time: columns.at(-1)!, attribute: window.attribute } }),
    numbered: true,
    fields: [...plan.fields, { name: 'row_number', type: type.bigint(false) }],
  };
}

/** The window that rows which only come are in, where its bounds are among the columns of a partition. */
function windowOfRows(input: Plan, partition: readonly Expr[]): WindowColumns | undefined {
  const window = updatesOf(input) === undefined ? windowColumnsOf(input) : undefined;
  const among = (index: number) => partition.some((expr) => expr.kind === 'column' && expr.index === index);
  return window !== undefined && among(window.start) && among(window.end) ? window : undefined;
}

/** The first rows by `order`, from `start` to `end`. */
export function firstRows(input: Plan, order: readonly SortKey[], start: number, end: number, span: Span): Plan {
  const { plan, columns } = withColumns(
    input,
    order.map(({ expr }) => expr),
  );
  const rank: Plan = { ...ranking(plan, [], order, columns, span), start, end };
  if (plan === input) return rank;
  const { fields } = input;
  return { kind: 'project', input: rank, expressions: fields.map((field, i) => column(i, field)), fields };
}

function ranking(
  input: Plan,
  partition: readonly number[],
  order: readonly SortKey[],
  columns: readonly number[],
  span: Span,
): Rank {
  const time = columns[0] === undefined ? undefined : timeAttributesOf(input)[columns[0]];
  return {
    kind: 'rank',
    input,
    partition,
    order: order.map(({ descending, nullsFirst }, i) => ({ column: columns[i]!, descending, nullsFirst })),
    ...(time === undefined ? {} : { time }),
    start: 1,
    end: Infinity,
    numbered: false,
    fields: input.fields,
    span,
  };
}

/** The plan with expressions among its columns: plain ones are there already, others come behind. */
function withColumns(
  input: Plan,
  exprs: readonly Expr[],
): { readonly plan: Plan; readonly columns: readonly number[] } {
  const computed: Expr[] = [];
  const columns = exprs.map((expr) =>
    expr.kind === 'column' ? expr.index : input.fields.length + computed.push(expr) - 1,
  );
  if (computed.length === 0) return { plan: input, columns };
  const fields = [...input.fields, ...computed.map((expr, i): Field => ({ name: `$${i}`, type: expr.type }))];
  const expressions = [...input.fields.map((field, i) => column(i, field)), ...computed];
  return { plan: { kind: 'project', input, expressions, fields }, columns };
}

/** `ROW_NUMBER() OVER (PARTITION BY … ORDER BY …)` as a column. */
export function rowNumber(context: Context, scope: Scope, numbers: RowNumbers, node: Call): Expr | undefined {
  const subqueries = context.groups === undefined ? context.subqueries : undefined;
  const inside: Context = { ...context, rowNumbers: undefined, subqueries };
  const spec = windowOf(context, numbers, node);
  if (spec === undefined) return undefined;
  if (node.arguments.length > 0)
    return mistake(context, 'invalid-argument', 'ROW_NUMBER takes no arguments', node.span);
  if (spec.orderBy.length === 0) {
    const help = 'write OVER (PARTITION BY … ORDER BY …)';
    return mistake(context, 'invalid-query', 'ROW_NUMBER needs an ORDER BY', node.span, { help });
  }
  if (spec.frame !== undefined) {
    return mistake(context, 'invalid-query', 'ROW_NUMBER takes no frame of rows', node.span);
  }
  const partition = spec.partitionBy.map((each) => analyzeExpression(inside, scope, each));
  const order = spec.orderBy.map((item) => {
    const expr = analyzeExpression(inside, scope, item.expression);
    return expr && sortKey(context, item, expr);
  });
  if (!partition.every((each) => each !== undefined) || !order.every((each) => each !== undefined)) return undefined;
  const keys = spec.partitionBy.map((each) => keyOf(context, scope, each));
  const orders = spec.orderBy.map(
    ({ expression }, i) =>
      `${keyOf(context, scope, expression)} ${order[i]!.descending ? '-' : '+'}${order[i]!.nullsFirst}`,
  );
  return numbers.add({ key: [keys, orders].join(' / '), partition, order, span: node.span });
}

/** The window of OVER, by itself or by its name. */
function windowOf(context: Context, numbers: RowNumbers, { over }: Call): WindowSpec | undefined {
  if (over === undefined) return undefined;
  if (over.kind === 'window') {
    return over.base === undefined ? over : unsupported(context, 'a window over another one is', over.span);
  }
  const found = numbers.windows.find(({ name }) => name.name === over.name);
  if (found !== undefined) return found.window;
  const names = numbers.windows.map(({ name }) => name.name);
  return mistake(
    context,
    'invalid-query',
    `no window '${over.name}' here`,
    over.span,
    didYouMean(over.name, names, over.span),
  );
}

/** Whether values of an expression have an order; reports where not. */
export function sortable(context: Context, { type: t, span }: Expr, at: Span): boolean {
  if (!/^(ARRAY|MAP|MULTISET|ROW|NULL)$/.test(t.kind)) return true;
  mistake(context, 'type-mismatch', `${typeText(t, false)} has no order`, span ?? at);
  return false;
}

/** By default NULL is less than every value. */
export function sortKey(context: Context, { descending, nulls, span }: OrderItem, expr: Expr): SortKey | undefined {
  if (!sortable(context, expr, span)) return undefined;
  return { expr, descending, nullsFirst: nulls === undefined ? !descending : nulls === 'FIRST' };
}

/**
 * The plan with numbers that nothing bounds counted as OVER does, where rows come in their order; undefined after the
 * report of another one: the numbers of all rows would change with each row that comes.
 */
export function finishRanks(context: Context, plan: Plan): Plan | undefined {
  const finished = countRanks(context, plan);
  const rank = unboundedRank(finished);
  if (rank === undefined) return finished;
  const help =
    'keep the first ones: SELECT … FROM (SELECT *, ROW_NUMBER() … AS rn …) WHERE rn <= 10; or number by a time attribute';
  return unsupported(context, 'ROW_NUMBER without a last number is', rank.span, help);
}

function countRanks(context: Context, plan: Plan): Plan {
  const below = mapInputs(plan, (input) => countRanks(context, input));
  if (below.kind !== 'rank' || below.end !== Infinity || below.start !== 1) return below;
  const { input, partition, order, time, fields, span } = below;
  const [first, ...others] = order;
  if (first === undefined || first.descending || !first.nullsFirst || others.length > 0) return below;
  if (time !== undefined && updatesOf(input) !== undefined) return below;
  const resolved = aggregateFunctions.get('COUNT')!.resolve([], { mayBeEmpty: false }, context.session);
  if ('mismatch' in resolved) return below;
  const calls = [{ name: 'ROW_NUMBER', resolved, arguments: [], distinct: false }];
  const attribute = time === undefined ? {} : { attribute: time };
  const over = { kind: 'over', input, partition, time: first.column, ...attribute, ties: [], span } as const;
  return { ...over, frame: { rows: true }, calls, fields };
}
