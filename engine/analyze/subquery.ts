import { Diagnostics } from '../diagnostics/diagnostic.ts';
import { boundRanks } from '../plan/bound-rank.ts';
import { column as columnExpr, not } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import { conjunction, conjuncts, sidesOf } from '../plan/join-condition.ts';
import type { Join, Plan } from '../plan/plan.ts';
import type { Binary, Expression, In, Query, Select } from '../syntax/ast.ts';
import { applyFunction } from './call.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeAll, analyzeCondition, analyzeExpression } from './expression.ts';
import { analyzeFrom } from './from.ts';
import { isGrouped } from './grouping.ts';
import { renamed } from './join.ts';
import { analyzeQuery } from './query.ts';
import { numberNames } from './relation.ts';
import type { ScalarQueries } from './scalar-queries.ts';
import { fieldsOf, type Scope, scopeOf, shiftScope } from './scope.ts';

/** What a WHERE asks of rows: a condition, and those of its parts that ask a query, each as a join. */
export interface Where {
  readonly condition?: Expr;
  readonly tests: readonly ((input: Plan) => Plan)[];
}

/** The parts of a condition; undefined after a report. `what` names its place: "WHERE". */
export function analyzeWhere(context: Context, scope: Scope, node: Expression, what: string): Where | undefined {
  const parts = conjunctsOf(node);
  if (!parts.some((part) => testOf(part) !== undefined)) {
    const condition = analyzeCondition(context, scope, node, what);
    return condition && { condition, tests: [] };
  }
  const conditions: Expr[] = [];
  const tests: ((input: Plan) => Plan)[] = [];
  let right = true;
  for (const part of parts) {
    const asked = testOf(part);
    if (asked === undefined) {
      const condition = analyzeCondition(context, scope, part, what);
      if (condition === undefined) right = false;
      else conditions.push(condition);
      continue;
    }
    const test = analyzeTest(context, scope, asked);
    if (test === undefined) right = false;
    else tests.push(test);
  }
  const condition = conjunction(conditions);
  return right ? { ...(condition === undefined ? {} : { condition }), tests } : undefined;
}

/** The rows of a plan for which a WHERE holds. */
export function applyWhere(input: Plan, where: Where | undefined, scalars?: ScalarQueries): Plan {
  if (scalars === undefined) return where === undefined ? input : applyPlain(input, where);
  if (where === undefined) return scalars.join(input);
  const { width } = scalars;
  const all = conjuncts(where.condition);
  const early = all.filter((part) => sidesOf(part, width) !== 'both' && sidesOf(part, width) !== 'right');
  if (early.length === all.length) return scalars.join(applyPlain(input, where));
  const before = conjunction(early);
  const plain = applyPlain(input, { tests: where.tests, ...(before === undefined ? {} : { condition: before }) });
  const joined = scalars.join(plain);
  const condition = conjunction(all.filter((part) => !early.includes(part)))!;
  return { kind: 'filter', input: joined, condition, fields: joined.fields };
}

function applyPlain(input: Plan, where: Where): Plan {
  const parts = conjuncts(where.condition);
  const bound = bind(input, parts);
  const { plan, rest } = boundRanks(bound.plan, bound.rest);
  const condition = rest.length === parts.length ? where.condition : conjunction(rest);
  const filtered: Plan =
    condition === undefined ? plan : { kind: 'filter', input: plan, condition, fields: plan.fields };
  return where.tests.reduce((each, test) => test(each), filtered);
}

/** `FROM a, b WHERE …`: what compares both sides of an inner join is its condition, and says whether time bounds it. */
function bind(plan: Plan, parts: readonly Expr[]): { readonly plan: Plan; readonly rest: readonly Expr[] } {
  if (plan.kind !== 'join' || plan.type !== 'inner') return { plan, rest: parts };
  const width = plan.left.fields.length;
  const own = parts.filter((part) => sidesOf(part, width) === 'both');
  const left = bind(
    plan.left,
    parts.filter((part) => sidesOf(part, width) === 'left'),
  );
  const rest = parts.filter(
    (part) => !own.includes(part) && (sidesOf(part, width) !== 'left' || left.rest.includes(part)),
  );
  if (own.length === 0) return { plan: left.plan === plan.left ? plan : { ...plan, left: left.plan }, rest };
  const condition = conjunction([...conjuncts(plan.condition), ...own.map((part) => renamed(part, plan.fields))])!;
  return { plan: { ...plan, left: left.plan, condition }, rest };
}

/** `a AND b AND c` as a list; without recursion, for chains of thousands. */
function conjunctsOf(node: Expression): Expression[] {
  const parts: Expression[] = [];
  let left = node;
  while (left.kind === 'binary' && left.operator === 'AND') {
    parts.push((left as Binary).right);
    left = (left as Binary).left;
  }
  parts.push(left);
  return parts.reverse().flatMap((part) => (part === node || part.kind !== 'binary' ? [part] : conjunctsOf(part)));
}

/** IN or EXISTS over a query, under any number of NOTs. */
interface Test {
  readonly query: Query;
  /** The left side of IN. */
  readonly operand?: Expression;
  readonly negated: boolean;
  readonly span: In['span'];
}

function testOf(node: Expression): Test | undefined {
  let negated = false;
  let inner = node;
  while (inner.kind === 'unary' && inner.operator === 'NOT') {
    negated = !negated;
    inner = inner.operand;
  }
  if (inner.kind === 'exists') return { query: inner.query, negated, span: inner.span };
  if (inner.kind !== 'in' || !('kind' in inner.list)) return undefined;
  return { query: inner.list, operand: inner.operand, negated: negated !== inner.negated, span: inner.span };
}

/** A query beside the rows that it is asked for. */
interface Asked {
  readonly plan: Plan;
  /** Its columns, over the row and behind it those of `plan`. */
  readonly columns: readonly Expr[];
  /** What binds it to the row, over both. */
  readonly condition?: Expr;
}

function analyzeTest(outside: Context, scope: Scope, test: Test): ((input: Plan) => Plan) | undefined {
  const context: Context = { ...outside, scalars: undefined };
  const { operand } = test;
  const nodes = operand === undefined ? [] : operand.kind === 'row' ? operand.items : [operand];
  const operands = analyzeAll(context, scope, nodes);
  const asked = analyzeAsked(context, scope, test.query, operand !== undefined);
  if (operands === undefined || asked === undefined) return undefined;
  const conditions: Expr[] = asked.condition === undefined ? [] : [asked.condition];
  if (operand !== undefined) {
    if (operands.length !== asked.columns.length) {
      const message = `IN compares ${count(operands.length)} with ${count(asked.columns.length)}`;
      return mistake(context, 'column-count', message, test.query.span);
    }
    for (const [i, value] of operands.entries()) {
      const equal = applyFunction(context, '=', [value, asked.columns[i]!], operand.span);
      const met = equal && test.negated ? orUnknown(context, equal, test) : equal;
      if (met === undefined) return undefined;
      conditions.push(met);
    }
  }
  const condition = conjunction(conditions);
  return (input): Join => ({
    kind: 'join',
    type: test.negated ? 'anti' : 'semi',
    left: input,
    right: asked.plan,
    ...(condition === undefined
      ? {}
      : { condition: renamed(condition, numberNames([...input.fields, ...asked.plan.fields])) }),
    fields: input.fields,
    span: test.span,
  });
}

/** NOT IN is not TRUE where a comparison is NULL: then too a row is found. */
function orUnknown(context: Context, equal: Expr, { span }: Test): Expr | undefined {
  if (!equal.type.nullable) return equal;
  const isFalse = applyFunction(context, 'IS FALSE', [equal], span);
  return isFalse && not(isFalse);
}

function count(n: number): string {
  return `${n} value${n === 1 ? '' : 's'}`;
}

function analyzeAsked(context: Context, scope: Scope, query: Query, values: boolean): Asked | undefined {
  const select = plainSelect(query, values);
  if (select !== undefined) return analyzeBound(context, scope, select, values);
  const inner = new Diagnostics();
  const { plan } = analyzeQuery({ ...context, report: inner }, query, scope);
  for (const each of inner.list) context.report.report(each);
  if (plan === undefined) {
    if (inner.hasErrors) return undefined;
    return unsupported(
      context,
      'a query that groups, sorts or unites and uses columns of the query around it is',
      query.span,
      'join with the grouped query instead',
    );
  }
  const width = fieldsOf(scope).length;
  return { plan, columns: plan.fields.map((field, i) => columnExpr(width + i, field)) };
}

type PlainSelect = Select & { readonly from: NonNullable<Select['from']> };

/** The SELECT of a query that only filters tables; a star stands for columns that IN would need to know. */
function plainSelect(query: Query, values: boolean): PlainSelect | undefined {
  const { body } = query;
  const plain = query.with.length === 0 && query.orderBy.length === 0;
  if (!plain || query.limit !== undefined || query.offset !== undefined) return undefined;
  if (body.kind !== 'select' || body.from === undefined || body.qualify !== undefined || isGrouped(body)) {
    return undefined;
  }
  const stars = body.items.some(({ expression }) => expression.kind === 'reference' && expression.star);
  return values && stars ? undefined : { ...body, from: body.from };
}

/** The tables of a plain SELECT, bound to the row around it by its WHERE. */
function analyzeBound(context: Context, scope: Scope, select: PlainSelect, values: boolean): Asked | undefined {
  const inside: Context = { ...context, groups: undefined };
  const from = analyzeFrom(inside, select.from, scope);
  const width = fieldsOf(scope).length;
  const pairs: Scope = { ...shiftScope(scopeOf(from, scope), width), correlated: true };
  const own = scopeOf(from, scope);
  let right = true;
  let plan = from.plan;
  const conditions: Expr[] = [];
  for (const part of select.where === undefined ? [] : conjunctsOf(select.where)) {
    const asked = testOf(part);
    if (asked === undefined) {
      const condition = analyzeCondition(inside, pairs, part, 'WHERE');
      if (condition === undefined) right = false;
      else conditions.push(condition);
      continue;
    }
    const test = analyzeTest(inside, own, asked);
    if (test === undefined) right = false;
    else plan = plan && test(plan);
  }
  const items = select.items.filter(({ expression }) => expression.kind !== 'reference' || !expression.star);
  const columns = items.map(({ expression }) => analyzeExpression(inside, pairs, expression));
  if (!right || plan === undefined || !columns.every((column) => column !== undefined)) return undefined;
  const condition = conjunction(conditions);
  return { plan, columns: values ? columns : [], ...(condition === undefined ? {} : { condition }) };
}
