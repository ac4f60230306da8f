import { isDeterministic } from '../expr.ts';
import type { Rule } from '../rule.ts';
import { canSubstitute, countColumns, substitute } from './substitute.ts';

/** A filter above a projection moves below it, unless it reads values that differ from call to call. */
export const pushFilterThroughProject: Rule = {
  name: 'push-filter-through-project',
  apply(plan) {
    if (plan.kind !== 'filter' || plan.input.kind !== 'project') return undefined;
    const project = plan.input;
    const counts = countColumns([plan.condition], project.expressions.length);
    if (project.expressions.some((expr, i) => counts[i]! > 0 && !isDeterministic(expr))) return undefined;
    if (!canSubstitute([plan.condition], project.expressions)) return undefined;
    const condition = substitute(plan.condition, project.expressions);
    const { input } = project;
    return { ...project, fields: plan.fields, input: { kind: 'filter', input, condition, fields: input.fields } };
  },
};
