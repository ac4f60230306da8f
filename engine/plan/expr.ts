import type { Span } from '../diagnostics/diagnostic.ts';
import type { ResolvedCall } from '../functions/define.ts';
import type { DataType, Scalar } from '../types/data-type.ts';

/**
 * A typed, resolved expression over the columns of one input. `span` points into the job file, for messages of
 * expressions that fail while running; optimizer-made ones have none.
 */
export type Expr =
  | Literal
  | ColumnExpr
  | OuterExpr
  | CallExpr
  | CastExpr
  | LogicalExpr
  | NotExpr
  | IsNullExpr
  | CaseExpr
  | FieldExpr;

interface Typed {
  readonly type: DataType;
  readonly span?: Span | undefined;
}

export interface Literal extends Typed {
  readonly kind: 'literal';
  readonly value: Scalar;
  /** Set where this is no value but a keyword among a call's arguments (YEAR, BOTH); `value` is null then. */
  readonly keyword?: string;
}

/** `index` into the fields of the input. */
export interface ColumnExpr extends Typed {
  readonly kind: 'column';
  readonly index: number;
  readonly name: string;
}

/**
 * A column of a query around: `index` into the rows that the query at `depth` is analyzed over, the outermost being 0.
 * There is none left once `decorrelate` is done with that query.
 */
export interface OuterExpr extends Typed {
  readonly kind: 'outer';
  readonly depth: number;
  readonly index: number;
  readonly name: string;
}

/** A function or operator; `arguments` have the types of `call.parameters`. */
export interface CallExpr extends Typed {
  readonly kind: 'call';
  readonly name: string;
  readonly call: ResolvedCall;
  /** Text of the keyword clauses that distinguish this call from others with the same arguments (JSON functions). */
  readonly clauses?: string;
  readonly arguments: readonly Expr[];
  /** Of the function alone, not of its arguments. */
  readonly deterministic: boolean;
}

/** `try`: NULL instead of failing. */
export interface CastExpr extends Typed {
  readonly kind: 'cast';
  readonly input: Expr;
  readonly try: boolean;
  readonly timeZone: string;
}

/** Three-valued; evaluated from the left, stops as soon as the answer is known. */
export interface LogicalExpr extends Typed {
  readonly kind: 'and' | 'or';
  readonly operands: readonly Expr[];
}

export interface NotExpr extends Typed {
  readonly kind: 'not';
  readonly operand: Expr;
}

export interface IsNullExpr extends Typed {
  readonly kind: 'is-null';
  readonly operand: Expr;
  readonly negated: boolean;
}

/** The first branch whose `when` is TRUE; only that branch is evaluated. */
export interface CaseExpr extends Typed {
  readonly kind: 'case';
  readonly branches: readonly { readonly when: Expr; readonly result: Expr }[];
  readonly otherwise: Expr;
}

/** Field `index` of a ROW; NULL where the row is. */
export interface FieldExpr extends Typed {
  readonly kind: 'field';
  readonly input: Expr;
  readonly index: number;
}

/** The direct operands of an expression, in the order in which they are evaluated. */
export function operandsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'column':
    case 'outer':
      return [];
    case 'call':
      return expr.arguments;
    case 'cast':
    case 'field':
      return [expr.input];
    case 'and':
    case 'or':
      return expr.operands;
    case 'not':
    case 'is-null':
      return [expr.operand];
    case 'case':
      return [...expr.branches.flatMap(({ when, result }) => [when, result]), expr.otherwise];
  }
}

/** The same expression over other operands; the same object where none changed. */
export function mapOperands(expr: Expr, change: (operand: Expr) => Expr): Expr {
  const before = operandsOf(expr);
  const after = before.map(change);
  if (after.every((operand, i) => operand === before[i])) return expr;
  switch (expr.kind) {
    case 'literal':
    case 'column':
    case 'outer':
      return expr;
    case 'call':
      return { ...expr, arguments: after };
    case 'cast':
    case 'field':
      return { ...expr, input: after[0]! };
    case 'and':
    case 'or':
      return { ...expr, operands: after };
    case 'not':
    case 'is-null':
      return { ...expr, operand: after[0]! };
    case 'case': {
      const branches = expr.branches.map((_, i) => ({ when: after[2 * i]!, result: after[2 * i + 1]! }));
      return { ...expr, branches, otherwise: after.at(-1)! };
    }
  }
}

/** Whether the same row always gives the same value. */
export function isDeterministic(expr: Expr): boolean {
  return (expr.kind !== 'call' || expr.deterministic) && operandsOf(expr).every(isDeterministic);
}

/** Calls `visit` for every column that the expression reads. */
export function forEachColumn(expr: Expr, visit: (column: ColumnExpr) => void): void {
  if (expr.kind === 'column') visit(expr);
  else for (const operand of operandsOf(expr)) forEachColumn(operand, visit);
}

/** Whether the expression reads a column that passes a test, any where that is absent. */
export function readsColumn(expr: Expr, passes: (column: ColumnExpr) => boolean = () => true): boolean {
  return expr.kind === 'column' ? passes(expr) : operandsOf(expr).some((operand) => readsColumn(operand, passes));
}

/** Calls `visit` for every column of the query at `depth` that the expression reads from within another one. */
export function forEachOuter(expr: Expr, depth: number, visit: (outer: OuterExpr) => void): void {
  if (expr.kind !== 'outer') for (const operand of operandsOf(expr)) forEachOuter(operand, depth, visit);
  else if (expr.depth === depth) visit(expr);
}

/** Whether an expression reads columns of the query at `depth` from within another one. */
export function readsOuter(expr: Expr, depth: number): boolean {
  if (expr.kind === 'outer') return expr.depth === depth;
  return operandsOf(expr).some((operand) => readsOuter(operand, depth));
}

/** The expression with every column of the query at `depth` around replaced. */
export function replaceOuter(expr: Expr, depth: number, replace: (outer: OuterExpr) => Expr): Expr {
  if (expr.kind === 'outer') return expr.depth === depth ? replace(expr) : expr;
  return mapOperands(expr, (operand) => replaceOuter(operand, depth, replace));
}

/** The expression with every column replaced. */
export function replaceColumns(expr: Expr, replace: (column: ColumnExpr) => Expr): Expr {
  return expr.kind === 'column' ? replace(expr) : mapOperands(expr, (operand) => replaceColumns(operand, replace));
}
