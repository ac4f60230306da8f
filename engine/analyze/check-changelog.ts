import type { Span } from '../diagnostics/diagnostic.ts';
import { updatesOf } from '../plan/changelog.ts';
import type { Plan, SinkPlan } from '../plan/plan.ts';
import { type Context, mistake } from './context.ts';

/** Reports a query that changes rows written before into a sink that only appends; whether they fit. */
export function checkChangelog(context: Context, sink: SinkPlan, at: Span): boolean {
  const updates = updatesOf(sink.input);
  if (updates === undefined || sink.connector.accepts !== 'append') return true;
  const { name } = sink.table;
  const fits =
    sink.connector.name === 'jdbc'
      ? `declare PRIMARY KEY (…) NOT ENFORCED in '${name}': then rows are written over by key`
      : "write into a 'jdbc' or 'upsert-kafka' table with a PRIMARY KEY, or aggregate in windows, which give final rows";
  mistake(context, 'sink-changelog', `${causeText(updates.cause)}, and '${name}' can only append rows`, at, {
    help: fits,
  });
  return false;
}

function causeText(cause: Plan): string {
  switch (cause.kind) {
    case 'aggregate': {
      const names = cause.keys.map((index) => `'${cause.input.fields[index]!.name}'`);
      return names.length === 0
        ? 'the aggregate updates its row with each row that comes'
        : `GROUP BY ${names.join(', ')} updates its rows as more come`;
    }
    case 'over':
      return `OVER (… ORDER BY ${cause.input.fields[cause.time]!.name}) changes rows that were there when others come before them`;
    default:
      return 'the query updates its rows as more come';
  }
}
