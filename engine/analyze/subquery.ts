import type { Span } from '../diagnostics/diagnostic.ts';
import { ASKED } from '../plan/ask.ts';
import { caseWhen, column, literal, not } from '../plan/build.ts';
import { type Expr, replaceOuter } from '../plan/expr.ts';
import { mapExpressions, usesOuter } from '../plan/expressions.ts';
import type { Plan } from '../plan/plan.ts';
import type { Exists, Expression, In, Quantified, Query, Subquery } from '../syntax/ast.ts';
import { type } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeAll } from './expression.ts';
import { analyzeQuery } from './query.ts';
import { depthOf, type Scope } from './scope.ts';
import type { Subqueries } from './subqueries.ts';

/** IN or EXISTS over a query, by itself among the conditions of a WHERE. */
export interface Test {
  readonly answer: 'semi' | 'anti';
  readonly plan: Plan;
  /** Over the row and, behind `ASKED`, the columns of `plan`. */
  readonly conditions: readonly Expr[];
  readonly span: Span;
}

/** IN or EXISTS over a query, under any number of NOTs. */
interface TestNode {
  readonly query: Query;
  /** The left side of IN. */
  readonly operand?: Expression;
  readonly negated: boolean;
  readonly span: Span;
}

export function testOf(node: Expression): TestNode | undefined {
  let negated = false;
  let inner = node;
  while (inner.kind === 'unary' && inner.operator === 'NOT') {
    negated = !negated;
    inner = inner.operand;
  }
  if (inner.kind === 'exists') return { query: withoutLimit(inner.query), negated, span: inner.span };
  const asked = membership(inner);
  return asked && { ...asked, negated: negated !== asked.negated, span: inner.span };
}

/** The query of EXISTS: whether there is a row does not depend on how many are asked for, and which is first. */
function withoutLimit(query: Query): Query {
  const { limit, offset, ...rest } = query;
  const some = limit?.kind === 'number' && /^[1-9]\d*$/.test(limit.text) && offset === undefined;
  return some ? { ...rest, orderBy: [] } : query;
}

/** `x IN (SELECT …)`, which `= ANY` is too, as `<> ALL` is NOT IN. */
function membership(
  node: Expression,
): { readonly operand: Expression; readonly query: Query; readonly negated: boolean } | undefined {
  if (node.kind !== 'in' && node.kind !== 'quantified') return undefined;
  const { operand, list } = node;
  if (!('kind' in list)) return undefined;
  if (node.kind === 'in') return { operand, query: list, negated: node.negated };
  const negated = node.quantifier === 'ALL';
  return node.operator === (negated ? '<>' : '=') ? { operand, query: list, negated } : undefined;
}

/** The test with its query's plan; undefined after a report. */
export function analyzeTest(context: Context, scope: Scope, test: TestNode): Test | undefined {
  const { operand, negated, query, span } = test;
  const answer = negated ? 'anti' : 'semi';
  if (operand === undefined) {
    const plan = queryPlan(context, scope, query);
    return plan && { answer, plan, conditions: [], span };
  }
  const compared = compare(context, scope, operand, query);
  if (compared === undefined) return undefined;
  const { plan, equal } = compared;
  // NOT IN is not TRUE where a comparison is NULL: then too a row is found.
  const conditions = negated ? equal.map((each) => notFalse(context, each, span)) : equal;
  return { answer, plan, conditions, span };
}

/** `EXISTS (SELECT …)` as a value; undefined after a report. */
export function existsValue(context: Context, scope: Scope, node: Exists): Expr | undefined {
  const asked = placeFor(context, 'EXISTS', node.span);
  const plan = queryPlan(context, scope, withoutLimit(node.query));
  return asked && plan && asked.addTest(node, 'exists', plan, [], node.span);
}

/** Whether a value is in a query, or is not, as a value; undefined after a report. */
export function inValue(context: Context, scope: Scope, node: In | Quantified): Expr | undefined {
  const { operand, query, negated } = membership(node)!;
  const asked = placeFor(context, 'IN (SELECT …)', node.span);
  const compared = compare({ ...context, decides: undefined }, scope, operand, query);
  if (asked === undefined || compared === undefined) return undefined;
  const { plan, equal } = compared;
  const asking: In = { kind: 'in', operand, list: query, negated: false, span: node.span };
  const certain = () => asked.addTest(asking, 'certain', plan, equal, node.span);
  const possible = () =>
    asked.addTest(
      asking,
      'possible',
      plan,
      equal.map((each) => notFalse(context, each, node.span)),
      node.span,
    );
  return answer(
    context,
    negated,
    equal.some((each) => each.type.nullable),
    certain,
    possible,
    node.span,
  );
}

/**
 * A condition of three values from its two tests: `certain` says whether it is TRUE, `possible` whether it is not FALSE.
 * Only what its place needs to know is asked.
 */
function answer(
  { decides }: Context,
  negated: boolean,
  nullable: boolean,
  certain: () => Expr,
  possible: () => Expr,
  span: Span,
): Expr {
  if (!nullable) return negated ? not(certain(), span) : certain();
  if (decides !== undefined) {
    const test = (decides === 'true') === negated ? possible() : certain();
    return negated ? not(test, span) : test;
  }
  const [yes, maybe] = [literal(type.boolean(false), !negated), literal(type.boolean(), null)];
  const branches = [
    { when: certain(), result: yes },
    { when: possible(), result: maybe },
  ];
  return caseWhen(branches, literal(type.boolean(), negated), span);
}

/** The value of `(SELECT …)`; undefined after a report. */
export function subqueryValue(context: Context, scope: Scope, node: Subquery): Expr | undefined {
  const asked = placeFor(context, 'a query as a value', node.span);
  const plan = queryPlan(context, scope, node.query);
  if (asked === undefined || plan === undefined) return undefined;
  if (plan.fields.length !== 1) {
    const message = `a query as a value gives one column, this one gives ${plan.fields.length}`;
    return mistake(context, 'column-count', message, node.query.span);
  }
  return asked.addValues(node, plan, node.query.span)[0];
}

/** What Flink knows in ON. */
const inJoins: ReadonlySet<string> = new Set(['EXISTS', 'a query as a value']);

/** Who asks the queries of expressions here; undefined after the report that none may stand here. */
export function placeFor(context: Context, what: string, span: Span): Subqueries | undefined {
  const { subqueries } = context;
  if (subqueries?.joinOnly === true && !inJoins.has(what)) {
    const help = 'test it in WHERE, or in a query of its own: JOIN (SELECT … WHERE …)';
    return unsupported(context, `${what} in ON is`, span, help);
  }
  const help = 'it stands in SELECT, WHERE, HAVING, GROUP BY and ORDER BY, and in arguments of aggregates';
  return subqueries ?? unsupported(context, `${what} here is`, span, help);
}

/** The plan of a query within an expression, which may use columns around; undefined after a report. */
export function queryPlan(context: Context, scope: Scope, query: Query): Plan | undefined {
  const inside: Context = { ...context, groups: undefined, subqueries: undefined, decides: undefined };
  const { plan } = analyzeQuery(inside, query, scope);
  if (plan === undefined) return undefined;
  const depth = depthOf(scope);
  if (context.subqueries?.joinOnly && usesOuter(plan, depth)) {
    const help = 'test it in WHERE';
    return unsupported(context, 'a query in ON that uses columns of the joined tables is', query.span, help);
  }
  return context.groups === undefined ? plan : aboveGroups(context, plan, depth);
}

/** Of the columns around only those that are grouped by are there. */
function aboveGroups(context: Context, plan: Plan, depth: number): Plan | undefined {
  let right = true;
  const mapped = mapExpressions(plan, (expr) =>
    replaceOuter(expr, depth, (outer) => {
      const key = context.groups!.keyAt(outer.index);
      if (key !== undefined) return { ...outer, index: key };
      right = false;
      mistake(context, 'invalid-query', `'${outer.name}' is not grouped`, outer.span ?? { start: 0, end: 0 }, {
        help: 'a query above GROUP BY uses columns that are grouped by',
      });
      return outer;
    }),
  );
  return right ? mapped : undefined;
}

/** The plan of a query and, over its columns behind `ASKED`, that the operand of IN equals a row of it. */
function compare(
  context: Context,
  scope: Scope,
  operand: Expression,
  query: Query,
): { readonly plan: Plan; readonly equal: readonly Expr[] } | undefined {
  const operands = analyzeAll(context, scope, operand.kind === 'row' ? operand.items : [operand]);
  const plan = queryPlan(context, scope, query);
  if (operands === undefined || plan === undefined) return undefined;
  if (operands.length !== plan.fields.length) {
    const message = `IN compares ${count(operands.length)} with ${count(plan.fields.length)}`;
    return mistake(context, 'column-count', message, query.span);
  }
  const equal = operands.map((value, i) => {
    const field = plan.fields[i]!;
    return applyFunction(context, '=', [value, column(ASKED + i, field)], operand.span);
  });
  return equal.every((each) => each !== undefined) ? { plan, equal } : undefined;
}

function notFalse(context: Context, condition: Expr, span: Span): Expr {
  if (!condition.type.nullable) return condition;
  return not(applyFunction(context, 'IS FALSE', [condition], span)!);
}

function count(n: number): string {
  return `${n} value${n === 1 ? '' : 's'}`;
}
