import { type Expr, forEachColumn, isDeterministic, replaceColumns } from '../expr.ts';

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

/** Whether substituting keeps each random value one value: no column that differs from call to call is read twice. */
export function canSubstitute(expressions: readonly Expr[], columns: readonly Expr[]): boolean {
  const counts = countColumns(expressions, columns.length);
  return columns.every((column, i) => counts[i]! <= 1 || isDeterministic(column));
}
