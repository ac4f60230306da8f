import type { Span } from '../diagnostics/diagnostic.ts';
import { inputsOf, type Plan, type Scan } from '../plan/plan.ts';
import { type Context, mistake } from './context.ts';

/** Warns where rows are to be written exactly once and a source cannot give again what a restart lost. */
export function checkReplay(context: Pick<Context, 'report'>, plan: Plan, sink: Span): void {
  for (const { table, connector } of scansOf(plan)) {
    if (connector.replayable !== false) continue;
    const message = `the sink writes exactly once, but table '${table.name}' cannot be read again after a restart`;
    mistake(context, 'not-replayable', message, sink, {
      severity: 'warning',
      help: `no row is written twice; rows that '${connector.name}' sends while the job is down are not written at all`,
    });
  }
}

function scansOf(plan: Plan): readonly Scan[] {
  return plan.kind === 'scan' ? [plan] : inputsOf(plan).flatMap(scansOf);
}
