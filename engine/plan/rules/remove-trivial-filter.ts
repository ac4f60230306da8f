import type { Rule } from '../rule.ts';

/** WHERE TRUE goes; WHERE FALSE or NULL gives no rows and reads nothing. */
export const removeTrivialFilter: Rule = {
  name: 'remove-trivial-filter',
  apply(plan) {
    if (plan.kind !== 'filter' || plan.condition.kind !== 'literal') return undefined;
    if (plan.condition.value === true) return { ...plan.input, fields: plan.fields };
    return { kind: 'values', rows: [], fields: plan.fields };
  },
};
