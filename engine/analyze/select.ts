import { join, type Span } from '../diagnostics/diagnostic.ts';
import { caseWhen, column, literal } from '../plan/build.ts';
import { windowColumnsOf } from '../plan/event-time.ts';
import type { Expr } from '../plan/expr.ts';
import { conjuncts } from '../plan/join-condition.ts';
import { lastInstantOf } from '../plan/last-instant.ts';
import type { Plan } from '../plan/plan.ts';
import type { Expression, Reference, Select, SelectItem } from '../syntax/ast.ts';
import type { Field } from '../types/data-type.ts';
import { Groups } from './aggregate.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';
import { placeWatermarks } from './current-watermark.ts';
import { analyzeCondition, analyzeExpression, illegalNull } from './expression.ts';
import { analyzeFrom, type From } from './from.ts';
import { analyzeGroupWindow, isGroupWindow } from './group-window.ts';
import { checkGrouped, checkGrouping, containsAggregate, isGrouped, isGroupingSets, keyOf } from './grouping.ts';
import { groupedExpressions, groupingSetsOf, isOneOf, setColumn, setColumnAt } from './grouping-sets.ts';
import { hintsOf, stateTtlOf } from './hint.ts';
import { firstColumns, type Ordering, orderRows, outputOf, withOutputs } from './order.ts';
import { Overs } from './over.ts';
import type { Relation, RelationField, Swallowed } from './relation.ts';
import { RowNumbers } from './row-number.ts';
import { depthOf, fieldsOf, findTable, resolveReference, type Scope, type ScopeTable, scopeOf } from './scope.ts';
import { Subqueries } from './subqueries.ts';
import { singleRow } from './values.ts';
import { analyzeWhere, applyWhere, plainFilter, type Where } from './where.ts';
import { WithoutFrom } from './without-from.ts';

/** Columns of the answers to queries above GROUP BY have indexes from here on, until it is known what stands before. */
const GROUPED = 1 << 27;

interface Output {
  readonly name: string;
  readonly expr: Expr | undefined;
}

/** FROM, WHERE, GROUP BY, HAVING, the items, QUALIFY, DISTINCT, and the ORDER BY and LIMIT of a query around. */
export function analyzeSelect(outside: Context, node: Select, outer: Scope | undefined, ordering?: Ordering): Relation {
  const swallowed: Swallowed[] = [];
  const relation = analyzeParts(outside, node, outer, ordering, swallowed);
  return swallowed.length === 0 ? relation : { ...relation, swallowed };
}

function analyzeParts(
  outside: Context,
  node: Select,
  outer: Scope | undefined,
  ordering: Ordering | undefined,
  swallowed: Swallowed[],
): Relation {
  const context: Context = {
    ...outside,
    hints: hintsOf(outside, node),
    groups: undefined,
    overs: undefined,
    rowNumbers: undefined,
    subqueries: undefined,
    rowSubqueries: undefined,
    decides: undefined,
    aliases: aliasesOf(outside, node),
  };
  const from: From =
    node.from === undefined ? { tables: [], plan: singleRow.plan } : analyzeFrom(context, node.from, outer);
  const scope = scopeOf(from, outer);
  swallowed.push(...swallowedBy(context, scope, node));
  const depth = depthOf(scope);
  const below = new Subqueries(fieldsOf(scope).length, depth);
  const rows: Context = { ...context, subqueries: below };
  const where = node.where && analyzeFilter(rows, scope, node.where);
  const right = checkGrouping(context, scope, node);
  const groups = isGrouped(node) ? analyzeGroupBy(rows, scope, node, from.plan?.fields.length ?? 0) : undefined;
  const subqueries = groups === undefined ? below : new Subqueries(GROUPED, depth);
  const rowNumbers = new RowNumbers(node.windows);
  // Where the groups are not known, that was reported, or follows from what was.
  const aggregatesReported = context.aggregatesReported || (isGrouped(node) && groups === undefined);
  const above: Context = {
    ...context,
    aggregatesReported,
    groups,
    rowNumbers,
    subqueries,
    ...(groups === undefined ? {} : { rowSubqueries: below }),
  };
  const overs = new Overs(node.windows);
  const fromless = node.from === undefined ? new WithoutFrom(context, node) : undefined;
  const items: Context = { ...above, overs, report: fromless ?? context.report };
  const outputs = node.items.flatMap((item, i) => analyzeItem(items, scope, item, i));
  const having = node.having && analyzeWhere({ ...above, rowNumbers: undefined }, scope, node.having, 'HAVING');
  const qualify = node.qualify && analyzeCondition(above, scope, withOutputs(node.qualify, node.items), 'QUALIFY');
  const fields = outputs.map(({ name, expr }): RelationField => ({ name, type: expr?.type }));
  const open = from.tables.some((table) => table.open) && node.items.some(isStar);
  if (open || fromless?.told) return { fields, plan: undefined, open: true };
  if (from.plan === undefined || !right || (node.where !== undefined && where === undefined)) {
    return { fields, plan: undefined };
  }
  if ((isGrouped(node) && groups === undefined) || (node.having !== undefined && having === undefined)) {
    return { fields, plan: undefined };
  }
  const expressions: Expr[] = [];
  for (const { expr } of outputs) {
    if (expr === undefined) return { fields, plan: undefined };
    expressions.push(expr);
  }
  if (node.qualify !== undefined && qualify === undefined) return { fields, plan: undefined };
  const keys = ordering && analyzeOrder(above, scope, node, fields, ordering);
  if (keys === 'wrong') return { fields, plan: undefined };
  const filtered = applyWhere(context, from.plan, where, below);
  const ttl = node.from && stateTtlOf(context, node.from);
  const aggregated = filtered && withTtl(groups?.plan(filtered, groupSpan(node)), ttl);
  const grouped = groups === undefined ? filtered : aggregated && applyWhere(context, aggregated, having, subqueries);
  if (grouped === undefined) return { fields, plan: undefined };
  const { plan: numbered, place: placeNumber } = rowNumbers.apply(grouped);
  const place = (expr: Expr) => placeNumber(subqueries.place(expr, aggregated ?? from.plan!));
  const input = qualify === undefined ? numbered : plainFilter(numbered, conjuncts(place(qualify)));
  const typed = fields.map(({ name }, i): Field => ({ name, type: expressions[i]!.type }));
  const hidden = (keys ?? []).flatMap((key) => (typeof key === 'number' ? [] : [place(key)]));
  const ranged = overs.plan(context, input);
  if (ranged === undefined) return { fields, plan: undefined };
  const resolved = expressions.map((expr) => overs.resolve(place(expr), input.fields.length));
  const selected: Plan = {
    kind: 'project',
    input: ranged,
    expressions: [...resolved, ...hidden],
    fields: [...typed, ...hidden.map((expr, i): Field => ({ name: `$o${i}`, type: expr.type }))],
  };
  const project = placeWatermarks(context, selected);
  if (project === undefined) return { fields, plan: undefined };
  const plan = node.distinct ? withTtl(distinct(project), ttl) : project;
  if (ordering === undefined || keys === undefined) return { fields, plan };
  let behind = typed.length;
  const places = keys.map((key) => (typeof key === 'number' ? key : behind++));
  const ordered = orderRows(context, ordering, plan, node.span, (item) => {
    const at = places[ordering.orderBy.indexOf(item)]!;
    return column(at, plan.fields[at]!, item.span);
  });
  return { fields, plan: ordered && firstColumns(ordered, typed) };
}

function aliasesOf({ text = '' }: Context, { items }: Select): ReadonlyMap<string, string> {
  return new Map(
    items.flatMap(({ alias, expression }) => {
      if (alias === undefined) return [];
      const { start, end } = expression.span;
      const written = text.slice(start, end).replaceAll(/\s+/g, ' ');
      return [[alias.name, written.replace(/ OVER \(.*/i, ' OVER (…)')]];
    }),
  );
}

/** The columns that items without AS name like other columns. */
function swallowedBy({ text = '' }: Context, scope: Scope, node: Select): Swallowed[] {
  const named = node.items.filter(({ expression, alias }) => expression.kind === 'reference' && alias !== undefined);
  if (named.length === 0) return [];
  const known = new Set(fieldsOf(scope).map((field) => field.name));
  return named.flatMap((item): Swallowed[] => {
    const { expression, alias } = item;
    const bare = text.slice(expression.span.end, alias!.span.start).trim() === '';
    if (!bare || text === '' || !known.has(alias!.name)) return [];
    const name = expression.kind === 'reference' ? expression.parts.at(-1)!.name : '';
    return [{ name, as: alias!.name, span: alias!.span, end: expression.span.end }];
  });
}

/** Where the items of GROUP BY stand. */
function groupSpan({ groupBy = [] }: Select): Span | undefined {
  const [first] = groupBy;
  return first && join(first.span, groupBy.at(-1)!.span);
}

/** What each item of ORDER BY means: the index of an output, or an expression like those of the items. */
function analyzeOrder(
  context: Context,
  scope: Scope,
  node: Select,
  fields: readonly RelationField[],
  { orderBy }: Ordering,
): (number | Expr)[] | 'wrong' {
  const names = fields.map((field) => field.name);
  const keys: (number | Expr)[] = [];
  for (const item of orderBy) {
    const output = outputOf(context, names, item);
    const named = withOutputs(item.expression, node.items);
    const key = output ?? (isGrouped(node) && !checkGrouped(context, scope, node, named) ? 'wrong' : undefined);
    const expr = key ?? analyzeExpression(context, scope, named);
    if (expr === undefined || expr === 'wrong') return 'wrong';
    if (node.distinct && typeof expr !== 'number') {
      const message = 'DISTINCT rows are ordered by columns of the result';
      mistake(context, 'invalid-query', message, item.span);
      return 'wrong';
    }
    keys.push(expr);
  }
  return keys;
}

function withTtl<P extends Plan | undefined>(plan: P, ttl: number | undefined): P {
  return ttl === undefined || plan?.kind !== 'aggregate' ? plan : { ...plan, ttl };
}

/** Each row once: a group for each, which ends with its window where the rows have one. */
export function distinct(input: Plan): Plan {
  const { fields } = input;
  const rows = { kind: 'aggregate', input, keys: fields.map((_, i) => i), calls: [], fields } as const;
  const window = windowColumnsOf(input);
  if (window === undefined || window.start < 0 || window.end < 0) return rows;
  const last = lastInstantOf(window, input);
  const withTime: Plan = {
    kind: 'project',
    input,
    expressions: [...fields.map((field, i) => column(i, field)), last],
    fields: [...fields, { name: 'window_time', type: last.type }],
  };
  return { ...rows, input: withTime, window: { time: fields.length, attribute: window.attribute } };
}

/**
 * The keys of GROUP BY over rows of `width` columns; undefined after a report. A constant key groups nothing. A key that
 * some grouping sets do not have is NULL in their rows.
 */
function analyzeGroupBy(context: Context, scope: Scope, node: Select, width: number): Groups | undefined {
  const items = node.groupBy ?? [];
  const keys: Expr[] = [];
  const names: string[] = [];
  const [windowCall, another] = items.filter(isGroupWindow);
  for (const item of groupedExpressions(items)) {
    if (isGroupWindow(item)) continue;
    const expr = analyzeExpression(context, scope, item);
    if (expr === undefined) return undefined;
    const name = keyOf(context, scope, item);
    if (names.includes(name)) continue;
    keys.push(expr);
    names.push(name);
  }
  const nameOf = (each: Expression) => keyOf(context, scope, each);
  if (another !== undefined) return mistake(context, 'invalid-query', 'GROUP BY takes one window', another.span);
  if (!items.some(isGroupingSets)) {
    if (windowCall === undefined) return new Groups(keys, names, nameOf);
    const window = analyzeGroupWindow(context, scope, windowCall, keys);
    return window && new Groups(keys, names, nameOf, { window });
  }
  if (windowCall !== undefined) {
    const help = 'take the window from TABLE(TUMBLE(…)) and group by window_start and window_end in each set';
    return unsupported(context, 'a window beside grouping sets is', windowCall.span, help);
  }
  const sets = groupingSetsOf(context, items);
  if (sets === undefined) return undefined;
  const members = sets.map((set) => new Set(set.map((each) => names.indexOf(nameOf(each)))));
  const set = setColumnAt(width);
  const nulled = keys.map((key, i): Expr => {
    const having = members.flatMap((each, s) => (each.has(i) ? [s] : []));
    if (having.length === members.length) return key;
    return caseWhen([{ when: isOneOf(context, set, having), result: key }], literal(key.type, null), key.span);
  });
  return new Groups([...nulled, set], [...names, setColumn], nameOf, { sets: members });
}

function analyzeFilter(context: Context, scope: Scope, node: Expression): Where | undefined {
  if (!containsAggregate(node)) return analyzeWhere(context, scope, node, 'WHERE');
  analyzeExpression({ ...context, aggregatesReported: true }, scope, node);
  return mistake(context, 'invalid-query', 'WHERE takes no aggregate: rows are not grouped yet', node.span, {
    help: 'write HAVING',
  });
}

function isStar(item: SelectItem): boolean {
  return item.expression.kind === 'reference' && item.expression.star;
}

function analyzeItem(context: Context, scope: Scope, item: SelectItem, index: number): Output[] {
  const { expression, alias } = item;
  if (expression.kind === 'reference' && expression.star) return expandStar(context, scope, expression);
  const expr = analyzeExpression(context, scope, expression);
  const name = alias?.name ?? impliedName(item) ?? `EXPR$${index}`;
  if (expr?.type.kind === 'NULL') {
    illegalNull(context, expression);
    return [{ name, expr: undefined }];
  }
  return [{ name, expr }];
}

/** A column or field keeps its name, everything else is EXPR$n. */
function impliedName({ expression }: SelectItem): string | undefined {
  if (expression.kind === 'reference') return expression.parts.at(-1)!.name;
  return expression.kind === 'field' ? expression.name.name : undefined;
}

/** `*`: all columns of all tables; `t.*`: those of one; `t.row.*`: the fields of a ROW. */
function expandStar(context: Context, scope: Scope, node: Reference): Output[] {
  if (node.parts.length === 0) {
    if (scope.tables.length === 0) {
      mistake(context, 'invalid-query', "'*' needs a FROM", node.span);
      return [];
    }
    const merged = (scope.merged ?? []).map(
      ({ name, value }): Output => ({ name, expr: { ...value, span: node.span } }),
    );
    const covered = new Set(scope.merged?.flatMap(({ covers }) => covers));
    const others = scope.tables.flatMap((table) =>
      columnsOf(context, table, node.span).filter((_, i) => !covered.has(table.offset + i)),
    );
    return [...merged, ...others];
  }
  const table = findTable(scope, node.parts);
  if (table !== undefined) return columnsOf(context, table, node.span);
  const known = [
    ...scope.tables.flatMap((t) => (t.name === undefined ? [] : [t.name])),
    ...fieldsOf(scope).map((f) => f.name),
  ];
  const first = node.parts[0]!;
  if (!known.includes(first.name)) {
    const extra = didYouMean(first.name, known, first.span);
    if (!scope.tables.some((t) => t.open)) {
      mistake(context, 'unknown-table', `no table '${first.name}' here`, first.span, extra);
    }
    return [];
  }
  const row = resolveReference(context, scope, { ...node, star: false });
  if (row === undefined) return [];
  if (row.type.kind !== 'ROW') {
    mistake(context, 'type-mismatch', `only a table or a ROW has columns for '.*', found ${row.type.kind}`, node.span);
    return [];
  }
  const { fields, nullable } = row.type;
  return fields.map((field, index): Output => {
    const type = nullable ? { ...field.type, nullable: true } : field.type;
    return { name: field.name, expr: { kind: 'field', input: row, index, type, span: node.span } };
  });
}

function columnsOf(context: Context, table: ScopeTable, span: Span): Output[] {
  const names = table.fields.map((field) => field.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    mistake(context, 'ambiguous-column', `column '${twice}' is ambiguous: the table has it more than once`, span);
  }
  return table.fields.map(({ name, type }, i): Output => {
    const index = table.offset + i;
    return { name, expr: type && { kind: 'column', index, name, type, span } };
  });
}
