import { updatesOf } from './changelog.ts';
import type { Rank } from './plan.ts';

/** Whether of rows with equal keys the newest is first: the last row by a time attribute, as in Flink's deduplication. */
export function newestFirst({ newest, order, time, start, end }: Rank): boolean {
  if (newest === true) return true;
  const [first, ...others] = order;
  if (first === undefined || others.length > 0 || !first.descending) return false;
  return time === 'processing' || (time === 'event' && start === 1 && end === 1);
}

/**
 * Whether only the first row by event time is kept, of rows that only come: as in Flink it is told once event time has
 * passed it, and never changes.
 */
export function keepsFirst({ input, order, time, start, end, window }: Rank): boolean {
  if (window !== undefined) return false;
  const [first, ...others] = order;
  if (first === undefined || others.length > 0 || first.descending) return false;
  return time === 'event' && start === 1 && end === 1 && updatesOf(input) === undefined;
}
