import type { Rule } from '../rule.ts';

/** A projection above a union becomes one above each of its inputs, where it fuses with theirs. */
export const pushProjectThroughUnion: Rule = {
  name: 'push-project-through-union',
  apply(plan) {
    if (plan.kind !== 'project' || plan.input.kind !== 'union') return undefined;
    const { expressions, fields } = plan;
    const inputs = plan.input.inputs.map((input) => ({ kind: 'project', input, expressions, fields }) as const);
    return { kind: 'union', inputs, fields };
  },
};
