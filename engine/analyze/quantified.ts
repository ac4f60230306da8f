import { aggregateFunctions } from '../functions/aggregates/index.ts';
import { and, caseWhen, isNull, literal, or } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { AggregateCall, Plan } from '../plan/plan.ts';
import type { ComparisonOperator, Quantified, Query } from '../syntax/ast.ts';
import { type } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeAll, analyzeExpression } from './expression.ts';
import type { Scope } from './scope.ts';
import { callOf } from './subqueries.ts';
import { inValue, placeFor, queryPlan } from './subquery.ts';

const negations: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

/** `x > ANY (…)` and its like, over a list or a query; undefined after a report. */
export function quantified(context: Context, scope: Scope, node: Quantified): Expr | undefined {
  const { operator, quantifier, list } = node;
  if (!('kind' in list)) return overList(context, scope, node, list);
  if (operator === (quantifier === 'ALL' ? '<>' : '=')) return inValue(context, scope, node);
  return overQuery({ ...context, decides: undefined }, scope, node, list, context.decides);
}

function overList(context: Context, scope: Scope, node: Quantified, list: readonly Quantified['operand'][]) {
  const operand = analyzeExpression(context, scope, node.operand);
  const items = analyzeAll(context, scope, list);
  if (operand === undefined || items === undefined) return undefined;
  const tests = items.map((item) => applyFunction(context, node.operator, [operand, item], node.span));
  if (!tests.every((test) => test !== undefined)) return undefined;
  if (tests.length === 1) return tests[0];
  return node.quantifier === 'ALL' ? and(tests, node.span) : or(tests, node.span);
}

/** The least and the greatest value of a query decide. ALL holds unless the opposite holds for ANY. */
function overQuery(
  context: Context,
  scope: Scope,
  node: Quantified,
  query: Query,
  decides: Context['decides'],
): Expr | undefined {
  const all = node.quantifier === 'ALL';
  const asked = placeFor(context, `a comparison with ${node.quantifier}`, node.span);
  if (node.operand.kind === 'row') {
    return unsupported(
      context,
      `a comparison of rows with ${node.quantifier} is`,
      node.span,
      'compare their columns with EXISTS',
    );
  }
  const operand = analyzeExpression(context, scope, node.operand);
  const plan = queryPlan(context, scope, query);
  const bounds = plan && boundsOf(context, plan, node, query);
  if (asked === undefined || operand === undefined || bounds === undefined) return undefined;
  const [least, greatest, rows, values] = asked.addValues(query, bounds, query.span) as readonly [
    Expr,
    Expr,
    Expr,
    Expr,
  ];
  const operator = all ? negations[node.operator] : node.operator;
  const compare = (bound: Expr) => applyFunction(context, operator, [operand, bound], node.span);
  const sides = operator === '<>' ? [least, greatest] : /^>/.test(operator) ? [least] : [greatest];
  const tests = sides.map(compare);
  if (!tests.every((test) => test !== undefined)) return undefined;
  const found = tests.length === 1 ? tests[0]! : or(tests, node.span);
  if (!all && decides === 'true') return found;
  const more = (a: Expr, b: Expr) => applyFunction(context, '>', [a, b], node.span)!;
  const missing = and([isNull(operand, false), more(rows, literal(type.bigint(false), 0n))]);
  const unknown = or([more(rows, values), ...(operand.type.nullable ? [missing] : [])]);
  const branches = [
    { when: found, result: literal(type.boolean(false), !all) },
    { when: unknown, result: literal(type.boolean(), null) },
  ];
  return caseWhen(branches, literal(type.boolean(), all), node.span);
}

/** The least and the greatest value of a query, how many rows it has, and how many values. */
function boundsOf(context: Context, plan: Plan, node: Quantified, query: Query): Plan | undefined {
  const [field, more] = plan.fields;
  if (field === undefined || more !== undefined) {
    const message = `${node.quantifier} compares 1 value with ${plan.fields.length} values`;
    return mistake(context, 'column-count', message, query.span);
  }
  const resolved = aggregateFunctions
    .get('MIN')!
    .resolve([{ type: field.type }], { mayBeEmpty: true }, context.session);
  if ('mismatch' in resolved) {
    return mistake(context, 'type-mismatch', `the values of ${node.quantifier} have no order`, query.span);
  }
  const calls: AggregateCall[] = [callOf('MIN', field), callOf('MAX', field), callOf('COUNT'), callOf('COUNT', field)];
  const names = ['least', 'greatest', 'rows', 'values'];
  const fields = calls.map((call, i) => ({ name: names[i]!, type: call.resolved.type }));
  return { kind: 'aggregate', input: plan, keys: [], calls, fields };
}
