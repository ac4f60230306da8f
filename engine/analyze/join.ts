import { Diagnostics } from '../diagnostics/diagnostic.ts';
import { askRows } from '../plan/ask.ts';
import { caseWhen, castTo, isNull } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import { usesOuter } from '../plan/expressions.ts';
import { isStuck } from '../plan/free.ts';
import { conjunction } from '../plan/join-condition.ts';
import { joinPlans } from '../plan/join-plans.ts';
import type { Join as JoinPlan, Plan } from '../plan/plan.ts';
import type { Expression, Identifier, Join } from '../syntax/ast.ts';
import { commonType } from '../types/coerce.ts';
import { withNullable } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import { analyzeCondition } from './expression.ts';
import { analyzeFrom, type From } from './from.ts';
import { stateTtlOf } from './hint.ts';
import { firstColumns } from './order.ts';
import { depthOf, type MergedColumn, type Scope, type ScopeTable, scopeOf, shiftScope } from './scope.ts';
import { reportStuck, Subqueries } from './subqueries.ts';
import { analyzeTemporalJoin, isVersioned } from './temporal-join.ts';
import { analyzeUnnest } from './unnest.ts';

/** Two tables of FROM as one: joins of every kind, written with JOIN or a comma. */
export function analyzeJoin(context: Context, node: Join, outer: Scope | undefined): From {
  const left = analyzeFrom(context, node.left, outer);
  if (lacksCondition(node)) {
    mistake(context, 'invalid-query', 'JOIN without a condition', node.right.span, {
      help: 'write ON and a condition behind it, or CROSS JOIN for every pair of rows',
    });
  }
  if (node.right.kind === 'unnest' && canUnnest(node)) {
    const unnested = checkNames(context, node, analyzeUnnest(context, left, node.right, node.type === 'LEFT', outer));
    return node.on === undefined || isTrue(node.on)
      ? unnested
      : filterUnnested(context, node, node.on, unnested, outer);
  }
  if (isVersioned(node.right)) {
    return checkNames(context, node, analyzeTemporalJoin(context, { ...node, right: node.right }, left, outer));
  }
  // LATERAL and table functions see the tables on their left.
  const lateral = node.right.kind === 'function-table' || (node.right.kind === 'derived' && node.right.lateral);
  const right = analyzeFrom(context, node.right, lateral ? scopeOf(left, outer) : outer);
  const width = widthOf(left.tables);
  const sides: Sides = { left, right: { ...right, ...shiftScope(right, width) } };
  const both: From = { tables: [...sides.left.tables, ...sides.right.tables], plan: undefined };
  const merged = mergedColumns(context, node, sides);
  const quiet = namesTwice(both.tables) === undefined ? context : { ...context, report: new Diagnostics() };
  const scope = scopeOf({ ...both, merged: kept(sides, []) }, outer);
  const subqueries = new Subqueries(width + widthOf(right.tables), depthOf(scope), true);
  const inside: Context = { ...quiet, subqueries, decides: 'true' };
  const on = node.on && analyzeCondition(inside, scope, node.on, 'ON');
  const broken = merged === undefined || (node.on !== undefined && on === undefined);
  if (broken || left.plan === undefined || right.plan === undefined) return checkNames(context, node, both);
  const condition = on ?? conjunction(merged.map((each) => each.equal));
  const type = joinTypes[node.type];
  const plan = usesOuter(right.plan, depthOf(scope))
    ? lateralJoin(context, node, left.plan, right.plan, condition, depthOf(scope))
    : answeredJoin(context, node, left.plan, right.plan, condition, subqueries);
  if (plan === undefined) return checkNames(context, node, both);
  const nullable = nullableTables(type, sides);
  const columns = merged.map((each) => mergedValue(each, type, plan));
  return checkNames(context, node, {
    tables: nullable,
    merged: kept({ left: withTypes(left, plan), right: withTypes(sides.right, plan) }, columns),
    plan,
  });
}

/** The join of two tables; what its condition asks queries for stands behind the right one meanwhile. */
function answeredJoin(
  context: Context,
  node: Join,
  left: Plan,
  right: Plan,
  condition: Expr | undefined,
  subqueries: Subqueries,
): Plan | undefined {
  const answered = subqueries.join(context, right, right);
  const joined = answered && joinPlans(left, answered, joinTypes[node.type], condition, node.right.span);
  const ttl = { ...side('left', stateTtlOf(context, node.left)), ...side('right', stateTtlOf(context, node.right)) };
  const kept = joined && Object.keys(ttl).length > 0 ? { ...joined, ttl } : joined;
  return kept && firstColumns(kept, kept.fields.slice(0, left.fields.length + right.fields.length));
}

/** The join with a query that is asked for each row of the left. */
function lateralJoin(
  context: Context,
  node: Join,
  left: Plan,
  right: Plan,
  condition: Expr | undefined,
  depth: number,
): Plan | undefined {
  const { span } = node.right;
  const type = joinTypes[node.type];
  if (type === 'right' || type === 'full') {
    return mistake(context, 'invalid-query', `${node.type} JOIN LATERAL: the query needs a row on the left`, span, {
      help: 'write LEFT JOIN LATERAL or CROSS JOIN LATERAL',
    });
  }
  const always = condition?.kind === 'literal' && condition.value === true;
  const plan = askRows(left, type, right, always ? undefined : condition, { rows: left, depth, span });
  return isStuck(plan) ? reportStuck(context, plan, span) : plan;
}

function side(name: 'left' | 'right', ttl: number | undefined): NonNullable<JoinPlan['ttl']> {
  return ttl === undefined ? {} : { [name]: ttl };
}

function lacksCondition({ type, comma, natural, on, using }: Join): boolean {
  return type !== 'CROSS' && !comma && !natural && on === undefined && using === undefined;
}

/** Both inputs of a join; the columns of the right one stand behind those of the left. */
interface Sides {
  readonly left: From;
  readonly right: From;
}

const joinTypes = { INNER: 'inner', CROSS: 'inner', LEFT: 'left', RIGHT: 'right', FULL: 'full' } as const;
type OuterType = (typeof joinTypes)[Join['type']];

function nullableTables(type: OuterType, { left, right }: Sides): ScopeTable[] {
  const optional = ({ tables }: From, missing: boolean) =>
    missing
      ? tables.map((table) => ({
          ...table,
          fields: table.fields.map((field) => ({ ...field, type: field.type && withNullable(field.type, true) })),
        }))
      : tables;
  return [
    ...optional(left, type === 'right' || type === 'full'),
    ...optional(right, type === 'left' || type === 'full'),
  ];
}

/** Columns of one name on both sides, of which a query sees one. */
interface Pair {
  readonly name: string;
  readonly left: Expr;
  readonly right: Expr;
  readonly equal: Expr;
}

/** The columns of USING, or those that NATURAL finds; none for other joins, undefined after a report. */
function mergedColumns(context: Context, node: Join, { left, right }: Sides): Pair[] | undefined {
  const names = node.natural ? commonNames(left, right, node.span) : node.using;
  if (names === undefined) return [];
  const pairs = names.map((name): Pair | undefined => {
    const l = columnNamed(context, left, name);
    const r = columnNamed(context, right, name);
    if (l === 'unknown' || r === 'unknown') return undefined;
    const equal = applyFunction(context, '=', [l, r], name.span);
    return equal && { name: name.name, left: l, right: r, equal };
  });
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

function commonNames(left: From, right: From, span: Identifier['span']): Identifier[] {
  const names = (from: From) => [...new Set(from.tables.flatMap(({ fields }) => fields.map(({ name }) => name)))];
  const rights = names(right);
  return names(left).flatMap((name) =>
    rights.includes(name) ? [{ kind: 'identifier', name, quoted: false, span } as const] : [],
  );
}

/** The one column of that name; 'unknown' after a report. */
function columnNamed(context: Context, from: From, name: Identifier): Expr | 'unknown' {
  const merged = from.merged?.find((each) => each.name === name.name);
  if (merged !== undefined) return { ...merged.value, span: name.span };
  const found = from.tables.flatMap((table) =>
    table.fields.flatMap((field, i) => (field.name === name.name ? [{ field, index: table.offset + i }] : [])),
  );
  const [only] = found;
  if (found.length === 1 && only !== undefined) {
    const { type } = only.field;
    return type === undefined
      ? 'unknown'
      : { kind: 'column', index: only.index, name: name.name, type, span: name.span };
  }
  if (from.tables.some((table) => table.open)) return 'unknown';
  const message =
    found.length > 1
      ? `column '${name.name}' is ambiguous: one side has it more than once`
      : `no column '${name.name}' on both sides`;
  const names = from.tables.flatMap((table) => table.fields.map((field) => field.name));
  const extra = found.length > 1 ? {} : didYouMean(name.name, names, name.span);
  mistake(context, found.length > 1 ? 'ambiguous-column' : 'unknown-column', message, name.span, extra);
  return 'unknown';
}

/** The value of a merged column in the rows of the join: that of the side which has one. */
function mergedValue({ name, left, right }: Pair, type: OuterType, plan: Plan): MergedColumn {
  const l = retyped(left, plan);
  const r = retyped(right, plan);
  const covers = [left, right].flatMap((side) => (side.kind === 'column' ? [side.index] : []));
  if (type === 'inner' || type === 'left') return { name, value: l, covers };
  if (type === 'right') return { name, value: r, covers };
  const common = commonType([l.type, r.type]) ?? l.type;
  const [first, second] = [castTo(l, common, 'UTC'), castTo(r, common, 'UTC')];
  return { name, value: caseWhen([{ when: isNull(l, true), result: first }], second), covers };
}

function retyped(expr: Expr, plan: Plan): Expr {
  return expr.kind === 'column' ? { ...expr, type: plan.fields[expr.index]!.type } : expr;
}

function withTypes(from: From, plan: Plan): From {
  if (from.merged === undefined) return from;
  return { ...from, merged: from.merged.map((each) => ({ ...each, value: retyped(each.value, plan) })) };
}

/** The merged columns of a join: its own, then those of its sides which it does not merge again. */
function kept({ left, right }: Sides, own: readonly MergedColumn[]): MergedColumn[] {
  const names = new Set(own.map((each) => each.name));
  const below = [...(left.merged ?? []), ...(right.merged ?? [])];
  const all = own.map((each) => ({
    ...each,
    covers: [...each.covers, ...below.flatMap(({ name, covers }) => (name === each.name ? covers : []))],
  }));
  return [...all, ...below.filter((each) => !names.has(each.name))];
}

function widthOf(tables: readonly ScopeTable[]): number {
  return tables.reduce((n, table) => n + table.fields.length, 0);
}

function canUnnest(node: Join): boolean {
  return !node.natural && node.using === undefined && node.type !== 'RIGHT' && node.type !== 'FULL';
}

function isTrue(node: Expression): boolean {
  return node.kind === 'boolean' && node.value;
}

/** JOIN UNNEST(…) ON condition: a filter, unless rows without such elements are to stay. */
function filterUnnested(context: Context, node: Join, on: Expression, from: From, outer: Scope | undefined): From {
  const condition = analyzeCondition(context, scopeOf(from, outer), on, 'ON');
  const { plan } = from;
  if (plan === undefined || condition === undefined) return { ...from, plan: undefined };
  if (node.type === 'LEFT' && plan.kind === 'unnest') return { ...from, plan: { ...plan, condition } };
  return { ...from, plan: { kind: 'filter', input: plan, condition, fields: plan.fields } };
}

/** Two tables of one FROM cannot have the same name. */
function checkNames(context: Context, node: Join, from: From): From {
  const last = namesTwice(from.tables);
  if (last !== undefined) {
    const at = 'alias' in node.right && node.right.alias !== undefined ? node.right.alias.name.span : node.right.span;
    mistake(context, 'duplicate-name', `FROM has two tables named '${last}'`, at, {
      help: 'give one of them an alias',
    });
    // Which of the two a name means cannot be told.
    return { tables: from.tables.map((table) => (table.name === last ? hidden(table) : table)), plan: undefined };
  }
  return from;
}

/** The name of the last table, where another one has it, too. */
function namesTwice(tables: readonly ScopeTable[]): string | undefined {
  const names = tables.map((table) => table.name);
  const last = names.at(-1);
  return last !== undefined && names.indexOf(last) < names.length - 1 ? last : undefined;
}

/** A table of which nothing is said any more. */
function hidden(table: ScopeTable): ScopeTable {
  return { ...table, fields: [], open: true };
}
