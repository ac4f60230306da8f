import { and } from '../build.ts';
import type { Rule } from '../rule.ts';

/** Two filters are one; the lower one's condition is tested first. */
export const mergeFilters: Rule = {
  name: 'merge-filters',
  apply(plan) {
    if (plan.kind !== 'filter' || plan.input.kind !== 'filter') return undefined;
    const parts = [plan.input.condition, plan.condition];
    const condition = and(parts.flatMap((part) => (part.kind === 'and' ? part.operands : [part])));
    return { ...plan, input: plan.input.input, condition };
  },
};
