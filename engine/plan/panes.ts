import { updatesOf } from './changelog.ts';
import { type Expr, readsColumn } from './expr.ts';
import { expressionsOf } from './expressions.ts';
import type { Aggregate, Plan, WindowShape } from './plan.ts';

/** A bound of a row's window, in a column. */
export type Bound = 'start' | 'end' | 'time';

/** An aggregate of overlapping windows as one of their panes: pieces of time of which every window is made. */
export interface Panes {
  /** The aggregate's input with the bounds of a row's pane where those of its windows stood. */
  readonly input: Plan;
  /** By column of the input. */
  readonly bounds: ReadonlyMap<number, Bound>;
  readonly window: Overlapping;
  readonly zone?: string;
  /** How long a pane is, in microseconds. */
  readonly length: bigint;
  /** Whether a window merges its oldest pane first; else its newest. */
  readonly oldestFirst: boolean;
}

/** Windows that share rows. */
export type Overlapping = Extract<WindowShape, { kind: 'hop' | 'cumulate' }>;

/** The longest pane of which each window is made; undefined where windows leave rows out. */
function paneLength(window: Overlapping): bigint | undefined {
  if (window.kind === 'cumulate') return window.size % window.step === 0n ? window.step : undefined;
  let [longer, shorter] = [window.size, window.slide];
  if (shorter > longer) return undefined;
  while (shorter > 0n) [longer, shorter] = [shorter, longer % shorter];
  return longer;
}

/**
 * The panes of an aggregate right over HOP or CUMULATE of event time, whose values may be merged, of rows that only come and
 * do not depend on the window that they are in. Undefined for any other.
 */
export function panesOf(plan: Aggregate): Panes | undefined {
  if (plan.window?.attribute !== 'event') return undefined;
  if (updatesOf(plan.input) !== undefined) return undefined;
  if (!plan.calls.every(({ resolved }) => resolved.mergeable === true)) return undefined;
  const panes = panesBelow(plan.input);
  if (panes === undefined) return undefined;
  const { bounds } = panes;
  if (!plan.keys.some((key) => bounds.get(key) === 'start' || bounds.get(key) === 'end')) return undefined;
  const read = plan.calls.flatMap((call) => [...call.arguments, ...(call.filter === undefined ? [] : [call.filter])]);
  return read.some((index) => bounds.has(index)) ? undefined : panes;
}

function panesBelow(plan: Plan): Panes | undefined {
  switch (plan.kind) {
    case 'window': {
      const { window, zone } = plan;
      if (window.kind !== 'hop' && window.kind !== 'cumulate') return undefined;
      const length = paneLength(window);
      if (length === undefined) return undefined;
      const width = plan.input.fields.length;
      const bounds = new Map<number, Bound>([
        [width, 'start'],
        [width + 1, 'end'],
        [width + 2, 'time'],
      ]);
      const pane = { kind: 'tumble', size: length, offset: window.offset } as const;
      const oldestFirst = plan.grouped === true;
      return {
        input: { ...plan, window: pane },
        bounds,
        window,
        length,
        oldestFirst,
        ...(zone !== undefined && { zone }),
      };
    }
    case 'filter': {
      const below = panesBelow(plan.input);
      if (below === undefined || reads(plan.condition, below.bounds)) return undefined;
      return { ...below, input: { ...plan, input: below.input } };
    }
    case 'unnest': {
      const below = panesBelow(plan.input);
      if (below === undefined || expressionsOf(plan).some((expr) => reads(expr, below.bounds))) return undefined;
      return { ...below, input: { ...plan, input: below.input } };
    }
    case 'project': {
      const below = panesBelow(plan.input);
      if (below === undefined) return undefined;
      const bounds = new Map<number, Bound>();
      for (const [i, expr] of plan.expressions.entries()) {
        const bound = boundOf(expr, below.bounds);
        if (bound !== undefined) bounds.set(i, bound);
        else if (reads(expr, below.bounds)) return undefined;
      }
      return { ...below, bounds, input: { ...plan, input: below.input } };
    }
    default:
      return undefined;
  }
}

/** The bound that an expression is: a column, or what window_end says of the last instant. */
function boundOf(expr: Expr, bounds: ReadonlyMap<number, Bound>): Bound | undefined {
  if (expr.kind === 'column') return bounds.get(expr.index);
  if (expr.kind !== 'call' || expr.name !== 'window_time') return undefined;
  const [end] = expr.arguments;
  return end !== undefined && boundOf(end, bounds) === 'end' ? 'time' : undefined;
}

function reads(expr: Expr, bounds: ReadonlyMap<number, Bound>): boolean {
  return readsColumn(expr, ({ index }) => bounds.has(index));
}
