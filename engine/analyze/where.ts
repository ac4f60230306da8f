import { askWhether } from '../plan/ask.ts';
import { boundRanks } from '../plan/bound-rank.ts';
import { not } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import { filtered, isStuck } from '../plan/free.ts';
import { conjunction, conjuncts, sidesOf } from '../plan/join-condition.ts';
import { renamed } from '../plan/join-plans.ts';
import type { Plan } from '../plan/plan.ts';
import type { Binary, Expression } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { analyzeCondition } from './expression.ts';
import type { Scope } from './scope.ts';
import { reportStuck, type Subqueries } from './subqueries.ts';
import { analyzeTest, type Test, testOf } from './subquery.ts';

/** What a WHERE asks of rows: conditions, and those of its parts that only ask a query. */
export interface Where {
  readonly conditions: readonly Expr[];
  readonly tests: readonly Test[];
}

/** The parts of a condition; undefined after a report. `what` names its place: "WHERE". */
export function analyzeWhere(context: Context, scope: Scope, node: Expression, what: string): Where | undefined {
  const inside: Context = { ...context, decides: 'true' };
  const parts = conjunctsOf(node);
  if (!parts.some((part) => testOf(part) !== undefined)) {
    const condition = analyzeCondition(inside, scope, node, what);
    return condition && { conditions: conjuncts(condition), tests: [] };
  }
  const conditions: Expr[] = [];
  const tests: Test[] = [];
  let right = true;
  for (const part of parts) {
    const asked = testOf(part);
    const test = asked && analyzeTest(context, scope, asked);
    if (test !== undefined) {
      const mark = markOf(context, part, test);
      if (mark === undefined) tests.push(test);
      else conditions.push(mark);
      continue;
    }
    const condition = asked === undefined ? analyzeCondition(inside, scope, part, what) : undefined;
    if (condition === undefined) right = false;
    else conditions.push(...conjuncts(condition));
  }
  return right ? { conditions, tests } : undefined;
}

/** A test that needs answers of other queries, as a condition that is asked behind them. */
function markOf({ subqueries }: Context, node: Expression, { answer, plan, conditions, span }: Test): Expr | undefined {
  if (subqueries === undefined || !conditions.some((each) => subqueries.readBy(each))) return undefined;
  const mark = subqueries.addTest(node, 'test', plan, conditions, span);
  return answer === 'anti' ? not(mark, span) : mark;
}

/** The rows of a plan for which a WHERE holds, with the answers of `subqueries` behind; undefined after a report. */
export function applyWhere(
  context: Context,
  input: Plan,
  where: Where | undefined,
  subqueries: Subqueries,
): Plan | undefined {
  const { conditions, tests } = where ?? { conditions: [], tests: [] };
  const late = conditions.filter((part) => subqueries.readBy(part));
  const rows = plainFilter(
    input,
    conditions.filter((part) => !late.includes(part)),
  );
  let plan = rows;
  for (const { answer, plan: asked, conditions: met, span } of tests) {
    const next = askWhether(plan, answer, asked, met, { rows, depth: subqueries.depth, span });
    if (isStuck(next)) return reportStuck(context, next, span);
    plan = next;
  }
  const answered = subqueries.join(context, plan, rows);
  return (
    answered &&
    filtered(
      answered,
      late.map((part) => subqueries.place(part, rows)),
    )
  );
}

/** The rows for which all conditions hold. */
export function plainFilter(input: Plan, parts: readonly Expr[]): Plan {
  const bound = bind(input, parts);
  const { plan, rest } = boundRanks(bound.plan, bound.rest);
  return filtered(plan, rest);
}

/** `FROM a, b WHERE …`: what compares both sides of an inner join is its condition, and says whether time bounds it. */
function bind(plan: Plan, parts: readonly Expr[]): { readonly plan: Plan; readonly rest: readonly Expr[] } {
  if (plan.kind !== 'join' || plan.type !== 'inner') return { plan, rest: parts };
  const width = plan.left.fields.length;
  const own = parts.filter((part) => sidesOf(part, width) === 'both');
  const left = bind(
    plan.left,
    parts.filter((part) => sidesOf(part, width) === 'left'),
  );
  const rest = parts.filter(
    (part) => !own.includes(part) && (sidesOf(part, width) !== 'left' || left.rest.includes(part)),
  );
  if (own.length === 0) return { plan: left.plan === plan.left ? plan : { ...plan, left: left.plan }, rest };
  const condition = conjunction([...conjuncts(plan.condition), ...own.map((part) => renamed(part, plan.fields))])!;
  return { plan: { ...plan, left: left.plan, condition }, rest };
}

/** `a AND b AND c` as a list; without recursion, for chains of thousands. */
function conjunctsOf(node: Expression): Expression[] {
  const parts: Expression[] = [];
  let left = node;
  while (left.kind === 'binary' && left.operator === 'AND') {
    parts.push((left as Binary).right);
    left = (left as Binary).left;
  }
  parts.push(left);
  return parts.reverse().flatMap((part) => (part === node || part.kind !== 'binary' ? [part] : conjunctsOf(part)));
}
