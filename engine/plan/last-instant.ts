import { type DataType, type } from '../types/data-type.ts';
import { lastInstantOfLocal, timeZone } from '../types/time-zone.ts';
import { column } from './build.ts';
import type { WindowColumns } from './event-time.ts';
import type { Expr } from './expr.ts';
import type { Plan } from './plan.ts';

/** A millisecond, in microseconds: the last instant of a window is that before its end. */
const MILLISECOND = 1000n;

/** The last instant of the window that each row of a plan is in: its window_time, or what its window_end says. */
export function lastInstantOf({ time, end, zone }: WindowColumns, plan: Plan): Expr {
  if (time >= 0) return column(time, plan.fields[time]!);
  const local = column(end, plan.fields[end]!);
  const parameters: DataType[] = [type.timestamp(3, local.type.nullable)];
  const rules = zone === undefined ? undefined : timeZone(zone);
  const result = zone === undefined ? type.timestamp(3, false) : type.timestampLtz(3, false);
  const evaluate = (ts: bigint) =>
    rules === undefined ? ts - MILLISECOND : lastInstantOfLocal(rules, ts - MILLISECOND, 1_000_000n);
  const call = { type: result, parameters, nulls: 'strict', evaluate } as const;
  return { kind: 'call', name: 'window_time', call, arguments: [local], deterministic: true, type: result };
}
