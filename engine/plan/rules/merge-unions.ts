import type { Rule } from '../rule.ts';

/** A union among the inputs of a union is dissolved into it; a union of one input is that input. */
export const mergeUnions: Rule = {
  name: 'merge-unions',
  apply(plan) {
    if (plan.kind !== 'union') return undefined;
    if (plan.inputs.length === 1) return { ...plan.inputs[0]!, fields: plan.fields };
    if (!plan.inputs.some((input) => input.kind === 'union')) return undefined;
    return { ...plan, inputs: plan.inputs.flatMap((input) => (input.kind === 'union' ? input.inputs : [input])) };
  },
};
