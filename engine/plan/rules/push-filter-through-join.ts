import type { Expr } from '../expr.ts';
import { isDeterministic, replaceColumns } from '../expr.ts';
import { conjunction, conjuncts, onRight, sidesOf } from '../join-condition.ts';
import type { Join, JoinType, Plan } from '../plan.ts';
import type { Rule } from '../rule.ts';

/** Sides of which a row that does not pass a filter above the join need not enter it. */
const filtersAbove: Readonly<Record<JoinType, readonly ('left' | 'right' | 'both')[]>> = {
  inner: ['left', 'right', 'both'],
  left: ['left'],
  right: ['right'],
  full: [],
  semi: ['left'],
  anti: ['left'],
  mark: ['left'],
};

/** Sides of which a row that the condition itself excludes from all pairs need not enter the join. */
const filtersWithin: Readonly<Record<JoinType, readonly ('left' | 'right' | 'both')[]>> = {
  inner: ['left', 'right'],
  left: ['right'],
  right: ['left'],
  full: [],
  semi: ['left', 'right'],
  anti: ['right'],
  mark: ['right'],
};

/** Rows are filtered before they are joined; what compares both sides of an inner join becomes its condition. */
export const pushFilterThroughJoin: Rule = {
  name: 'push-filter-through-join',
  apply(plan) {
    if (plan.kind !== 'filter' || plan.input.kind !== 'join') return undefined;
    const join = plan.input;
    const width = join.left.fields.length;
    // A version that is filtered out before the join would let an older one stand in for it.
    const sides = join.asOf === undefined ? filtersAbove[join.type] : filtersAbove.left;
    const parts = divide(conjuncts(plan.condition), width, (side) => side !== 'none' && sides.includes(side));
    if (parts.taken.length === 0) return undefined;
    const pushed = { ...below(join, parts.taken, sides), fields: plan.fields };
    const above = conjunction(parts.left);
    return above === undefined ? pushed : { ...plan, input: { ...pushed, fields: join.fields }, condition: above };
  },
};

/** Parts of a join's condition over one side only are tested before rows are remembered. */
export const pushConditionThroughJoin: Rule = {
  name: 'push-condition-through-join',
  apply(plan) {
    if (plan.kind !== 'join' || plan.asOf !== undefined || plan.condition === undefined) return undefined;
    const width = plan.left.fields.length;
    const sides = filtersWithin[plan.type];
    const parts = divide(conjuncts(plan.condition), width, (side) => side !== 'none' && sides.includes(side));
    if (parts.taken.length === 0) return undefined;
    const { condition: _, ...unconditional } = plan;
    const condition = conjunction(parts.left);
    return below(condition === undefined ? unconditional : { ...plan, condition }, parts.taken, sides);
  },
};

function divide(
  parts: readonly Expr[],
  width: number,
  takes: (side: ReturnType<typeof sidesOf>) => boolean,
): { taken: Expr[]; left: Expr[] } {
  const taken: Expr[] = [];
  const left: Expr[] = [];
  for (const part of parts) (isDeterministic(part) && takes(sidesOf(part, width)) ? taken : left).push(part);
  return { taken, left };
}

/** The join with conditions at its inputs, and those over both sides added to its own. */
function below(join: Join, parts: readonly Expr[], sides: readonly string[]): Join {
  const width = join.left.fields.length;
  const of = (wanted: string) => parts.filter((part) => sidesOf(part, width) === wanted);
  const left = conjunction(of('left'));
  const right = conjunction(of('right').map((part) => onRight(part, join)));
  const both = sides.includes('both') ? of('both').map((part) => named(part, join)) : [];
  const condition = conjunction([...conjuncts(join.condition), ...both]);
  return {
    ...join,
    left: left === undefined ? join.left : filter(join.left, left),
    right: right === undefined ? join.right : filter(join.right, right),
    ...(condition === undefined ? {} : { condition }),
  };
}

function named(expr: Expr, { fields }: Join): Expr {
  return replaceColumns(expr, (each) => ({ ...each, name: fields[each.index]!.name }));
}

function filter(input: Plan, condition: Expr): Plan {
  return { kind: 'filter', input, condition, fields: input.fields };
}
