import type { Span } from '../diagnostics/diagnostic.ts';
import { functions } from '../functions/index.ts';
import { type Field, withNullable } from '../types/data-type.ts';
import { call, column } from './build.ts';
import { updatesOf } from './changelog.ts';
import {
  type Expr,
  forEachOuter,
  isDeterministic,
  type OuterExpr,
  readsColumn,
  readsOuter,
  replaceColumns,
  replaceOuter,
} from './expr.ts';
import { conjunction, isKey } from './join-condition.ts';
import { joinPlans } from './join-plans.ts';
import type { Plan } from './plan.ts';

/** A query that is asked for each row of another one, without the columns of that row in its plan. */
export interface Free {
  readonly plan: Plan;
  /** The query's columns, over those of `plan` and of the row around. */
  readonly columns: readonly Expr[];
  /** What must be TRUE for a row of `plan` to be one for the row around; over both alike. */
  readonly conditions: readonly Expr[];
  /**
   * Whether the query has exactly one row for every row around. Where `plan` has none for it, the query's columns are
   * `columns` over NULLs.
   */
  readonly one: boolean;
}

/** What a query is asked for. */
export interface Around {
  /** The rows, whose columns the query uses. */
  readonly rows: Plan;
  /** How many queries are around these. */
  readonly depth: number;
  /** Where the query is written. */
  readonly span: Span;
}

/** Why a query cannot be asked for each row; `what` begins the sentence: "a UNION is". */
export interface Stuck {
  readonly what: string;
  readonly help?: string;
}

export function isStuck(result: object): result is Stuck {
  return 'what' in result;
}

/** All columns of a plan as expressions. */
export function columnsOf(plan: Plan): readonly Expr[] {
  return plan.fields.map((field, i) => column(i, field));
}

/** An expression over `columns` as one over what they are computed from. */
export function over(expr: Expr, columns: readonly Expr[]): Expr {
  return replaceColumns(expr, (each) => columns[each.index]!);
}

/** The expression with the columns of its plan behind `width` others. */
export function shifted(expr: Expr, width: number): Expr {
  return replaceColumns(expr, (each) => ({ ...each, index: each.index + width }));
}

/** Filters, where there is something to filter by. */
export function filtered(input: Plan, parts: readonly Expr[]): Plan {
  const condition = conjunction(parts);
  return condition === undefined ? input : { kind: 'filter', input, condition, fields: input.fields };
}

/** The rows of the query with each combination of the values around that it uses, or `read` does. */
export interface WithValues {
  readonly free: Free;
  /** An expression over `free` and the row around, over `free` alone. */
  readonly place: (expr: Expr) => Expr;
}

/** Nothing of the row around is left but equalities with columns of the plan; NULL meets nothing, as in Flink. */
export function withValues(free: Free, read: readonly Expr[], { rows, depth, span }: Around): WithValues | Stuck {
  const used = new Map<number, OuterExpr>();
  for (const expr of [...free.columns, ...free.conditions, ...read]) {
    forEachOuter(expr, depth, (each) => void used.set(each.index, each));
  }
  const outers = [...used.values()].sort((a, b) => a.index - b.index);
  if (outers.length === 0) return { free, place: (expr) => expr };
  const odd = outers.find(({ type }) => !isKey(type));
  if (odd !== undefined) return { what: `'${odd.name}', which has no simple type, in a query within is` };
  const fields = outers.map(({ index }): Field => rows.fields[index]!);
  const expressions = outers.map(({ index }, i) => column(index, fields[i]!));
  const input: Plan = { kind: 'project', input: rows, expressions, fields };
  const values: Plan = { kind: 'aggregate', input, keys: fields.map((_, i) => i), calls: [], fields };
  const width = free.plan.fields.length;
  const valueAt = (i: number): Expr => column(width + i, fields[i]!);
  const place = (expr: Expr) =>
    replaceOuter(expr, depth, ({ index }) => valueAt(outers.findIndex((each) => each.index === index)));
  const plan = joinPlans(free.plan, values, 'inner', conjunction(free.conditions.map(place)), span);
  const conditions = outers.map((outer, i) => equal(valueAt(i), outer, span));
  return { free: { plan, columns: free.columns.map(place), conditions, one: free.one }, place };
}

function equal(left: Expr, right: Expr, span: Span): Expr {
  const definition = functions.get('=')!;
  const resolved = definition.resolve([{ type: left.type }, { type: right.type }], { timeZone: 'UTC', now: () => 0n });
  if ('mismatch' in resolved) throw new Error(resolved.mismatch);
  return call('=', resolved, [left, right], true, 'UTC', span);
}

/** A condition that compares an expression of the plan with one of the row around: rows are grouped by the first. */
interface Link {
  readonly inner: Expr;
  /** The condition again, over a column that holds the value of `inner`. */
  readonly bind: (column: Expr) => Expr;
}

function linkOf(condition: Expr, depth: number): Link | undefined {
  if (condition.kind !== 'call' || condition.name !== '=') return undefined;
  const [left, right] = condition.arguments as [Expr, Expr];
  for (const flipped of [false, true]) {
    const [inner, outer] = flipped ? [right, left] : [left, right];
    if (readsOuter(inner, depth) || readsColumn(outer) || !isKey(inner.type) || !isDeterministic(inner)) continue;
    const bind = (value: Expr): Expr => ({ ...condition, arguments: flipped ? [outer, value] : [value, outer] });
    return { inner, bind };
  }
  return undefined;
}

/** The query's columns as columns of a plan, and behind them those that tell which rows around its rows are for. */
export interface Keyed {
  readonly plan: Plan;
  readonly keys: readonly number[];
  /** The conditions, over columns that hold what those at `keys` do. */
  bind(columns: readonly Expr[]): readonly Expr[];
}

/** Of the columns only those at `used` need to be without the row around. */
export function keyed(free: Free, around: Around): Keyed | Stuck {
  const { depth } = around;
  const links = free.conditions.map((condition) => linkOf(condition, depth));
  const plain = links.every((link) => link !== undefined) && !free.columns.some((expr) => readsOuter(expr, depth));
  if (!plain) {
    const bound = withValues(free, [], around);
    if (isStuck(bound)) return bound;
    // Where nothing but the values around decides, they are in the plan now.
    return keyed(bound.free, around);
  }
  const inner = links.map((link) => link!.inner);
  const fields = [
    ...free.columns.map((expr, i): Field => ({ name: nameOf(expr, `$f${i}`), type: expr.type })),
    ...inner.map((expr, i): Field => ({ name: nameOf(expr, `$k${i}`), type: expr.type })),
  ];
  const width = free.columns.length;
  return {
    plan: { kind: 'project', input: free.plan, expressions: [...free.columns, ...inner], fields },
    keys: inner.map((_, i) => width + i),
    bind: (columns) => columns.map((each, i) => links[i]!.bind(each)),
  };
}

/** The name of a column; `otherwise` of what is computed. */
export function nameOf(expr: Expr, otherwise: string): string {
  return expr.kind === 'column' ? expr.name : otherwise;
}

/** The query with its columns computed in the plan, so that they are NULL where a join finds no row of it. */
export function settled(free: Free, around: Around): Free | Stuck {
  const { depth } = around;
  if (free.columns.every((expr) => expr.kind === 'column')) return free;
  const bound = free.columns.some((expr) => readsOuter(expr, depth)) ? withValues(free, [], around) : { free };
  if (isStuck(bound)) return bound;
  const { plan, columns, conditions } = bound.free;
  const width = plan.fields.length;
  const fields = [
    ...plan.fields,
    ...columns.map((expr, i): Field => ({ name: nameOf(expr, `$f${i}`), type: expr.type })),
  ];
  return {
    plan: { kind: 'project', input: plan, expressions: [...columnsOf(plan), ...columns], fields },
    columns: columns.map((_, i) => column(width + i, fields[width + i]!)),
    conditions,
    one: false,
  };
}

/** Whether there is one row at most for each row around. */
export function isSingle({ plan, conditions, one }: Free, depth: number): boolean {
  if (one || (plan.kind === 'values' && plan.rows.length <= 1)) return true;
  const equal = conditions.flatMap((each) => {
    const inner = linkOf(each, depth)?.inner;
    return inner?.kind === 'column' ? [inner.index] : [];
  });
  return updatesOf(plan)?.keys.some((key) => key.every((index) => equal.includes(index))) ?? false;
}

/** The expression as one that may be NULL. */
export function optional(expr: Expr): Expr {
  return { ...expr, type: withNullable(expr.type, true) };
}
