import { updatesOf } from './changelog.ts';
import type { SinkPlan } from './plan.ts';

/**
 * The sink over rows of which each key of its table has one: where several rows of a query that changes may have the
 * same, they are remembered, the newest is written, and the one before it comes back when that goes. Nothing changes
 * where the query's own keys tell that there is one.
 */
export function materializeSink(plan: SinkPlan): SinkPlan {
  const { connector, table, written, input } = plan;
  if (connector.accepts !== 'upsert' || table.primaryKey === undefined) return plan;
  const updates = updatesOf(input);
  const partition = table.primaryKey.map((index) => written.indexOf(index));
  if (updates === undefined || updates.keys.some((key) => key.every((index) => partition.includes(index)))) return plan;
  const order = { order: [], newest: true, start: 1, end: 1, numbered: false } as const;
  return { ...plan, input: { kind: 'rank', input, partition, ...order, fields: input.fields, span: plan.span } };
}
