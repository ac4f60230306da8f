import { aggregateFunctions } from '../functions/aggregates/index.ts';
import { and, column, literal } from '../plan/build.ts';
import type { CallExpr, Expr } from '../plan/expr.ts';
import type { Aggregate, AggregateCall, Plan } from '../plan/plan.ts';
import type { SetOperation } from '../syntax/ast.ts';
import { type Field, type } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import type { Context } from './context.ts';
import type { Relation } from './relation.ts';
import type { Scope } from './scope.ts';
import { distinct } from './select.ts';
import { analyzeUnion } from './union.ts';

/** UNION, INTERSECT and EXCEPT, with ALL or without; NULLs are equal. */
export function analyzeSetOperation(context: Context, node: SetOperation, outer: Scope | undefined): Relation {
  const relation = analyzeUnion(context, node, outer);
  const { plan } = relation;
  if (plan === undefined || plan.kind !== 'union') return relation;
  switch (node.operator) {
    case 'UNION':
      return node.all ? relation : { ...relation, plan: distinct(plan) };
    case 'INTERSECT':
      return { ...relation, plan: plan.inputs.reduce((left, right) => intersect(context, node, left, right)) };
    case 'EXCEPT': {
      // What is taken away by one after another is taken away by all of them.
      const [first, ...others] = plan.inputs as [Plan, ...Plan[]];
      return { ...relation, plan: except(context, node, first, { ...plan, inputs: others }) };
    }
  }
}

function intersect(context: Context, node: SetOperation, left: Plan, right: Plan): Plan {
  const counted = countSides(left, right);
  if (node.all) return replicate(counted, (l, r) => (l < r ? l : r));
  const both = and([isSome(context, node, counted, 0), isSome(context, node, counted, 1)]);
  return withoutCounts({ kind: 'filter', input: counted, condition: both, fields: counted.fields });
}

function except(context: Context, node: SetOperation, left: Plan, right: Plan): Plan {
  const counted = countSides(left, right);
  if (node.all) return replicate(counted, (l, r) => l - r);
  const none = applyFunction(context, '=', [countOf(counted, 1), literal(type.bigint(false), 0n)], node.span)!;
  const condition = and([isSome(context, node, counted, 0), none]);
  return withoutCounts({ kind: 'filter', input: counted, condition, fields: counted.fields });
}

/** Each different row with how often it is left and how often right. */
function countSides(left: Plan, right: Plan): Aggregate {
  const width = left.fields.length;
  const flags: Field[] = ['$left', '$right'].map((name) => ({ name, type: type.boolean(false) }));
  const fields = [...left.fields, ...flags];
  const side = (input: Plan, isLeft: boolean): Plan => ({
    kind: 'project',
    input,
    expressions: [
      ...input.fields.map((field, i) => column(i, field)),
      literal(type.boolean(false), isLeft),
      literal(type.boolean(false), !isLeft),
    ],
    fields,
  });
  const input: Plan = { kind: 'union', inputs: [side(left, true), side(right, false)], fields };
  const counts: Field[] = flags.map(({ name }) => ({ name, type: type.bigint(false) }));
  const keys = left.fields.map((_, i) => i);
  const calls = [countWhere(width), countWhere(width + 1)];
  return { kind: 'aggregate', input, keys, calls, fields: [...left.fields, ...counts] };
}

function countWhere(filter: number): AggregateCall {
  const session = { timeZone: 'UTC', now: () => 0n };
  const resolved = aggregateFunctions.get('COUNT')!.resolve([], { mayBeEmpty: true }, session);
  if ('mismatch' in resolved) throw new Error(resolved.mismatch);
  return { name: 'COUNT', resolved, arguments: [], distinct: false, filter };
}

/** The count of the left (0) or the right (1). */
function countOf(counted: Aggregate, side: 0 | 1): Expr {
  const index = counted.keys.length + side;
  return column(index, counted.fields[index]!);
}

function isSome(context: Context, node: SetOperation, counted: Aggregate, side: 0 | 1): Expr {
  return applyFunction(context, '>', [countOf(counted, side), literal(type.bigint(false), 0n)], node.span)!;
}

/** Each row as often as `times` of its counts says; below 1: not at all. */
function replicate(counted: Aggregate, times: (left: bigint, right: bigint) => bigint): Plan {
  const resolved = {
    type: type.array(type.int(false), false),
    parameters: [type.bigint(false), type.bigint(false)],
    nulls: 'strict',
    evaluate: (left: bigint, right: bigint) => new Array<number>(Math.max(0, Number(times(left, right)))).fill(0),
  } as const;
  const collection: CallExpr = {
    kind: 'call',
    name: 'REPLICATE',
    call: resolved,
    arguments: [countOf(counted, 0), countOf(counted, 1)],
    deterministic: true,
    type: resolved.type,
  };
  const fields = [...counted.fields, { name: '$n', type: type.int(false) }];
  return withoutCounts({ kind: 'unnest', input: counted, collection, ordinality: false, outer: false, fields });
}

/** The columns before the counts. */
function withoutCounts(input: Plan): Plan {
  const fields = input.fields.slice(
    0,
    input.fields.findIndex((field) => field.name === '$left'),
  );
  return { kind: 'project', input, expressions: fields.map((field, i) => column(i, field)), fields };
}
