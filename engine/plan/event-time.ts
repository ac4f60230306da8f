import { asksOnly, mapInputs, type Plan, type TimeAttribute } from './plan.ts';
import { keepsFirst } from './rank-order.ts';
import { timeBoundsOf, windowBoundsOf } from './time-bounds.ts';

/** The time attribute of each column of a plan; an expression over one is an ordinary timestamp. */
export function timeAttributesOf(plan: Plan): readonly (TimeAttribute | undefined)[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
      return plan.fields.map(() => undefined);
    case 'watermark': {
      const below = timeAttributesOf(plan.input);
      return plan.fields.map((_, i) => (i === plan.rowtime ? 'event' : below[i]));
    }
    case 'normalize':
    case 'filter':
      return timeAttributesOf(plan.input);
    case 'project': {
      const below = timeAttributesOf(plan.input);
      return plan.expressions.map((expr) => {
        if (expr.kind === 'column') return below[expr.index];
        return expr.kind === 'call' && expr.name === 'PROCTIME' ? 'processing' : undefined;
      });
    }
    case 'lookup-join':
    case 'unnest': {
      const below = timeAttributesOf(plan.input);
      return plan.fields.map((_, i) => below[i]);
    }
    case 'over': {
      const below = timeAttributesOf(plan.input);
      // Rows change when others come, at any later time.
      return plan.fields.map((_, i) => (plan.attribute === undefined ? undefined : below[i]));
    }
    case 'union': {
      const [first, ...others] = plan.inputs.map(timeAttributesOf);
      return (first ?? []).map((each, i) => (others.every((other) => other[i] === each) ? each : undefined));
    }
    case 'window': {
      const below = timeAttributesOf(plan.input);
      return plan.fields.map((_, i) => (i === plan.fields.length - 1 ? plan.attribute : below[i]));
    }
    case 'rank': {
      const below = timeAttributesOf(plan.input);
      return plan.fields.map((_, i) => below[i]);
    }
    case 'aggregate': {
      if (plan.window === undefined) return plan.fields.map(() => undefined);
      const below = timeAttributesOf(plan.input);
      return plan.fields.map((_, i) => (plan.keys[i] === undefined ? undefined : below[plan.keys[i]]));
    }
    case 'join': {
      const left = timeAttributesOf(plan.left);
      if (plan.asOf !== undefined) return [...left, ...plan.right.fields.map(() => undefined)];
      const both = asksOnly(plan.type) ? left : [...left, ...timeAttributesOf(plan.right)];
      if (timeBoundsOf(plan) !== undefined) return both;
      // Without bounds rows come when their partners do, at any later time; the clock is what it is.
      return plan.fields.map((_, i) => (both[i] === 'processing' ? 'processing' : undefined));
    }
  }
}

/** The columns of a plan that hold the bounds of the window that its rows were assigned to. */
export interface WindowColumns {
  readonly start: number;
  readonly end: number;
  /** The last instant: window_time. */
  readonly time: number;
  readonly attribute: TimeAttribute;
  /** The time zone of the bounds, where the last instant is a TIMESTAMP_LTZ. */
  readonly zone?: string;
}

/** Where the bounds of the rows' window stand; absent ones are -1. Undefined where rows have no window. */
export function windowColumnsOf(plan: Plan): WindowColumns | undefined {
  switch (plan.kind) {
    case 'window': {
      const width = plan.fields.length;
      const { attribute, zone } = plan;
      const bounds = { start: width - 3, end: width - 2, time: width - 1, attribute };
      return zone === undefined ? bounds : { ...bounds, zone };
    }
    case 'filter':
    case 'unnest':
    case 'rank':
      return windowColumnsOf(plan.input);
    case 'over':
      return plan.attribute === undefined ? undefined : windowColumnsOf(plan.input);
    case 'project': {
      const below = windowColumnsOf(plan.input);
      const place = (index: number) =>
        index < 0 ? -1 : plan.expressions.findIndex((expr) => expr.kind === 'column' && expr.index === index);
      return below && { ...below, start: place(below.start), end: place(below.end), time: place(below.time) };
    }
    case 'aggregate': {
      if (plan.window === undefined) return undefined;
      const below = windowColumnsOf(plan.input);
      const place = (index: number) => (index < 0 ? -1 : plan.keys.indexOf(index));
      return below && { ...below, start: place(below.start), end: place(below.end), time: place(below.time) };
    }
    case 'join':
      return timeBoundsOf(plan)?.kind === 'window' ? windowColumnsOf(plan.left) : undefined;
    default:
      return undefined;
  }
}

/** Whether a node itself acts on event time. */
export function mindsEventTime(plan: Plan): boolean {
  switch (plan.kind) {
    case 'aggregate':
      return plan.window?.attribute === 'event';
    case 'over':
      return plan.attribute === 'event';
    case 'watermark':
      return plan.current === true;
    case 'window':
      return plan.window.kind === 'session' && plan.attribute === 'event';
    case 'join':
      return plan.asOf !== undefined || (timeBoundsOf(plan) ?? windowBoundsOf(plan))?.attribute === 'event';
    case 'rank':
      return keepsFirst(plan) || plan.window?.attribute === 'event';
    default:
      return false;
  }
}

/** The plan without the watermarks that nothing above acts on. */
export function dropWatermarks(plan: Plan, minded = false): Plan {
  if (plan.kind === 'watermark' && !minded && plan.current !== true)
    return { ...dropWatermarks(plan.input), fields: plan.fields };
  const below = minded || mindsEventTime(plan);
  return mapInputs(plan, (input) => dropWatermarks(input, below));
}
