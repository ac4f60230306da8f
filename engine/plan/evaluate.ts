import { resolveCast } from '../types/cast.ts';
import type { Scalar } from '../types/data-type.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import type { CallExpr, CastExpr, Expr, LogicalExpr } from './expr.ts';

/** Where evaluation failed: the innermost expression, and the values of its operands where they were known. */
export interface Failure {
  readonly expr: Expr;
  readonly operands: readonly Scalar[];
  readonly error: EvaluationError;
}

type Fail = (failure: Failure) => void;

/**
 * The value of an expression for one row, by walking the tree: what generated code must answer too, only slow.
 * Throws `EvaluationError`, after telling `fail` about the innermost expression that did.
 */
export function evaluate(expr: Expr, row: readonly Scalar[], fail?: Fail): Scalar {
  switch (expr.kind) {
    case 'literal':
      return expr.value;
    case 'column':
      return row[expr.index] ?? null;
    case 'outer':
      throw new Error(`column '${expr.name}' of a query around is left`);
    case 'call':
      return evaluateCall(expr, row, fail);
    case 'cast':
      return evaluateCast(expr, row, fail);
    case 'and':
    case 'or':
      return evaluateLogical(expr, row, fail);
    case 'not': {
      const value = evaluate(expr.operand, row, fail);
      return value === null ? null : value !== true;
    }
    case 'is-null':
      return (evaluate(expr.operand, row, fail) === null) !== expr.negated;
    case 'case': {
      const branch = expr.branches.find(({ when }) => evaluate(when, row, fail) === true);
      return evaluate(branch === undefined ? expr.otherwise : branch.result, row, fail);
    }
    case 'field': {
      const value = evaluate(expr.input, row, fail);
      return value === null ? null : ((value as readonly Scalar[])[expr.index] ?? null);
    }
  }
}

function evaluateCall(expr: CallExpr, row: readonly Scalar[], fail: Fail | undefined): Scalar {
  const values = expr.arguments.map((argument) => evaluate(argument, row, fail));
  if (expr.call.nulls === 'strict' && values.some((value, i) => value === null && !isKeyword(expr.arguments[i]!)))
    return null;
  return attempt(expr, values, fail, () => (expr.call.evaluate as (...values: Scalar[]) => Scalar)(...values));
}

/** Keywords such as YEAR are arguments without a value, not missing ones. */
export function isKeyword(argument: Expr): boolean {
  return argument.kind === 'literal' && argument.keyword !== undefined;
}

function evaluateCast(expr: CastExpr, row: readonly Scalar[], fail: Fail | undefined): Scalar {
  const value = evaluate(expr.input, row, fail);
  if (value === null) return null;
  const cast = castOf(expr);
  if (expr.try) {
    try {
      return cast(value);
    } catch (error) {
      if (error instanceof EvaluationError) return null;
      throw error;
    }
  }
  return attempt(expr, [value], fail, () => cast(value));
}

function castOf(expr: CastExpr): (value: Scalar) => Scalar {
  const cast = resolveCast(expr.input.type, expr.type, expr.timeZone);
  if (cast === undefined) throw new Error('a cast was planned that does not exist');
  return cast.evaluate as (value: Scalar) => Scalar;
}

function evaluateLogical(expr: LogicalExpr, row: readonly Scalar[], fail: Fail | undefined): Scalar {
  const decisive = expr.kind === 'or';
  let unknown = false;
  for (const operand of expr.operands) {
    const value = evaluate(operand, row, fail);
    if (value === decisive) return decisive;
    if (value === null) unknown = true;
  }
  return unknown ? null : !decisive;
}

function attempt(expr: Expr, operands: readonly Scalar[], fail: Fail | undefined, run: () => Scalar): Scalar {
  try {
    return run();
  } catch (error) {
    if (error instanceof EvaluationError) fail?.({ expr, operands, error });
    throw error;
  }
}
