import { and } from '../plan/build.ts';
import type { CallExpr, Expr } from '../plan/expr.ts';

/** Two rows that are written out, field by field, `(a, b) = (c, d)`, of as many fields. */
export function areWrittenRows(sides: readonly Expr[]): sides is readonly [CallExpr, CallExpr] {
  const [left, right] = sides;
  return isWrittenRow(left) && isWrittenRow(right) && left.arguments.length === right.arguments.length;
}

/**
 * `(a, b) = (c, d)` as `a = c AND b = d`, undefined where a pair of fields does not compare. Only this: in rows that are
 * values, and with `<>`, NULL equals NULL, as in Flink.
 */
export function compareWrittenRows(
  [left, right]: readonly [CallExpr, CallExpr],
  equals: (left: Expr, right: Expr) => Expr | undefined,
  span: Expr['span'],
): Expr | undefined {
  const fields = left.arguments.map((field, i) => equals(field, right.arguments[i]!));
  if (!fields.every((field) => field !== undefined)) return undefined;
  return fields.length === 1 ? fields[0] : and(fields, span);
}

function isWrittenRow(expr: Expr | undefined): expr is CallExpr {
  return expr?.kind === 'call' && expr.name === 'ROW';
}
