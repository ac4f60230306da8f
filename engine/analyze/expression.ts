import { and, castTo, isNull, literal, not, or } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { Between, Binary, Cast, Expression, Is, Like, Unary } from '../syntax/ast.ts';
import { resolveCast } from '../types/cast.ts';
import { commonType, isInterval, isNumeric, isText } from '../types/coerce.ts';
import { type, typeText, withNullable } from '../types/data-type.ts';
import { applyFunction, callFunction } from './call.ts';
import { caseExpression } from './case.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { inList } from './in-list.ts';
import { intervalLiteral } from './interval.ts';
import { binaryLiteral, datetimeLiteral, numberLiteral, textLiteral } from './literal.ts';
import { quantified } from './quantified.ts';
import { resolveField, resolveReference, type Scope } from './scope.ts';
import { existsValue, subqueryValue } from './subquery.ts';
import { resolveType } from './type.ts';

/**
 * The typed expression; undefined after a report, or where it uses something that was reported before: each mistake is
 * told once. All parts are analyzed even after a mistake in one of them.
 */
export function analyzeExpression(context: Context, scope: Scope, node: Expression): Expr | undefined {
  const expr = analyzeNode(context, scope, node);
  if (expr !== undefined) context.observe?.(node, expr);
  return expr;
}

function analyzeNode(around: Context, scope: Scope, node: Expression): Expr | undefined {
  const context = around.decides === undefined || passesOn(node) ? around : { ...around, decides: undefined };
  const key = context.groups?.keyOf(node);
  if (key !== undefined) return { ...key, span: node.span };
  switch (node.kind) {
    case 'number':
      return numberLiteral(context, node, false, node.span);
    case 'text':
      return textLiteral(context, node);
    case 'binary-literal':
      return binaryLiteral(context, node);
    case 'boolean':
      return literal(type.boolean(false), node.value, node.span);
    case 'null':
      return literal(type.null(), null, node.span);
    case 'datetime':
      return datetimeLiteral(context, node);
    case 'interval':
      return intervalLiteral(context, node);
    case 'reference':
      if (node.star) return mistake(context, 'invalid-query', "'*' stands for columns, not for a value", node.span);
      return resolveReference(context, scope, node);
    case 'unary':
      return unary(context, scope, node);
    case 'binary':
      return binary(context, scope, node);
    case 'is':
      return is(context, scope, node);
    case 'is-distinct': {
      const operands = analyzeAll(context, scope, [node.left, node.right]);
      const distinct = operands && applyFunction(context, 'IS DISTINCT FROM', operands, node.span);
      return distinct && node.negated ? not(distinct, node.span) : distinct;
    }
    case 'between':
      return between(context, scope, node);
    case 'in':
      return inList(context, scope, node);
    case 'quantified':
      return quantified(context, scope, node);
    case 'like':
      return like(context, scope, node);
    case 'exists':
      return existsValue(context, scope, node);
    case 'subquery':
      return subqueryValue(context, scope, node);
    case 'overlaps': {
      const operands = analyzeAll(context, scope, [...node.left, ...node.right]);
      return operands && applyFunction(context, 'OVERLAPS', operands, node.span);
    }
    case 'case':
      return caseExpression(context, scope, node);
    case 'cast':
      return cast(context, scope, node);
    case 'call':
      return callFunction(context, scope, node);
    case 'row':
    case 'array':
    case 'map': {
      const items = analyzeAll(context, scope, node.items);
      return items && applyFunction(context, node.kind.toUpperCase(), items, node.span);
    }
    case 'item': {
      const operands = analyzeAll(context, scope, [node.operand, node.index]);
      return operands && applyFunction(context, 'ITEM', operands, node.span);
    }
    case 'field': {
      const input = analyzeExpression(context, scope, node.operand);
      const field = input && resolveField(context, input, node.name);
      return field && { ...field, span: node.span };
    }
    case 'symbol':
      return mistake(context, 'invalid-argument', `'${node.name}' has no meaning here`, node.span);
    case 'named-argument':
      return unsupported(context, 'named arguments are', node.span);
    case 'table-argument':
    case 'descriptor':
      return mistake(context, 'invalid-argument', 'only window functions take a table', node.span);
  }
}

/** Whether an expression takes note of what of its value matters: conditions of three values, and what joins them. */
function passesOn(node: Expression): boolean {
  if (node.kind === 'binary') return node.operator === 'AND' || node.operator === 'OR';
  if (node.kind === 'in' || node.kind === 'quantified') return 'kind' in node.list;
  return node.kind === 'unary' && node.operator === 'NOT';
}

/** All of them, or undefined where one is not known. */
export function analyzeAll(context: Context, scope: Scope, nodes: readonly Expression[]): Expr[] | undefined {
  const all = nodes.map((node) => analyzeExpression(context, scope, node));
  return all.every((expr) => expr !== undefined) ? all : undefined;
}

/** An expression whose value must be BOOLEAN; `what` names its place: "WHERE". */
export function analyzeCondition(context: Context, scope: Scope, node: Expression, what: string): Expr | undefined {
  const expr = analyzeExpression(context, scope, node);
  // Flink takes a bare NULL for a condition, though not as an operand of AND.
  if (expr?.type.kind === 'NULL' && what === 'WHERE') return literal(type.boolean(), null, node.span);
  return expr && requireBoolean(context, expr, node, what);
}

export function requireBoolean(context: Context, expr: Expr, node: Expression, what: string): Expr | undefined {
  if (expr.type.kind === 'BOOLEAN') return expr;
  if (expr.type.kind === 'NULL') return illegalNull(context, node);
  return mistake(context, 'type-mismatch', `${what} takes BOOLEAN, found ${typeText(expr.type, false)}`, node.span);
}

/** NULL without a type, where nothing around it gives one. */
export function illegalNull(context: Context, node: Expression): undefined {
  return mistake(context, 'type-mismatch', 'NULL has no type here', node.span, {
    help: 'write CAST(NULL AS type)',
  });
}

function unary(context: Context, scope: Scope, node: Unary): Expr | undefined {
  if (node.operand.kind === 'number' && node.operator !== 'NOT') {
    return numberLiteral(context, node.operand, node.operator === '-', node.span);
  }
  const operand = analyzeExpression(turned(context), scope, node.operand);
  if (operand === undefined) return undefined;
  if (node.operator !== 'NOT') return applyFunction(context, `UNARY ${node.operator}`, [operand], node.span);
  const condition = requireBoolean(context, operand, node.operand, 'NOT');
  return condition && not(condition, node.span);
}

/** What matters below NOT. */
function turned(context: Context): Context {
  if (context.decides === undefined) return context;
  return { ...context, decides: context.decides === 'true' ? 'false' : 'true' };
}

function binary(context: Context, scope: Scope, node: Binary): Expr | undefined {
  if (node.operator === 'AND' || node.operator === 'OR') {
    const { operator } = node;
    const operands = analyzeConditions(context, scope, flatten(node), operator);
    if (!operands.every((operand) => operand !== undefined)) return undefined;
    return operator === 'AND' ? and(operands, node.span) : or(operands, node.span);
  }
  const operands = analyzeAll(context, scope, [node.left, node.right]);
  if (operands === undefined) return undefined;
  if (node.interval === undefined) return applyFunction(context, node.operator, operands, node.span);
  const unit = { ...literal(type.null(), null, node.interval.span), keyword: node.interval.to ?? node.interval.from };
  return applyFunction(context, 'DATETIME DIFFERENCE', [unit, ...operands], node.span);
}

/** Conditions joined by AND or OR; of those that are none the first is told: often the operator is what is wrong. */
function analyzeConditions(
  context: Context,
  scope: Scope,
  sides: readonly Expression[],
  operator: string,
): readonly (Expr | undefined)[] {
  const isCondition = (expr: Expr | undefined) => expr?.type.kind === 'BOOLEAN' || expr?.type.kind === 'NULL';
  const operands = sides.map((side) => analyzeExpression(context, scope, side));
  const wrong = operands.findIndex((expr) => expr !== undefined && !isCondition(expr));
  return operands.map((expr, i) => {
    if (expr === undefined || (i !== wrong && !isCondition(expr))) return undefined;
    return requireBoolean(context, expr, sides[i]!, operator);
  });
}

/** `a AND b AND c` as one list; without recursion, for chains of thousands. */
function flatten(node: Binary): Expression[] {
  const operands: Expression[] = [];
  let left: Expression = node;
  while (left.kind === 'binary' && left.operator === node.operator) {
    operands.push(left.right);
    left = left.left;
  }
  operands.push(left);
  return operands.reverse();
}

function is(context: Context, scope: Scope, node: Is): Expr | undefined {
  const operand = analyzeExpression(context, scope, node.operand);
  if (operand === undefined) return undefined;
  if (node.test === 'NULL') return isNull(operand, node.negated, node.span);
  const test = applyFunction(context, `IS ${node.test}`, [operand], node.span);
  return test && node.negated ? not(test, node.span) : test;
}

/** Where texts and numbers meet in BETWEEN, texts are read as BIGINT, and all as the common type. */
function readTexts(context: Context, operands: readonly Expr[]): readonly Expr[] {
  const known = operands.filter(({ type: t }) => t.kind !== 'NULL');
  const mixed = known.some(({ type: t }) => isText(t)) && known.some(({ type: t }) => isNumeric(t));
  const common = commonType(known.map(({ type: t }) => (isText(t) ? type.bigint(t.nullable) : t)));
  if (!mixed || common === undefined) return operands;
  return operands.map((each) => (each.type.kind === 'NULL' ? each : castTo(each, common, context.session.timeZone)));
}

/** `a BETWEEN b AND c` is `a >= b AND a <= c`; SYMMETRIC takes the bounds in either order. */
function between(context: Context, scope: Scope, node: Between): Expr | undefined {
  const operands = analyzeAll(context, scope, [node.operand, node.low, node.high]);
  if (operands === undefined) return undefined;
  const [operand, low, high] = readTexts(context, operands) as [Expr, Expr, Expr];
  const within = (from: Expr, to: Expr): Expr | undefined => {
    const above = applyFunction(context, '>=', [operand, from], node.span);
    const below = above && applyFunction(context, '<=', [operand, to], node.span);
    return above && below && and([above, below], node.span);
  };
  let result = within(low, high);
  if (result !== undefined && node.symmetric) {
    const swapped = within(high, low);
    result = swapped && or([result, swapped], node.span);
  }
  return result && node.negated ? not(result, node.span) : result;
}

function like(context: Context, scope: Scope, node: Like): Expr | undefined {
  const parts = [node.operand, node.pattern, ...(node.escape === undefined ? [] : [node.escape])];
  const operands = analyzeAll(context, scope, parts);
  const matches = operands && applyFunction(context, node.similar ? 'SIMILAR TO' : 'LIKE', operands, node.span);
  return matches && node.negated ? not(matches, node.span) : matches;
}

function cast(context: Context, scope: Scope, node: Cast): Expr | undefined {
  const target = resolveType(context, node.type);
  const input = analyzeExpression(context, scope, node.operand);
  if (input === undefined || target === undefined) return undefined;
  const { timeZone } = context.session;
  if (input.type.kind === 'NULL') return literal(target, null, node.span);
  const severalUnits = node.type.interval?.to !== undefined && !isInterval(input.type);
  if (severalUnits || resolveCast(input.type, target, timeZone) === undefined) {
    const message = `no cast from ${typeText(input.type, false)} to ${typeText(target, false)}`;
    return mistake(context, 'invalid-cast', message, node.span, castHelp(input, target.kind));
  }
  if (!node.try) return castTo(input, target, timeZone, node.span);
  return { kind: 'cast', input, try: true, timeZone, type: withNullable(target, true), span: node.span };
}

function castHelp(input: Expr, to: string): { help?: string } {
  const from = input.type.kind;
  if ((from === 'BIGINT' || from === 'INT') && to.startsWith('TIMESTAMP')) {
    return { help: 'use TO_TIMESTAMP_LTZ(x, 0) for seconds, TO_TIMESTAMP_LTZ(x, 3) for milliseconds' };
  }
  if (from.startsWith('TIMESTAMP')) return { help: 'use UNIX_TIMESTAMP(CAST(x AS STRING)) or EXTRACT' };
  return {};
}
