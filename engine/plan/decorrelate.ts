import { type Field, type } from '../types/data-type.ts';
import { caseWhen, column, isNull, literal } from './build.ts';
import { timeAttributesOf } from './event-time.ts';
import { type Expr, isDeterministic, readsOuter } from './expr.ts';
import { expressionsOf, usesOuter } from './expressions.ts';
import {
  type Around,
  columnsOf,
  type Free,
  filtered,
  isStuck,
  type Keyed,
  keyed,
  optional,
  over,
  type Stuck,
  settled,
  shifted,
  withValues,
} from './free.ts';
import { conjunction, conjuncts } from './join-condition.ts';
import { joinPlans } from './join-plans.ts';
import type { Aggregate, Join, LookupJoin, Over, Plan, Rank, Unnest } from './plan.ts';

/**
 * A query's plan without the columns of the rows around that it is asked for. What compares them is taken out, up to
 * where the query is joined with these rows: groups and ranks below are made for each value that is compared. Where that
 * is not enough, as for SUM(inner + outer), the values around are joined in, each combination once.
 */
export function decorrelate(plan: Plan, around: Around): Free | Stuck {
  if (!usesOuter(plan, around.depth)) {
    return { plan, columns: columnsOf(plan), conditions: [], one: isOneRow(plan) };
  }
  switch (plan.kind) {
    case 'project': {
      const below = decorrelate(plan.input, around);
      if (isStuck(below)) return below;
      if (!plan.expressions.every(isDeterministic)) return { what: 'a random value in such a query is' };
      return { ...below, columns: plan.expressions.map((expr) => over(expr, below.columns)) };
    }
    case 'filter': {
      const below = decorrelate(plan.input, around);
      if (isStuck(below)) return below;
      const parts = conjuncts(plan.condition).map((part) => over(part, below.columns));
      const { own, outer } = divide(parts, around);
      return {
        plan: filtered(below.plan, own),
        columns: below.columns,
        conditions: [...below.conditions, ...outer],
        one: false,
      };
    }
    case 'join':
      return plan.type === 'inner' ? innerJoin(plan, around) : otherJoin(plan, around);
    case 'aggregate':
      return aggregate(plan, around);
    case 'rank':
      return rank(plan, around);
    case 'over':
      return overWindow(plan, around);
    case 'unnest':
    case 'lookup-join':
      return widened(plan, around);
    case 'union':
      return { what: 'UNION, INTERSECT or EXCEPT over rows that are compared with columns of the query around is' };
    case 'values':
      return { what: 'VALUES with columns of the query around is', help: 'write them as items of a SELECT' };
    case 'window':
      return { what: 'a window over rows that are compared with columns of the query around is' };
    case 'scan':
    case 'normalize':
    case 'watermark':
      return { what: 'a table with columns of the query around is' };
  }
}

/** Whether a plan has one row whatever there is. */
function isOneRow(plan: Plan): boolean {
  if (plan.kind === 'project') return isOneRow(plan.input);
  return plan.kind === 'values' ? plan.rows.length === 1 : plan.kind === 'aggregate' && plan.keys.length === 0;
}

function divide(parts: readonly Expr[], { depth }: Around): { readonly own: Expr[]; readonly outer: Expr[] } {
  const own: Expr[] = [];
  const outer: Expr[] = [];
  for (const part of parts) (readsOuter(part, depth) ? outer : own).push(part);
  return { own, outer };
}

function innerJoin(plan: Join, around: Around): Free | Stuck {
  if (plan.asOf !== undefined) return { what: 'a join FOR SYSTEM_TIME with columns of the query around is' };
  const left = decorrelate(plan.left, around);
  const right = decorrelate(plan.right, around);
  if (isStuck(left)) return left;
  if (isStuck(right)) return right;
  const width = left.plan.fields.length;
  const columns = [...left.columns, ...right.columns.map((expr) => shifted(expr, width))];
  const { own, outer } = divide(
    conjuncts(plan.condition).map((part) => over(part, columns)),
    around,
  );
  const conditions = [...left.conditions, ...right.conditions.map((part) => shifted(part, width)), ...outer];
  const joined = joinPlans(left.plan, right.plan, 'inner', conjunction(own), plan.span);
  return { plan: joined, columns, conditions, one: left.one && right.one && plan.condition === undefined };
}

/** The left rows stay what they are; what the join compares with the row around is given to them first. */
function otherJoin(plan: Join, around: Around): Free | Stuck {
  const { type: kind, span } = plan;
  if (plan.asOf !== undefined || kind === 'right' || kind === 'full') {
    return { what: 'a RIGHT or FULL JOIN over rows that are compared with columns of the query around is' };
  }
  const first = decorrelate(plan.left, around);
  if (isStuck(first)) return first;
  const found = decorrelate(plan.right, around);
  if (isStuck(found)) return found;
  const right = kind === 'left' && !found.one ? settled(found, around) : found;
  if (isStuck(right)) return right;
  const partsOf = (left: Free) => {
    const width = left.plan.fields.length;
    const columns = [...left.columns, ...right.columns.map((expr) => shifted(expr, width))];
    const own = conjuncts(plan.condition).map((part) => over(part, columns));
    return [...own, ...right.conditions.map((part) => shifted(part, width))];
  };
  const needed = [...partsOf(first), ...(kind === 'left' ? right.columns : [])];
  const bound = needed.some((part) => readsOuter(part, around.depth))
    ? withValues(first, needed, around)
    : { free: first, place: (expr: Expr) => expr };
  if (isStuck(bound)) return bound;
  const left = bound.free;
  const joined = joinPlans(left.plan, right.plan, kind, conjunction(partsOf(left).map(bound.place)), span);
  const width = left.plan.fields.length;
  const behind =
    kind === 'left'
      ? right.columns.map((expr) => optional(bound.place(shifted(expr, width))))
      : joined.fields.slice(width).map((field, i) => column(width + i, field));
  return { plan: joined, columns: [...left.columns, ...behind], conditions: left.conditions, one: left.one };
}

/** The input of a node that tells rows apart by keys, with what the row around is compared with. */
function keyedInput({ input }: Aggregate | Rank | Over, around: Around): Keyed | Stuck {
  const below = decorrelate(input, around);
  return isStuck(below) ? below : keyed(below, around);
}

/** The conditions where the columns at `keys` stay where they are. */
function bindKeys({ plan, keys, bind }: Keyed): readonly Expr[] {
  return bind(keys.map((key) => column(key, plan.fields[key]!)));
}

/** Groups for each value that is compared, besides those that there are. */
function aggregate(plan: Aggregate, around: Around): Free | Stuck {
  if (plan.window !== undefined) return { what: 'GROUP BY a window with columns of the query around is' };
  const rows = keyedInput(plan, around);
  if (isStuck(rows)) return rows;
  const own = plan.keys.length;
  const added = rows.keys.map((key) => rows.plan.fields[key]!);
  const fields = [...plan.fields.slice(0, own), ...added, ...plan.fields.slice(own)];
  const grouped: Plan = { ...plan, input: rows.plan, keys: [...plan.keys, ...rows.keys], fields };
  const columns = plan.fields.map((field, i): Expr => {
    if (i < own) return column(i, field);
    const value = column(i + added.length, field);
    return own === 0 && plan.calls[i]!.name === 'COUNT' ? orZero(value) : value;
  });
  return {
    plan: grouped,
    columns,
    conditions: rows.bind(added.map((field, i) => column(own + i, field))),
    one: own === 0,
  };
}

/** COUNT of no rows, of which there is no group. */
function orZero(count: Expr): Expr {
  const value = optional(count);
  const zero = literal(type.bigint(false), 0n);
  return { ...caseWhen([{ when: isNull(value, false), result: zero }], value), type: count.type };
}

function rank(plan: Rank, around: Around): Free | Stuck {
  if (!plan.numbered) {
    const help =
      'number the rows: SELECT … FROM (SELECT …, ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) AS rn …) WHERE rn <= n';
    return { what: 'LIMIT over rows that are compared with columns of the query around is', help };
  }
  if (plan.window !== undefined) return { what: 'ranks in a window with columns of the query around are' };
  const rows = keyedInput(plan, around);
  if (isStuck(rows)) return rows;
  const { time: _, ...rest } = plan;
  const time = plan.order[0] === undefined ? undefined : timeAttributesOf(rows.plan)[plan.order[0].column];
  const width = plan.input.fields.length;
  const number = plan.fields[width]!;
  const ranked: Plan = {
    ...rest,
    ...(time === undefined ? {} : { time }),
    input: rows.plan,
    partition: [...plan.partition, ...rows.keys],
    fields: [...rows.plan.fields, number],
  };
  return {
    plan: ranked,
    columns: [...columnsOf(plan.input), column(rows.plan.fields.length, number)],
    conditions: bindKeys(rows),
    one: false,
  };
}

function overWindow(plan: Over, around: Around): Free | Stuck {
  const rows = keyedInput(plan, around);
  if (isStuck(rows)) return rows;
  if (timeAttributesOf(rows.plan)[plan.time] !== plan.attribute) {
    return { what: 'OVER with columns of the query around is' };
  }
  const width = plan.input.fields.length;
  const values = plan.fields.slice(width);
  const behind = rows.plan.fields.length;
  return {
    plan: {
      ...plan,
      input: rows.plan,
      partition: [...plan.partition, ...rows.keys],
      fields: [...rows.plan.fields, ...values],
    },
    columns: [...columnsOf(plan.input), ...values.map((field, i) => column(behind + i, field))],
    conditions: bindKeys(rows),
    one: false,
  };
}

/** Rows that get columns behind their own. */
function widened(plan: Unnest | LookupJoin, around: Around): Free | Stuck {
  const below = decorrelate(plan.input, around);
  if (isStuck(below)) return below;
  if (plan.kind === 'unnest' && plan.condition !== undefined) {
    return { what: 'LEFT JOIN UNNEST with a condition beside columns of the query around is' };
  }
  const width = below.plan.fields.length;
  const behind = plan.fields.slice(plan.input.fields.length);
  const added = behind.map((field, i): Expr => column(width + i, field));
  const fields: Field[] = [...below.plan.fields, ...behind];
  const columns = [...below.columns, ...added];
  const [own] = expressionsOf(plan);
  const expr = over(own!, columns);
  if (readsOuter(expr, around.depth)) {
    const what = plan.kind === 'unnest' ? 'UNNEST of a column' : 'FOR SYSTEM_TIME with columns';
    return { what: `${what} of the query around is` };
  }
  const part = plan.kind === 'unnest' ? { ...plan, collection: expr } : { ...plan, condition: expr };
  return { plan: { ...part, input: below.plan, fields }, columns, conditions: below.conditions, one: false };
}
