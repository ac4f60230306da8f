import type { Span } from '../diagnostics/diagnostic.ts';
import { type Field, type, withNullable } from '../types/data-type.ts';
import { boundJoinRanks } from './bound-rank.ts';
import { type Expr, replaceColumns } from './expr.ts';
import type { Join, JoinType, Plan } from './plan.ts';

/** As Flink names the columns of a view, a join or a result: a name that occurs again gets a number. */
export function numberNames<F extends { readonly name: string }>(fields: readonly F[]): F[] {
  const names = new Set<string>();
  // The numbers below are taken: without that, the same name thousands of times takes time with the square of them.
  const numbers = new Map<string, number>();
  return fields.map((field) => {
    let { name } = field;
    let n = numbers.get(name) ?? 0;
    while (names.has(name)) name = `${field.name}${n++}`;
    names.add(name);
    numbers.set(field.name, n);
    return name === field.name ? field : { ...field, name };
  });
}

/** The join of two plans; the columns of a side that may be missing become nullable. */
export function joinPlans(left: Plan, right: Plan, kind: JoinType, condition: Expr | undefined, span: Span): Join {
  const pair = numberNames([
    ...optional(left, kind === 'right' || kind === 'full'),
    ...optional(right, kind === 'left' || kind === 'full'),
  ]);
  const own = pair.slice(0, left.fields.length);
  const mark = { name: 'mark', type: type.boolean(false) };
  const fields = kind === 'mark' ? numberNames([...own, mark]) : kind === 'semi' || kind === 'anti' ? own : pair;
  return boundJoinRanks({
    kind: 'join',
    type: kind,
    left,
    right,
    ...(condition === undefined ? {} : { condition: renamed(condition, pair) }),
    fields,
    span,
  });
}

function optional(plan: Plan, missing: boolean): readonly Field[] {
  return missing ? optionalFields(plan) : plan.fields;
}

/** The fields of a plan whose rows may be missing. */
export function optionalFields({ fields }: Plan): readonly Field[] {
  return fields.map((field) => ({ ...field, type: withNullable(field.type, true) }));
}

/** The columns of both sides under names that are unique, and a condition over them with these. */
export function numberedNames(columns: readonly Field[], condition: Expr): { fields: Field[]; named: Expr } {
  const fields = numberNames(columns);
  return { fields, named: renamed(condition, fields) };
}

/** The condition with the columns' names in the pair. */
export function renamed(condition: Expr, fields: readonly Field[]): Expr {
  return replaceColumns(condition, (each) => ({ ...each, name: fields[each.index]!.name }));
}
