import { type Expr, forEachColumn, isDeterministic, operandsOf, replaceColumns } from '../expr.ts';

/** The expression with the columns of a projection replaced by what they stand for. */
export function substitute(expr: Expr, columns: readonly Expr[]): Expr {
  return replaceColumns(expr, (column) => {
    const replacement = columns[column.index]!;
    return replacement.span === undefined && replacement.kind === 'column'
      ? { ...replacement, span: column.span }
      : replacement;
  });
}

/** How often each column is read by the expressions. */
export function countColumns(expressions: readonly Expr[], width: number): number[] {
  const counts = new Array<number>(width).fill(0);
  for (const expr of expressions) {
    forEachColumn(expr, ({ index }) => {
      counts[index]!++;
    });
  }
  return counts;
}

/** What grows beyond so many nodes by substituting stays apart: each level may double the one below. */
const MAX_SIZE = 5000;

/**
 * Whether substituting is wise and keeps each random value one value: no column that differs from call to call is read
 * twice, and nothing becomes huge.
 */
export function canSubstitute(expressions: readonly Expr[], columns: readonly Expr[]): boolean {
  const counts = countColumns(expressions, columns.length);
  const grown = columns.reduce((sum, column, i) => sum + Math.max(0, counts[i]! - 1) * sizeOf(column), 0);
  return grown <= MAX_SIZE && columns.every((column, i) => counts[i]! <= 1 || isDeterministic(column));
}

const sizes = new WeakMap<Expr, number>();

/** Number of nodes, those that occur twice counted twice. */
function sizeOf(expr: Expr): number {
  let size = sizes.get(expr);
  if (size === undefined) {
    size = operandsOf(expr).reduce((sum, operand) => sum + sizeOf(operand), 1);
    sizes.set(expr, size);
  }
  return size;
}
