import { isDeterministic } from '../expr.ts';
import { conjunction, conjuncts, sidesOf } from '../join-condition.ts';
import type { Rule } from '../rule.ts';

/** The parts of a condition that read nothing of the table are tested before it is asked. */
export const pushFilterThroughLookup: Rule = {
  name: 'push-filter-through-lookup',
  apply(plan) {
    if (plan.kind !== 'filter' || plan.input.kind !== 'lookup-join') return undefined;
    const { input } = plan.input;
    const parts = conjuncts(plan.condition);
    const below = parts.filter((part) => isDeterministic(part) && sidesOf(part, input.fields.length) === 'left');
    const condition = conjunction(below);
    if (condition === undefined) return undefined;
    const pushed = { ...plan.input, input: { kind: 'filter', input, condition, fields: input.fields } } as const;
    const above = conjunction(parts.filter((part) => !below.includes(part)));
    return above === undefined ? { ...pushed, fields: plan.fields } : { ...plan, input: pushed, condition: above };
  },
};
