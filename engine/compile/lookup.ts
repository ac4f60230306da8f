import type { LookupJoinProgram } from '../operators/lookup-join.ts';
import { column } from '../plan/build.ts';
import { type Expr, replaceColumns } from '../plan/expr.ts';
import { lookupKeys } from '../plan/lookup-keys.ts';
import type { LookupJoin, Plan, Scan } from '../plan/plan.ts';
import type { Field } from '../types/data-type.ts';
import { type FailureOf, pairCondition } from './join.ts';

/** What the operator of a lookup join is made of. */
export interface CompiledLookup {
  readonly scan: Scan;
  /** Columns of the table that are asked by. */
  readonly asked: readonly number[];
  /** The input's columns and behind them the keys; undefined: the input has all keys as columns. */
  readonly feed?: readonly Expr[];
  /** The table's columns, over the scan's `fields`. */
  readonly expressions: readonly Expr[];
  readonly fields: readonly Field[];
  /** Made for each operator. */
  program(): Omit<LookupJoinProgram, 'table'>;
}

export function compileLookup(plan: LookupJoin, failureOf: FailureOf): CompiledLookup {
  const { input, table } = plan;
  const { scan, keys, rest } = lookupKeys(plan);
  const width = input.fields.length;
  const feed: Expr[] = input.fields.map((field, i) => column(i, field));
  const places = keys.map(({ value }) => (value.kind === 'column' ? value.index : feed.push(value) - 1));
  return {
    scan,
    asked: keys.map((key) => key.column),
    ...(feed.length === width ? {} : { feed }),
    expressions: overScan(table),
    fields: scan.fields,
    program: () => ({
      width,
      keys: places,
      keyTypes: keys.map(({ value }) => value.type),
      foundTypes: scan.fields.map((field) => field.type),
      outer: plan.type === 'left',
      ...(plan.retry === undefined ? {} : { retry: plan.retry }),
      ...(rest === undefined ? {} : { condition: pairCondition({ left: input, right: table }, rest, failureOf) }),
    }),
  };
}

/** The columns of a plan over those of the scan below it. */
function overScan(plan: Plan): Expr[] {
  if (plan.kind === 'watermark') return overScan(plan.input);
  if (plan.kind !== 'project') return plan.fields.map((field, i) => column(i, field));
  const below = overScan(plan.input);
  return plan.expressions.map((expr) => replaceColumns(expr, (each) => below[each.index]!));
}
