import type { PairCondition } from '../operators/join-pairs.ts';
import type { JoinInput } from '../operators/join-rows.ts';
import { column } from '../plan/build.ts';
import { updatesOf } from '../plan/changelog.ts';
import { type Expr, forEachColumn, replaceColumns } from '../plan/expr.ts';
import { type JoinCondition, notInKeys, splitCondition } from '../plan/join-condition.ts';
import type { Join, Plan } from '../plan/plan.ts';
import type { Field } from '../types/data-type.ts';
import { compileCalc, type OnError } from './calc.ts';

/** What an operator needs to know of a join: its inputs, each with the expressions that it is to be fed. */
export interface CompiledJoin {
  readonly inputs: readonly [JoinInput, JoinInput];
  /** The columns of each input, and behind them its keys where they are no columns; absent: the input as it is. */
  readonly feeds: readonly [readonly Expr[] | undefined, readonly Expr[] | undefined];
  /** Made for each operator. */
  readonly condition?: () => PairCondition;
}

/** Told of expressions and fields when a pair makes a condition fail. */
export type FailureOf = (all: readonly Expr[], fields: readonly Field[]) => OnError;

export function compileJoin(plan: Join, outer: readonly [boolean, boolean], failureOf: FailureOf): CompiledJoin {
  const notIn = notInKeys(plan);
  const { keys, rest }: JoinCondition = notIn === undefined ? splitCondition(plan, versionKeys(plan)) : { keys: notIn };
  const lefts = keys.map((key) => key.left);
  const rights = keys.map((key) => key.right);
  const left = feed(plan.left, lefts);
  const right = feed(plan.right, rights);
  return {
    inputs: [
      { ...left.input, counted: outer[0] },
      { ...right.input, counted: outer[1] },
    ],
    feeds: [left.expressions, right.expressions],
    ...(rest === undefined ? {} : { condition: () => pairCondition(plan, rest, failureOf) }),
  };
}

/** Versions are found by their own key: what else must be equal is tested on the version that held. */
function versionKeys({ asOf }: Join): ((key: { readonly right: Expr }) => boolean) | undefined {
  return asOf && (({ right }) => right.kind === 'column' && asOf.key.includes(right.index));
}

function feed(plan: Plan, keys: readonly Expr[]): { input: Omit<JoinInput, 'counted'>; expressions?: readonly Expr[] } {
  const expressions: Expr[] = plan.fields.map((field, i) => column(i, field));
  const width = expressions.length;
  const places = keys.map((key) => (key.kind === 'column' ? key.index : expressions.push(key) - 1));
  const updates = updatesOf(plan);
  const shortest = updates?.keys.reduce<readonly number[] | undefined>(
    (best, key) => (best === undefined || key.length < best.length ? key : best),
    undefined,
  );
  const identity = updates && { identity: shortest ?? plan.fields.map((_, i) => i) };
  const types = plan.fields.map((field) => field.type);
  const keyTypes = keys.map((key) => key.type);
  const input = { types, keys: places, keyTypes, ...identity };
  return expressions.length === width ? { input } : { input, expressions };
}

export function pairCondition(plan: Pick<Join, 'left' | 'right'>, rest: Expr, failureOf: FailureOf): PairCondition {
  const width = plan.left.fields.length;
  const columns = new Set<number>();
  forEachColumn(rest, ({ index }) => columns.add(index));
  const used = [...columns].sort((a, b) => a - b);
  const fields = used.map((i) => (i < width ? plan.left.fields[i]! : plan.right.fields[i - width]!));
  const expression = replaceColumns(rest, (each) => ({ ...each, index: used.indexOf(each.index) }));
  const test = compileCalc({ expressions: [expression] }, failureOf([expression], fields));
  return {
    left: used.filter((i) => i < width),
    right: used.filter((i) => i >= width).map((i) => i - width),
    test: (batch) => test(batch).columns[0]!,
  };
}
