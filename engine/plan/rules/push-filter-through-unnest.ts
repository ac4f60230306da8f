import { and } from '../build.ts';
import { type Expr, isDeterministic, readsColumn } from '../expr.ts';
import type { Rule } from '../rule.ts';

/** The parts of a condition that read none of the elements are tested before rows are multiplied. */
export const pushFilterThroughUnnest: Rule = {
  name: 'push-filter-through-unnest',
  apply(plan) {
    if (plan.kind !== 'filter' || plan.input.kind !== 'unnest') return undefined;
    const { input } = plan.input;
    const parts = plan.condition.kind === 'and' ? plan.condition.operands : [plan.condition];
    const below = parts.filter((part) => isDeterministic(part) && readsOnly(part, input.fields.length));
    if (below.length === 0) return undefined;
    const above = parts.filter((part) => !below.includes(part));
    const filtered = { kind: 'filter', input, condition: all(below), fields: input.fields } as const;
    const pushed = { ...plan.input, input: filtered };
    return above.length === 0 ? { ...pushed, fields: plan.fields } : { ...plan, input: pushed, condition: all(above) };
  },
};

function all(parts: readonly Expr[]): Expr {
  return parts.length === 1 ? parts[0]! : and(parts);
}

function readsOnly(expr: Expr, width: number): boolean {
  return !readsColumn(expr, ({ index }) => index >= width);
}
