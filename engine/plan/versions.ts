import { type } from '../types/data-type.ts';
import { updatesOf } from './changelog.ts';
import { timeAttributesOf } from './event-time.ts';
import { replaceColumns } from './expr.ts';
import type { Plan, Rank } from './plan.ts';

/** A plan and what its rows are versions of. */
export interface Versions {
  readonly plan: Plan;
  /** Columns that tell what is a version of what. */
  readonly key: readonly number[];
  /** The column of the event time from which on a row holds. */
  readonly time: number;
  /** Whether a row older than the newest of its key is no version. */
  readonly ascending?: true;
}

/**
 * The versions that a plan gives: the rows of a table with a PRIMARY KEY and a WATERMARK, or of a query that keeps the last
 * row of each key by event time. Undefined where there are none.
 */
export function versionsOf(plan: Plan): Versions | undefined {
  switch (plan.kind) {
    case 'scan': {
      const key = plan.table.primaryKey?.map((index) => plan.columns.indexOf(index));
      const time = timeAttributesOf(plan).indexOf('event');
      return key === undefined || key.includes(-1) ? undefined : { plan, key, time };
    }
    case 'normalize':
      // Every row begins a version, deletions too: that of a key alone has no time and ends nothing, as in Flink.
      return { plan: plan.input, key: plan.keys, time: timeAttributesOf(plan).indexOf('event') };
    case 'watermark': {
      const below = versionsOf(plan.input);
      if (below === undefined) return undefined;
      return { ...below, plan: { ...plan, input: below.plan }, time: timeAttributesOf(plan).indexOf('event') };
    }
    case 'filter': {
      const below = versionsOf(plan.input);
      // A row that changes and does not pass any more would have to end the version before it.
      const changes = updatesOf(plan.input) !== undefined;
      return below === undefined || below.ascending || changes ? undefined : { ...below, plan };
    }
    case 'project': {
      const below = versionsOf(plan.input);
      if (below === undefined) return undefined;
      const width = below.plan.fields.length;
      // The number of the last row is 1.
      const expressions = plan.expressions.map((expr) =>
        replaceColumns(expr, (each) =>
          each.index < width ? each : { kind: 'literal', value: 1n, type: type.bigint(false) },
        ),
      );
      const placeOf = (index: number) =>
        expressions.findIndex((expr) => expr.kind === 'column' && expr.index === index);
      const key = below.key.map(placeOf);
      const time = placeOf(below.time);
      return key.includes(-1) ? undefined : { ...below, plan: { ...plan, input: below.plan, expressions }, key, time };
    }
    case 'rank':
      return keepsLast(plan)
        ? { plan: plan.input, key: plan.partition, time: plan.order[0]!.column, ascending: true }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether only the last row by event time is kept, of rows that only come. */
function keepsLast({ input, order, time, start, end, window }: Rank): boolean {
  const [first, ...others] = order;
  if (window !== undefined || first === undefined || others.length > 0 || !first.descending) return false;
  return time === 'event' && start === 1 && end === 1 && updatesOf(input) === undefined;
}
