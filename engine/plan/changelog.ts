import { type Expr, forEachColumn } from './expr.ts';
import { splitCondition } from './join-condition.ts';
import { asksOnly, type Changelog, inputsOf, type Join, type Plan, type Rank, type SinkPlan } from './plan.ts';
import { keepsFirst } from './rank-order.ts';
import { timeBoundsOf } from './time-bounds.ts';

/** How the rows of a plan change once they were there. */
export interface Updates {
  /** The nearest node that changes rows. */
  readonly cause: Plan;
  /** Sets of columns of which each names one row; none where no set does. */
  readonly keys: readonly (readonly number[])[];
}

/** What changes the rows of a plan; undefined where rows are only added. */
export function updatesOf(plan: Plan): Updates | undefined {
  switch (plan.kind) {
    case 'scan':
    case 'values':
      return undefined;
    case 'over': {
      if (plan.attribute !== undefined) return undefined;
      const updates = updatesOf(plan.input);
      return { cause: updates?.cause ?? plan, keys: updates?.keys ?? [] };
    }
    case 'normalize':
      return { cause: plan, keys: [plan.keys] };
    case 'filter':
    case 'watermark':
    case 'window':
      return updatesOf(plan.input);
    case 'lookup-join':
    case 'unnest': {
      const updates = updatesOf(plan.input);
      return updates && { ...updates, keys: [] };
    }
    case 'project': {
      const updates = updatesOf(plan.input);
      if (updates === undefined) return undefined;
      const place = (index: number) => plan.expressions.findIndex((e) => e.kind === 'column' && e.index === index);
      const keys = updates.keys.map((key) => key.map(place)).filter((key) => !key.includes(-1));
      return { ...updates, keys };
    }
    case 'union': {
      const updates = plan.inputs.map(updatesOf).find((each) => each !== undefined);
      return updates && { ...updates, keys: [] };
    }
    case 'aggregate':
      if (plan.window !== undefined) return undefined;
      // Groups that only tell keys apart are never changed, unless their rows go.
      if (plan.calls.length === 0 && updatesOf(plan.input) === undefined) return undefined;
      return { cause: plan, keys: [plan.keys.map((_, i) => i)] };
    case 'join':
      return joinUpdates(plan);
    case 'rank':
      return rankUpdates(plan);
  }
}

/** Rows that come in their order stay where they are; others push those behind them back. */
function rankUpdates(plan: Rank): Updates | undefined {
  if (plan.window !== undefined) return undefined;
  const updates = updatesOf(plan.input);
  if (updates === undefined && (staysInOrder(plan) || keepsFirst(plan))) return undefined;
  const width = plan.input.fields.length;
  const own = plan.start === plan.end ? [plan.partition] : plan.numbered ? [[...plan.partition, width]] : [];
  return { cause: updates?.cause ?? plan, keys: [...own, ...(updates?.keys ?? [])] };
}

/** Whether a row that comes never goes before one that was there: ordered by arrival, or by the clock. */
function staysInOrder({ newest, order, time }: Rank): boolean {
  const [first] = order;
  return first === undefined ? newest !== true : time === 'processing' && !first.descending;
}

/** Inner and semi joins of rows that only come only add rows; what tells rows without a pair takes them back. */
function joinUpdates(plan: Join): Updates | undefined {
  if (plan.asOf !== undefined) return undefined;
  const left = updatesOf(plan.left);
  const right = updatesOf(plan.right);
  const own = plan.type !== 'inner' && plan.type !== 'semi';
  if (left === undefined && right === undefined && (!own || timeBoundsOf(plan) !== undefined)) return undefined;
  const cause = left?.cause ?? right?.cause ?? plan;
  const leftKeys = left?.keys ?? [];
  if (asksOnly(plan.type)) return { cause, keys: leftKeys };
  const width = plan.left.fields.length;
  const rightKeys = (right?.keys ?? []).map((key) => key.map((index) => index + width));
  const { keys } = splitCondition(plan);
  const equal = keys.map((key) => ({ left: columnOf(key.left, 0), right: columnOf(key.right, width) }));
  // Where each left row meets one right row at most, the left's keys name the pairs; and the other way about.
  const rights = equal.map((each) => each.right);
  const lefts = equal.map((each) => each.left);
  const oneRight = rightKeys.some((key) => key.every((index) => rights.includes(index)));
  const oneLeft = leftKeys.some((key) => key.every((index) => lefts.includes(index)));
  const both = leftKeys.flatMap((a) => rightKeys.map((b) => [...a, ...b]));
  return {
    cause,
    keys: [
      ...(oneRight && (plan.type === 'inner' || plan.type === 'left') ? leftKeys : []),
      ...(oneLeft && (plan.type === 'inner' || plan.type === 'right') ? rightKeys : []),
      ...both,
    ],
  };
}

function columnOf(expr: Expr, offset: number): number | undefined {
  return expr.kind === 'column' ? expr.index + offset : undefined;
}

/**
 * The changelog of each node of a plan: 'append' (+I), 'upsert' (+I +U and -D, rows known by their keys) or 'retract'
 * (-U before each +U, -D with the whole row). `before`: the reader of the plan needs -U rows.
 */
export function changelogsOf(plan: Plan, before: boolean): ReadonlyMap<Plan, Changelog> {
  const found = new Map<Plan, Changelog>();
  const visit = (node: Plan, needed: boolean): void => {
    const updates = updatesOf(node);
    found.set(node, updates === undefined ? 'append' : needed ? 'retract' : 'upsert');
    for (const input of inputsOf(node)) visit(input, updatesOf(input) !== undefined && inputNeedsBefore(node, needed));
  };
  visit(plan, before);
  return found;
}

/** Whether a node needs the old values of its input's rows. */
function inputNeedsBefore(node: Plan, needed: boolean): boolean {
  if (needed) return true;
  switch (node.kind) {
    case 'project':
      // Without a key of its own the old row must be told.
      return (updatesOf(node)?.keys.length ?? 0) === 0;
    case 'filter': {
      // A row that does not pass any more must go: the key alone tells which only where it decides.
      const keys = updatesOf(node.input)?.keys ?? [];
      const read = new Set<number>();
      forEachColumn(node.condition, ({ index }) => read.add(index));
      return !keys.some((key) => [...read].every((index) => key.includes(index)));
    }
    case 'watermark':
    case 'window':
    // What its source says are no old values.
    case 'normalize':
      return false;
    case 'join':
      return node.asOf === undefined;
    default:
      return true;
  }
}

/** Whether a sink needs -U rows of its query: always, unless the query's rows and the table's have the same key. */
export function sinkNeedsBefore({ connector, table, written, input }: SinkPlan): boolean {
  if (connector.accepts !== 'upsert' || table.primaryKey === undefined) return true;
  const key = new Set(table.primaryKey.map((index) => written.indexOf(index)));
  const keys = updatesOf(input)?.keys ?? [];
  return !keys.some((each) => each.length === key.size && each.every((index) => key.has(index)));
}
