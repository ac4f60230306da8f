import type { Rule } from '../rule.ts';

/** A filter above a union becomes one above each of its inputs. */
export const pushFilterThroughUnion: Rule = {
  name: 'push-filter-through-union',
  apply(plan) {
    if (plan.kind !== 'filter' || plan.input.kind !== 'union') return undefined;
    const { condition, fields } = plan;
    const inputs = plan.input.inputs.map(
      (input) => ({ kind: 'filter', input, condition, fields: input.fields }) as const,
    );
    return { ...plan.input, inputs, fields };
  },
};
