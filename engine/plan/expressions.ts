import { type Expr, readsOuter } from './expr.ts';
import { inputsOf, mapInputs, type Plan } from './plan.ts';

/** The expressions of a node itself. */
export function expressionsOf(plan: Plan): readonly Expr[] {
  switch (plan.kind) {
    case 'filter':
      return [plan.condition];
    case 'project':
      return plan.expressions;
    case 'values':
      return plan.rows.flat();
    case 'unnest':
      return plan.condition === undefined ? [plan.collection] : [plan.collection, plan.condition];
    case 'watermark':
      return [plan.expression];
    case 'join':
      return plan.condition === undefined ? [] : [plan.condition];
    case 'lookup-join':
      return [plan.condition];
    case 'scan':
    case 'normalize':
    case 'union':
    case 'window':
    case 'aggregate':
    case 'over':
    case 'rank':
      return [];
  }
}

/** The plan with every expression of it and of all below replaced. */
export function mapExpressions(plan: Plan, change: (expr: Expr) => Expr): Plan {
  const mapped = mapInputs(plan, (input) => mapExpressions(input, change));
  switch (mapped.kind) {
    case 'filter':
    case 'lookup-join':
      return { ...mapped, condition: change(mapped.condition) };
    case 'join':
      return mapped.condition === undefined ? mapped : { ...mapped, condition: change(mapped.condition) };
    case 'project':
      return { ...mapped, expressions: mapped.expressions.map(change) };
    case 'values':
      return { ...mapped, rows: mapped.rows.map((row) => row.map(change)) };
    case 'unnest':
      return {
        ...mapped,
        collection: change(mapped.collection),
        ...(mapped.condition === undefined ? {} : { condition: change(mapped.condition) }),
      };
    case 'watermark':
      return { ...mapped, expression: change(mapped.expression) };
    default:
      return mapped;
  }
}

/** Whether a plan or what is below it reads columns of the query at `depth` around it. */
export function usesOuter(plan: Plan, depth: number): boolean {
  const reads = (expr: Expr) => readsOuter(expr, depth);
  return expressionsOf(plan).some(reads) || inputsOf(plan).some((input) => usesOuter(input, depth));
}
