import { hasIdentity } from '../functions/compare-values.ts';
import type { ResolvedCall } from '../functions/define.ts';
import { castTo, not, or } from '../plan/build.ts';
import type { CallExpr, Expr } from '../plan/expr.ts';
import { literalText } from '../plan/expr-text.ts';
import type { In } from '../syntax/ast.ts';
import { resolveCast } from '../types/cast.ts';
import { commonType, isText } from '../types/coerce.ts';
import { type DataType, type Scalar, sameType, type, typeText } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import { type Context, mistake } from './context.ts';
import { analyzeAll, analyzeExpression } from './expression.ts';
import type { Scope } from './scope.ts';
import { inValue } from './subquery.ts';

/** The operand is compared with each value of the list; the values have a common type. */
export function inList(context: Context, scope: Scope, node: In): Expr | undefined {
  if ('kind' in node.list) return inValue(context, scope, node);
  const operand = analyzeExpression(context, scope, node.operand);
  const items = analyzeAll(context, scope, node.list);
  if (operand === undefined || items === undefined) return undefined;
  const listType = commonType(items.map((item) => item.type));
  if (listType === undefined) {
    const odd = items.find((item) => commonType([items[0]!.type, item.type]) === undefined);
    const message = `the values of IN have no common type: ${typeText(items[0]!.type, false)} and ${typeText((odd ?? items[0]!).type, false)}`;
    return mistake(context, 'type-mismatch', message, odd?.span ?? node.span);
  }
  const rights = items.map((item) => meet(item, operand.type, context.session.timeZone));
  const equalities: Expr[] = [];
  for (const item of rights) {
    const equal = applyFunction(context, '=', [operand, item], item.span ?? node.span);
    if (equal === undefined) return undefined;
    equalities.push(equal);
  }
  const tests = lookup(equalities);
  const result = tests.length === 1 ? { ...tests[0]!, span: node.span } : or(tests, node.span);
  return node.negated ? not(result, node.span) : result;
}

/** From so many constants on a set is faster than comparing one after another. */
const LOOKUP_FROM = 4;

/** Equalities of one value with constants become one look-up in a set; all others stay. */
function lookup(equalities: readonly Expr[]): Expr[] {
  const first = equalities[0]!;
  if (first.kind !== 'call') return [...equalities];
  const left = first.arguments[0]!;
  const others: Expr[] = [];
  const values = new Set<Scalar>();
  for (const equality of equalities) {
    const value = constantOf(equality, left.type);
    if (value === undefined) others.push(equality);
    else values.add(value);
  }
  if (values.size < LOOKUP_FROM) return [...equalities];
  const resolved: ResolvedCall = {
    type: type.boolean(left.type.nullable),
    parameters: [left.type],
    nulls: 'strict',
    evaluate: (value: Scalar) => values.has(value),
    code: ([value], bind) => `${bind(values)}.has(${value})`,
  };
  const list = [...values].map((value) => literalText(left.type, value)).join(', ');
  const test: CallExpr = {
    kind: 'call',
    name: 'IN',
    call: resolved,
    clauses: list,
    arguments: [left],
    deterministic: true,
    type: resolved.type,
    span: first.span,
  };
  return [test, ...others];
}

/** The constant of `x = constant`, where a set finds equal values and `x` is compared in the given type. */
function constantOf(equality: Expr, t: DataType): Scalar | undefined {
  if (equality.kind !== 'call' || equality.name !== '=') return undefined;
  const [left, right] = equality.arguments;
  if (left === undefined || !sameType(left.type, t) || right?.kind !== 'literal' || right.value === null)
    return undefined;
  const comparable = sameType(left.type, right.type) || (isText(left.type) && isText(right.type));
  return comparable && foundBySet.has(t.kind) ? right.value : undefined;
}

/** Types whose equal values are the same JavaScript value; not the floating ones, for which NaN is found in a set. */
const foundBySet: ReadonlySet<string> = new Set([
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'CHAR',
  'VARCHAR',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMP_LTZ',
  'DECIMAL',
]);

/** Whether values of the type are read from a text and written as one. */
function hasText(t: DataType): boolean {
  return hasIdentity(t) && t.kind !== 'NULL';
}

/** As Flink: where a text meets another type, the item is cast to the type of the operand. */
function meet(item: Expr, operand: DataType, timeZone: string): Expr {
  const castable = hasText(item.type) && hasText(operand) && isText(item.type) !== isText(operand);
  if (!castable) return item;
  const target = isText(operand) ? type.string() : operand;
  return resolveCast(item.type, target, timeZone) === undefined ? item : castTo(item, target, timeZone);
}
