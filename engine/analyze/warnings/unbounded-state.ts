import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import { inputsOf, type Plan } from '../../plan/plan.ts';
import { timeBoundsOf } from '../../plan/time-bounds.ts';

/** Joins that remember every row of inputs that never end. */
export function warnUnboundedState(plan: Plan, report: DiagnosticSink): void {
  for (const input of inputsOf(plan)) warnUnboundedState(input, report);
  if (
    plan.kind !== 'join' ||
    plan.asOf !== undefined ||
    timeBoundsOf(plan) !== undefined ||
    inputsOf(plan).every(isBounded)
  )
    return;
  report.report({
    code: 'unbounded-state',
    severity: 'warning',
    message: 'this join remembers the rows of both sides for ever: its memory grows with every row',
    span: plan.span,
    help: "bound it in time (ON … AND a.ts BETWEEN b.ts - INTERVAL '1' HOUR AND b.ts, over columns with a WATERMARK), or forget rows after a while: SET 'table.exec.state.ttl' = '1 d'",
  });
}

function isBounded(plan: Plan): boolean {
  return plan.kind === 'scan' ? plan.connector.bounded : inputsOf(plan).every(isBounded);
}
