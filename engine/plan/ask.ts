import { type Field, type } from '../types/data-type.ts';
import { column, literal } from './build.ts';
import { decorrelate } from './decorrelate.ts';
import { type Expr, replaceColumns, replaceOuter } from './expr.ts';
import {
  type Around,
  columnsOf,
  type Free,
  isStuck,
  nameOf,
  optional,
  over,
  type Stuck,
  settled,
  shifted,
} from './free.ts';
import { conjunction } from './join-condition.ts';
import { joinPlans, numberNames } from './join-plans.ts';
import type { Plan } from './plan.ts';

/** Columns of a query that is asked have indexes from here on, in conditions over them and the row around. */
export const ASKED = 1 << 26;

/** A condition over the columns of the rows around, and behind `ASKED` those of the query, as one over a join of both. */
function paired(condition: Expr, free: Free, { rows, depth }: Around, width: number): Expr {
  const around = replaceColumns(condition, (each) => {
    return each.index < ASKED ? each : shifted(free.columns[each.index - ASKED]!, width);
  });
  return outward(around, rows, depth);
}

/** What a query knew as columns of the rows around, as columns of the left side of a join. */
function outward(expr: Expr, rows: Plan, depth: number): Expr {
  return replaceOuter(expr, depth, ({ index, span }) => column(index, rows.fields[index]!, span));
}

/** Expressions over the query and the row around, as those over a join of `input` with the query. */
function beside(input: Plan, exprs: readonly Expr[], { rows, depth }: Around): readonly Expr[] {
  const width = input.fields.length;
  return exprs.map((each) => outward(shifted(each, width), rows, depth));
}

/** Whether a query, of which nothing is asked but whether it has rows, has one for every row around. */
function isCertain(free: Free, conditions: readonly Expr[]): boolean {
  return free.one && conditions.length === 0;
}

/** The rows of `input` for which `plan` has a row that meets the conditions, or none; rows around are its first columns. */
export function askWhether(
  input: Plan,
  answer: 'semi' | 'anti' | 'mark',
  plan: Plan,
  conditions: readonly Expr[],
  around: Around,
): Plan | Stuck {
  const free = decorrelate(plan, around);
  if (isStuck(free)) return free;
  if (isCertain(free, conditions)) {
    if (answer === 'semi') return input;
    if (answer === 'anti') return { kind: 'values', rows: [], fields: input.fields };
    const fields = numberNames([...input.fields, { name: 'mark', type: type.boolean(false) }]);
    const expressions = [...columnsOf(input), literal(type.boolean(false), true, around.span)];
    return { kind: 'project', input, expressions, fields };
  }
  const width = input.fields.length;
  const links = beside(input, free.conditions, around);
  const asked = conditions.map((each) => paired(each, free, around, width));
  return joinPlans(input, free.plan, answer, conjunction([...links, ...asked]), around.span);
}

/** The rows of `input` with the columns of `plan` behind, which has one row for each at most: NULLs where it has none. */
export function askValues(input: Plan, free: Free, around: Around): Plan | Stuck {
  const found = free.one ? free : settled(free, around);
  if (isStuck(found)) return found;
  const links = beside(input, found.conditions, around);
  const joined = joinPlans(input, found.plan, 'left', conjunction(links), around.span);
  const values = beside(input, found.columns, around).map(optional);
  return behind(
    input,
    joined,
    values,
    found.columns.map((each) => nameOf(each, '$value')),
  );
}

/** The pairs of a row of `input` and of `plan`, which sees its columns, for which `on` holds as it does for a join. */
export function askRows(
  input: Plan,
  kind: 'inner' | 'left',
  plan: Plan,
  on: Expr | undefined,
  around: Around,
): Plan | Stuck {
  const found = decorrelate(plan, around);
  if (isStuck(found)) return found;
  const late = kind === 'inner' || (found.one && on === undefined);
  const free = late ? found : settled(found, around);
  if (isStuck(free)) return free;
  const columns = beside(input, free.columns, around);
  const links = beside(input, free.conditions, around);
  const own = on === undefined ? [] : [over(on, [...columnsOf(input), ...columns])];
  const joined = joinPlans(input, free.plan, kind, conjunction([...links, ...own]), around.span);
  const values = kind === 'left' ? columns.map(optional) : columns;
  return behind(
    input,
    joined,
    values,
    plan.fields.map(({ name }) => name),
  );
}

/** The columns of `input`, which `joined` begins with, and values over it. */
function behind(input: Plan, joined: Plan, values: readonly Expr[], names: readonly string[]): Plan {
  const fields: Field[] = [
    ...joined.fields.slice(0, input.fields.length),
    ...values.map((each, i) => ({ name: names[i]!, type: each.type })),
  ];
  return { kind: 'project', input: joined, expressions: [...columnsOf(input), ...values], fields: numberNames(fields) };
}
