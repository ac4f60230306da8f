import { Diagnostics } from '../diagnostics/diagnostic.ts';
import type { Expression, GroupItem, Select } from '../syntax/ast.ts';
import { printExpression } from '../syntax/print-expression.ts';
import { isAggregateCall, isFunction } from './call.ts';
import { type Context, mistake } from './context.ts';
import { isGroupWindow } from './group-window.ts';
import { groupedExpressions } from './grouping-sets.ts';
import { resolveReference, type Scope } from './scope.ts';

/** Whether a SELECT gives a row for several of its input. */
export function isGrouped(node: Select): boolean {
  const outputs = node.items.map((item) => item.expression);
  return node.groupBy !== undefined || node.having !== undefined || outputs.some(containsAggregate);
}

/**
 * Reports the columns that a grouped SELECT uses outside of aggregates without grouping by them. GROUP BY takes
 * expressions over the columns of FROM: neither aliases nor numbers of items.
 */
export function checkGrouping(context: Context, scope: Scope, node: Select): boolean {
  const outputs = [...node.items.map((item) => item.expression), ...(node.having === undefined ? [] : [node.having])];
  const grouped = node.groupBy !== undefined || node.having !== undefined;
  if (!grouped && !outputs.some(containsAggregate)) return true;
  const items = groupedExpressions(node.groupBy ?? []);
  // Without what is meant nothing is known about the groups.
  if (items.some((item) => !isGroupWindow(item) && !isKnown(context, scope, item))) return false;
  const keys = new Set(items.map((item) => keyOf(context, scope, item)));
  return outputs.map((expression) => check(context, scope, expression, keys)).every((right) => right);
}

/** The same for one more expression of a grouped SELECT. */
export function checkGrouped(context: Context, scope: Scope, node: Select, expression: Expression): boolean {
  const keys = groupedExpressions(node.groupBy ?? []).map((item) => keyOf(context, scope, item));
  return check(context, scope, expression, new Set(keys));
}

/** Whether an item of GROUP BY stands for several groupings. */
export function isGroupingSets(item: GroupItem): item is Exclude<GroupItem, Expression> {
  return item.kind === 'grouping-sets' || item.kind === 'rollup' || item.kind === 'cube';
}

function check(context: Context, scope: Scope, node: Expression, keys: ReadonlySet<string>): boolean {
  if (node.kind === 'call' && node.over?.kind === 'window') {
    const { partitionBy, orderBy } = node.over;
    const parts = [...node.arguments, ...partitionBy, ...orderBy.map((each) => each.expression)];
    return parts.map((part) => check(context, scope, part, keys)).every((right) => right);
  }
  // What has no such name may be meant for an aggregate.
  if (node.kind === 'call' && (isAggregateCall(node) || !isFunction(context, node))) return true;
  if (keys.has(keyOf(context, scope, node))) return true;
  if (node.kind !== 'reference') {
    return partsOf(node)
      .map((part) => check(context, scope, part, keys))
      .every((right) => right);
  }
  // What is unknown was reported already.
  if (node.star || resolve(context, scope, node) === undefined) return true;
  const text = printExpression(node);
  mistake(context, 'invalid-query', `'${text}' is neither grouped nor aggregated`, node.span, {
    help: `add it to GROUP BY, or write an aggregate such as MAX(${text})`,
  });
  return false;
}

export function containsAggregate(node: Expression): boolean {
  return (
    (node.kind === 'call' && node.over === undefined && isAggregateCall(node)) || partsOf(node).some(containsAggregate)
  );
}

function isKnown(context: Context, scope: Scope, node: Expression): boolean {
  if (node.kind === 'reference') return node.star || resolve(context, scope, node) !== undefined;
  if (node.kind === 'call' && !isAggregateCall(node) && !isFunction(context, node)) return false;
  return partsOf(node).every((part) => isKnown(context, scope, part));
}

function resolve(context: Context, scope: Scope, node: Extract<Expression, { kind: 'reference' }>) {
  return resolveReference({ ...context, report: new Diagnostics() }, scope, node);
}

/** Equal for expressions that are written alike, whether columns have their table before them or not. */
export function keyOf(context: Context, scope: Scope, node: Expression): string {
  return JSON.stringify(node, (key, value: unknown) => {
    if (key === 'span' || key === 'operatorSpan' || key === 'quoted') return undefined;
    if (!isReference(value)) return value;
    let expr = resolve(context, scope, value);
    const path: number[] = [];
    while (expr?.kind === 'field') {
      path.unshift(expr.index);
      expr = expr.input;
    }
    return expr?.kind === 'column' ? ['column', expr.index, ...path] : value;
  });
}

function isReference(value: unknown): value is Extract<Expression, { kind: 'reference' }> {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'reference') return false;
  return !(value as Extract<Expression, { kind: 'reference' }>).star;
}

/** The expressions directly inside of one; queries keep their own rules. */
function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'unary':
    case 'is':
    case 'cast':
    case 'field':
      return [node.operand];
    case 'binary':
    case 'is-distinct':
      return [node.left, node.right];
    case 'between':
      return [node.operand, node.low, node.high];
    case 'in':
    case 'quantified':
      return 'kind' in node.list ? [node.operand] : [node.operand, ...node.list];
    case 'like':
      return [node.operand, node.pattern];
    case 'case':
      return [
        ...(node.operand === undefined ? [] : [node.operand]),
        ...node.whens.flatMap(({ when, result }) => [...when, result]),
        ...(node.otherwise === undefined ? [] : [node.otherwise]),
      ];
    case 'call':
      return node.arguments;
    case 'row':
    case 'array':
    case 'map':
      return node.items;
    case 'item':
      return [node.operand, node.index];
    default:
      return [];
  }
}
