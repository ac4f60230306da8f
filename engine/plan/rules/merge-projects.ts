import type { Rule } from '../rule.ts';
import { canSubstitute, substitute } from './substitute.ts';

/** A projection of a projection is one; what it computes twice, generated code computes once. */
export const mergeProjects: Rule = {
  name: 'merge-projects',
  apply(plan) {
    if (plan.kind !== 'project' || plan.input.kind !== 'project') return undefined;
    const inner = plan.input.expressions;
    if (!canSubstitute(plan.expressions, inner)) return undefined;
    return { ...plan, input: plan.input.input, expressions: plan.expressions.map((expr) => substitute(expr, inner)) };
  },
};
