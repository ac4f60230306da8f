import { EvaluationError } from '../../types/evaluation-error.ts';
import { literal } from '../build.ts';
import { evaluate, isKeyword } from '../evaluate.ts';
import { type CaseExpr, type Expr, isDeterministic, type LogicalExpr, mapOperands, operandsOf } from '../expr.ts';
import type { Plan } from '../plan.ts';
import type { Rule } from '../rule.ts';

/**
 * Expressions over constants become constants; what fails stays, and fails when a row reaches it. AND, OR and CASE lose
 * the parts that constants decide.
 */
export const foldConstants: Rule = {
  name: 'fold-constants',
  apply(plan) {
    switch (plan.kind) {
      case 'filter': {
        const condition = fold(plan.condition);
        return condition === plan.condition ? undefined : { ...plan, condition };
      }
      case 'project': {
        const expressions = plan.expressions.map(fold);
        return same(expressions, plan.expressions) ? undefined : { ...plan, expressions };
      }
      case 'unnest': {
        const collection = fold(plan.collection);
        return collection === plan.collection ? undefined : { ...plan, collection };
      }
      case 'values':
        return foldValues(plan);
      default:
        return undefined;
    }
  },
};

function foldValues(plan: Extract<Plan, { kind: 'values' }>): Plan | undefined {
  const rows = plan.rows.map((row) => row.map(fold));
  return rows.every((row, i) => same(row, plan.rows[i]!)) ? undefined : { ...plan, rows };
}

function same(a: readonly Expr[], b: readonly Expr[]): boolean {
  return a.every((expr, i) => expr === b[i]);
}

export function fold(expr: Expr): Expr {
  if (expr.kind === 'literal' || expr.kind === 'column') return expr;
  const folded = mapOperands(expr, fold);
  const simpler = simplify(folded);
  if (simpler !== folded) return simpler;
  if (!operandsOf(folded).every((operand) => operand.kind === 'literal' || isKeyword(operand))) return folded;
  if (!isDeterministic(folded)) return folded;
  try {
    return literal(folded.type, evaluate(folded, []), folded.span);
  } catch (error) {
    if (error instanceof EvaluationError) return folded;
    throw error;
  }
}

function simplify(expr: Expr): Expr {
  switch (expr.kind) {
    case 'and':
    case 'or':
      return simplifyLogical(expr);
    case 'case':
      return simplifyCase(expr);
    default:
      return expr;
  }
}

/** Operands that decide nothing are dropped; what stands behind one that decides is never reached. */
function simplifyLogical(expr: LogicalExpr): Expr {
  const decisive = expr.kind === 'or';
  const operands: Expr[] = [];
  for (const operand of expr.operands) {
    if (operand.kind === expr.kind) operands.push(...operand.operands);
    else if (operand.kind !== 'literal' || operand.value === null) operands.push(operand);
    else if (operand.value === decisive) {
      operands.push(operand);
      break;
    }
  }
  if (same(operands, expr.operands) && operands.length === expr.operands.length) return expr;
  if (operands.length === 0) return literal(expr.type, !decisive, expr.span);
  return operands.length === 1 ? operands[0]! : { ...expr, operands };
}

function simplifyCase(expr: CaseExpr): Expr {
  const branches: CaseExpr['branches'][number][] = [];
  let { otherwise } = expr;
  for (const branch of expr.branches) {
    if (branch.when.kind !== 'literal') branches.push(branch);
    else if (branch.when.value === true) {
      otherwise = branch.result;
      break;
    }
  }
  if (branches.length === expr.branches.length) return expr;
  return branches.length === 0 ? otherwise : { ...expr, branches, otherwise };
}
