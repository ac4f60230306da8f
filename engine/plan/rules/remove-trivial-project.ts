import type { Rule } from '../rule.ts';

/** A projection of all columns in their order does nothing but name them. */
export const removeTrivialProject: Rule = {
  name: 'remove-trivial-project',
  apply(plan) {
    if (plan.kind !== 'project' || plan.expressions.length !== plan.input.fields.length) return undefined;
    if (!plan.expressions.every((expr, i) => expr.kind === 'column' && expr.index === i)) return undefined;
    return { ...plan.input, fields: plan.fields };
  },
};
