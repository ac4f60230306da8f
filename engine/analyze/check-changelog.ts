import type { Span } from '../diagnostics/diagnostic.ts';
import { updatesOf } from '../plan/changelog.ts';
import { windowColumnsOf } from '../plan/event-time.ts';
import type { JoinType, Plan, SinkPlan } from '../plan/plan.ts';
import { type Context, mistake } from './context.ts';

/** Reports a query that changes rows written before into a sink that only appends; whether they fit. */
export function checkChangelog(context: Context, sink: SinkPlan, at: Span): boolean {
  const updates = updatesOf(sink.input);
  if (updates === undefined || sink.connector.accepts !== 'append') return true;
  const { name } = sink.table;
  const windowed = updates.cause.kind === 'aggregate' && windowColumnsOf(updates.cause.input) !== undefined;
  const fits = windowed
    ? 'group by window_start and window_end both: then rows are final, and only added'
    : sink.connector.name === 'jdbc'
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
    case 'join':
      return joinText(cause.type);
    case 'rank':
      return 'the ranking updates its rows as more come';
    case 'normalize':
      return `table '${cause.input.table.name}' is read by key: its rows are updated`;
    default:
      return 'the query updates its rows as more come';
  }
}

function joinText(type: JoinType): string {
  switch (type) {
    case 'inner':
      return 'the join updates its rows as those of its tables are updated';
    case 'left':
    case 'right':
    case 'full':
      return `${type.toUpperCase()} JOIN takes a row without partner back once one comes`;
    case 'semi':
    case 'mark':
      return 'IN or EXISTS takes a row back once what it asks for goes';
    case 'anti':
      return 'NOT IN or NOT EXISTS takes a row back once one comes that excludes it';
  }
}
