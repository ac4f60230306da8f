import { updatesOf } from './changelog.ts';
import { explain } from './explain.ts';
import { notInKeys } from './join-condition.ts';
import { asksOnly, inputsOf, type Join, type OverFrame, type Plan, type Rank } from './plan.ts';
import { keepsFirst } from './rank-order.ts';
import { timeBoundsOf } from './time-bounds.ts';

/** What the operator of a plan node remembers between rows. */
export interface PlanState {
  /** For people: 'each group'. */
  readonly keeps: string;
  /** 'time': as long as its rows may be asked for; 'ttl': until `table.exec.state.ttl`, for ever without one. */
  readonly bound: 'time' | 'ttl' | 'forever';
  /** Of 'time', for people: 'until its window ends'. */
  readonly until?: string;
  /** Of 'ttl', in milliseconds, where hints say another than the setting, 0 for ever: of one thing, or of each side. */
  readonly ttl?: readonly (number | undefined)[];
  /** Whether it leaves memory where that is short (`cryptopipe.state.memory`). */
  readonly spills: boolean;
}

/** A node with its state; `node` names it as the plan does. */
export interface NodeState extends PlanState {
  readonly node: string;
}

/** The states of a plan, from the top. */
export function statesOf(plan: Plan): readonly NodeState[] {
  const state = stateOf(plan);
  return [
    ...(state === undefined ? [] : [{ node: nameOf(plan), ...state }]),
    ...inputsOf(plan).flatMap((input) => statesOf(input)),
  ];
}

/** How many operators of a plan may move state out of memory. */
export function countSpilling(plan: Plan): number {
  return inputsOf(plan).reduce((sum, input) => sum + countSpilling(input), stateOf(plan)?.spills ? 1 : 0);
}

const WINDOW = { bound: 'time', until: 'until the window ends', spills: false } as const;

/** Undefined where the operator remembers nothing. */
export function stateOf(plan: Plan): PlanState | undefined {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'filter':
    case 'project':
    case 'union':
    case 'unnest':
    case 'lookup-join':
      return undefined;
    case 'normalize':
      return { keeps: 'the last row of each key', bound: 'ttl', spills: true };
    case 'watermark':
      return { keeps: 'event time of each split', bound: 'time', until: 'while the split is read', spills: false };
    case 'window':
      if (plan.window.kind !== 'session') return undefined;
      return { keeps: 'rows', bound: 'time', until: 'until their session ends', spills: false };
    case 'aggregate':
      if (plan.window !== undefined) return { keeps: 'each group', ...WINDOW };
      return {
        keeps: plan.keys.length === 0 ? 'one group' : 'each group',
        bound: 'ttl',
        ...(plan.ttl === undefined ? {} : { ttl: [plan.ttl] }),
        spills: true,
      };
    case 'over':
      if (plan.attribute === undefined) return { keeps: 'all rows of each partition', bound: 'ttl', spills: false };
      return overState(plan.calls.length === 0, plan.frame);
    case 'rank':
      return rankState(plan);
    case 'join':
      return joinState(plan);
  }
}

function overState(sorts: boolean, { rows, preceding }: OverFrame): PlanState {
  if (sorts) return { keeps: 'rows', bound: 'time', until: 'until event time gets to them', spills: false };
  if (preceding === undefined) return { keeps: 'the aggregates of each partition', bound: 'ttl', spills: false };
  if (rows) return { keeps: `the last ${preceding + 1n} rows of each partition`, bound: 'ttl', spills: false };
  return { keeps: 'rows', bound: 'time', until: 'as long as the frame reaches back', spills: false };
}

function rankState(plan: Rank): PlanState {
  const { window, start, end, input } = plan;
  const first = end === 1 ? 'the first row' : `the first ${end} rows`;
  if (window !== undefined) return { keeps: `${first} of each partition`, ...WINDOW };
  if (keepsFirst(plan)) return { keeps: 'the keys of partitions', bound: 'ttl', spills: false };
  const all = updatesOf(input) !== undefined || start > end;
  return { keeps: `${all ? 'all rows' : first} of each partition`, bound: 'ttl', spills: true };
}

function joinState(plan: Join): PlanState {
  if (plan.asOf !== undefined) {
    return {
      keeps: 'waiting rows, versions that can be asked for, the last of each key',
      bound: 'forever',
      spills: false,
    };
  }
  if (asksOnly(plan.type)) {
    // NOT IN asks for all rows at once.
    return {
      keeps: 'the rows on the left, keys or rows on the right',
      bound: 'ttl',
      spills: notInKeys(plan) === undefined,
    };
  }
  const bounds = timeBoundsOf(plan);
  const hinted = plan.ttl === undefined ? {} : { ttl: [plan.ttl.left, plan.ttl.right] };
  if (bounds === undefined) return { keeps: 'the rows of both sides', bound: 'ttl', ...hinted, spills: true };
  if (bounds.kind === 'window') return { keeps: 'the rows of both sides', ...WINDOW };
  return { keeps: 'the rows of both sides', bound: 'time', until: 'until none can meet them', spills: false };
}

/** The operator and what tells it from others: 'GroupAggregate(groupBy=[k])'. */
function nameOf(plan: Plan): string {
  const { operator, attributes } = explain(plan);
  const telling = ['groupBy', 'partitionBy', 'key', 'where', 'rowtime', 'window'].find((name) => name in attributes);
  if (telling === undefined) return operator;
  const value = attributes[telling]!;
  return `${operator}(${telling}=[${typeof value === 'string' ? value : value.join(', ')}])`;
}
