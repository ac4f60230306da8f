import type { Expr } from './expr.ts';
import { conjunction, conjuncts, onRight, sidesOf } from './join-condition.ts';
import { inputsOf, type Join, mapInputs, type Plan, type Rank } from './plan.ts';

/** From the first to the last rank. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** A plan below conditions of which those on a rank bound it; `rest` are the others. */
export function boundRanks(
  input: Plan,
  conditions: readonly Expr[],
): { readonly plan: Plan; readonly rest: readonly Expr[] } {
  let plan = input;
  const rest: Expr[] = [];
  for (const condition of conditions) {
    const found = rangeOf(condition);
    const bounded = found === undefined ? undefined : bound(plan, found.index, found.range);
    if (bounded === undefined) rest.push(condition);
    else plan = bounded;
  }
  return { plan, rest };
}

/** A join whose condition bounds ranks of an input that gives none of its rows without it. */
export function boundJoinRanks(join: Join): Join {
  const width = join.left.fields.length;
  const takes = (side: ReturnType<typeof sidesOf>) =>
    (side === 'left' && ['inner', 'right', 'semi'].includes(join.type)) ||
    (side === 'right' && join.type !== 'right' && join.type !== 'full');
  let { left, right } = join;
  const rest: Expr[] = [];
  const parts = conjuncts(join.condition);
  for (const part of parts) {
    const side = sidesOf(part, width);
    if (!takes(side)) {
      rest.push(part);
      continue;
    }
    const bounded =
      side === 'left' ? boundRanks(left, [part]) : boundRanks(right, [onRight(part, { left: join.left, right })]);
    if (bounded.rest.length > 0) rest.push(part);
    else if (side === 'left') left = bounded.plan;
    else right = bounded.plan;
  }
  if (rest.length === parts.length) return join;
  const { condition: _, ...others } = join;
  const condition = conjunction(rest);
  return { ...others, left, right, ...(condition === undefined ? {} : { condition }) };
}

/** A rank that nothing bounds. */
export function unboundedRank(plan: Plan): Rank | undefined {
  if (plan.kind === 'rank' && plan.end === Infinity) return plan;
  for (const input of inputsOf(plan)) {
    const found = unboundedRank(input);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The plan whose column `index` is a rank, within the range; undefined where it is none. */
function bound(plan: Plan, index: number, range: Range): Plan | undefined {
  switch (plan.kind) {
    case 'rank':
      if (!plan.numbered || index !== plan.input.fields.length) return undefined;
      return { ...plan, start: Math.max(plan.start, range.start), end: Math.min(plan.end, range.end) };
    case 'filter':
    case 'project': {
      const expr = plan.kind === 'filter' ? undefined : plan.expressions[index]!;
      if (expr !== undefined && expr.kind !== 'column') return undefined;
      const input = bound(plan.input, expr?.index ?? index, range);
      return input && mapInputs(plan, () => input);
    }
    case 'lookup-join':
    case 'unnest': {
      const input = index < plan.input.fields.length ? bound(plan.input, index, range) : undefined;
      return input && { ...plan, input };
    }
    case 'join': {
      const width = plan.left.fields.length;
      const { type } = plan;
      if (index < width) {
        const left = type === 'right' || type === 'full' ? undefined : bound(plan.left, index, range);
        return left && { ...plan, left };
      }
      const right = type === 'inner' || type === 'right' ? bound(plan.right, index - width, range) : undefined;
      return right && { ...plan, right };
    }
    default:
      return undefined;
  }
}

/** What a comparison of a column with a constant says about it as a rank. */
function rangeOf(condition: Expr): { readonly index: number; readonly range: Range } | undefined {
  if (condition.kind !== 'call' || condition.arguments.length !== 2) return undefined;
  const [left, right] = condition.arguments as [Expr, Expr];
  const flipped = left.kind === 'literal';
  const column = flipped ? right : left;
  const constant = flipped ? left : right;
  if (column.kind !== 'column' || constant.kind !== 'literal') return undefined;
  if (constant.type.kind !== 'BIGINT' && constant.type.kind !== 'INT') return undefined;
  const range = constant.value === null ? undefined : compare(condition.name, Number(constant.value), flipped);
  return range && { index: column.index, range };
}

function compare(operator: string, n: number, flipped: boolean): Range | undefined {
  switch (operator) {
    case '=':
      return { start: n, end: n };
    case '<':
      return flipped ? { start: n + 1, end: Infinity } : { start: 1, end: n - 1 };
    case '<=':
      return flipped ? { start: n, end: Infinity } : { start: 1, end: n };
    case '>':
      return flipped ? { start: 1, end: n - 1 } : { start: n + 1, end: Infinity };
    case '>=':
      return flipped ? { start: 1, end: n } : { start: n, end: Infinity };
    default:
      return undefined;
  }
}
