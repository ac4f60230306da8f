import { type Expr, forEachColumn } from './expr.ts';
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
}

/** Windows that share rows. */
export type Overlapping = Extract<WindowShape, { kind: 'hop' | 'cumulate' }>;

/** How long a pane is, in microseconds. */
export function paneLength(window: Overlapping): bigint {
  return window.kind === 'hop' ? window.slide : window.step;
}

/**
 * The panes of an aggregate right over HOP or CUMULATE of event time, whose values may be merged and whose rows do not
 * depend on the window that they are in. Undefined for any other.
 */
export function panesOf(plan: Aggregate): Panes | undefined {
  if (plan.window?.attribute !== 'event') return undefined;
  if (!plan.calls.every(({ resolved }) => resolved.unordered === true)) return undefined;
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
      if (window.size % paneLength(window) !== 0n) return undefined;
      const width = plan.input.fields.length;
      const bounds = new Map<number, Bound>([
        [width, 'start'],
        [width + 1, 'end'],
        [width + 2, 'time'],
      ]);
      const pane = { kind: 'tumble', size: paneLength(window), offset: window.offset } as const;
      return { input: { ...plan, window: pane }, bounds, window, ...(zone !== undefined && { zone }) };
    }
    case 'filter': {
      const below = panesBelow(plan.input);
      if (below === undefined || reads(plan.condition, below.bounds)) return undefined;
      return { ...below, input: { ...plan, input: below.input } };
    }
    case 'unnest': {
      const below = panesBelow(plan.input);
      if (below === undefined || reads(plan.collection, below.bounds)) return undefined;
      return { ...below, input: { ...plan, input: below.input } };
    }
    case 'project': {
      const below = panesBelow(plan.input);
      if (below === undefined) return undefined;
      const bounds = new Map<number, Bound>();
      for (const [i, expr] of plan.expressions.entries()) {
        const bound = expr.kind === 'column' ? below.bounds.get(expr.index) : undefined;
        if (bound !== undefined) bounds.set(i, bound);
        else if (reads(expr, below.bounds)) return undefined;
      }
      return { ...below, bounds, input: { ...plan, input: below.input } };
    }
    default:
      return undefined;
  }
}

function reads(expr: Expr, bounds: ReadonlyMap<number, Bound>): boolean {
  let found = false;
  forEachColumn(expr, ({ index }) => {
    found ||= bounds.has(index);
  });
  return found;
}
