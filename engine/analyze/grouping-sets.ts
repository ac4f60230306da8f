import { column, literal, or } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { Plan } from '../plan/plan.ts';
import type { Expression, GroupItem } from '../syntax/ast.ts';
import { type } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import { type Context, mistake } from './context.ts';
import { isGroupingSets } from './grouping.ts';

/** The name of the column that tells which grouping set a row is for. */
export const setColumn = '$e';

const setType = type.int(false);

/** More sets than these are a slip of the pen: CUBE of 12 columns has 4096. */
const MAX_SETS = 4096;

/** The expressions of each grouping set of a GROUP BY: its items multiplied; undefined after a report. */
export function groupingSetsOf(
  context: Context,
  items: readonly GroupItem[],
): readonly (readonly Expression[])[] | undefined {
  let sets: (readonly Expression[])[] = [[]];
  for (const item of items) {
    const found = setsOf(item);
    if (found === undefined || sets.length * found.length > MAX_SETS) {
      const help = 'list the sets that are needed: GROUPING SETS ((a, b), (a), ())';
      return mistake(context, 'invalid-query', `more than ${MAX_SETS} grouping sets`, item.span, { help });
    }
    sets = sets.flatMap((set) => found.map((more) => [...set, ...more]));
  }
  return sets;
}

/** All expressions that are grouped by in any of the sets, as they stand. */
export function groupedExpressions(items: readonly GroupItem[]): readonly Expression[] {
  return items.flatMap((item) => {
    if (!isGroupingSets(item)) return [item];
    if (item.kind !== 'grouping-sets') return item.items.flatMap(partsOf);
    return item.items.flatMap((each) => (isGroupingSets(each) ? groupedExpressions([each]) : partsOf(each)));
  });
}

/** undefined: too many. */
function setsOf(item: GroupItem): readonly (readonly Expression[])[] | undefined {
  if (!isGroupingSets(item)) return [[item]];
  switch (item.kind) {
    case 'grouping-sets': {
      if (item.items.length === 0) return [[]];
      const sets = item.items.map((each) => (isGroupingSets(each) ? setsOf(each) : [partsOf(each)]));
      return sets.every((each) => each !== undefined) ? sets.flat() : undefined;
    }
    case 'rollup': {
      const parts = item.items.map(partsOf);
      return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, parts.length - i).flat());
    }
    case 'cube': {
      const parts = item.items.map(partsOf);
      if (2 ** parts.length > MAX_SETS) return undefined;
      // The first part is in the first half of the sets, as in a table of truth.
      return Array.from({ length: 2 ** parts.length }, (_, i) =>
        parts.filter((_, p) => (i & (1 << (parts.length - 1 - p))) === 0).flat(),
      );
    }
  }
}

/** `(a, b)` counts as one item of ROLLUP and CUBE. */
function partsOf(item: Expression): readonly Expression[] {
  return item.kind === 'row' && !item.explicit ? item.items : [item];
}

/** Each row once for each set: the input's columns, then the number of the set. */
export function expand(input: Plan, sets: number): Plan {
  const numbers = Array.from({ length: sets }, (_, i) => i);
  const collection = literal(type.array(setType, false), numbers);
  const fields = [...input.fields, { name: setColumn, type: setType }];
  return { kind: 'unnest', input, collection, ordinality: false, outer: false, fields };
}

/** The column of the set behind `width` others. */
export function setColumnAt(width: number): Expr {
  return column(width, { name: setColumn, type: setType });
}

/** Whether the row is for one of the sets. */
export function isOneOf(context: Context, set: Expr, sets: readonly number[]): Expr {
  const span = { start: 0, end: 0 };
  const tests = sets.map((each) => applyFunction(context, '=', [set, literal(setType, each)], span)!);
  return tests.length === 1 ? tests[0]! : or(tests);
}
