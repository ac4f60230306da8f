import type { Plan } from '../plan.ts';
import type { Rule } from '../rule.ts';

/** What reads only from no rows gives none. */
export const removeEmpty: Rule = {
  name: 'remove-empty',
  apply(plan) {
    switch (plan.kind) {
      case 'filter':
      case 'project':
      case 'unnest':
        return isEmpty(plan.input) ? { kind: 'values', rows: [], fields: plan.fields } : undefined;
      case 'union': {
        const inputs = plan.inputs.filter((input) => !isEmpty(input));
        if (inputs.length === plan.inputs.length) return undefined;
        return inputs.length === 0 ? { kind: 'values', rows: [], fields: plan.fields } : { ...plan, inputs };
      }
      case 'join': {
        const { left, right, type } = plan;
        const needed = type === 'inner' || type === 'semi' ? [left, right] : type === 'right' ? [right] : [left];
        const gone = type === 'full' ? isEmpty(left) && isEmpty(right) : needed.some(isEmpty);
        return gone ? { kind: 'values', rows: [], fields: plan.fields } : undefined;
      }
      default:
        return undefined;
    }
  },
};

function isEmpty(plan: Plan): boolean {
  return plan.kind === 'values' && plan.rows.length === 0;
}
