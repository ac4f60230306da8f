import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import { inputsOf, type Plan } from '../../plan/plan.ts';
import { timeBoundsOf } from '../../plan/time-bounds.ts';

const FORGET = "forget what was not written for a while: SET 'table.exec.state.ttl' = '1 d'";

/** Joins that remember every row, and groups that remember every key, of inputs that never end. */
export function warnUnboundedState(plan: Plan, report: DiagnosticSink): void {
  // A query that is asked for each row may take several joins, all for what is written there.
  const told = new Set<number>();
  warn(plan, {
    report(diagnostic) {
      if (!told.has(diagnostic.span.start)) report.report(diagnostic);
      told.add(diagnostic.span.start);
    },
  });
}

function warn(plan: Plan, report: DiagnosticSink): void {
  for (const input of inputsOf(plan)) warn(input, report);
  if (inputsOf(plan).every(isBounded)) return;
  const { ttl } = plan.kind === 'join' || plan.kind === 'aggregate' ? plan : {};
  const forgets = typeof ttl === 'object' ? (ttl.left ?? 0) > 0 && (ttl.right ?? 0) > 0 : (ttl ?? 0) > 0;
  if (forgets) return;
  if (plan.kind === 'join' && plan.asOf === undefined && timeBoundsOf(plan) === undefined) {
    report.report({
      code: 'unbounded-state',
      severity: 'warning',
      message: 'this join remembers the rows of both sides for ever: its memory grows with every row',
      span: plan.span,
      help: `bound it in time (ON … AND a.ts BETWEEN b.ts - INTERVAL '1' HOUR AND b.ts, over columns with a WATERMARK), or ${FORGET}`,
    });
  }
  if (plan.kind === 'aggregate' && plan.window === undefined && plan.keys.length > 0 && plan.span !== undefined) {
    report.report({
      code: 'unbounded-state',
      severity: 'warning',
      message: 'this GROUP BY remembers every key for ever: its memory grows with each new one',
      span: plan.span,
      help: `group by window_start and window_end of a window too, or ${FORGET}`,
    });
  }
  if (plan.kind === 'over' && plan.attribute === undefined && plan.span !== undefined) {
    report.report({
      code: 'unbounded-state',
      severity: 'warning',
      message: 'this OVER remembers every row for ever, and each that comes changes those behind it',
      span: plan.span,
      help: `order it by a time attribute, over columns with a WATERMARK, or ${FORGET}`,
    });
  }
}

function isBounded(plan: Plan): boolean {
  return plan.kind === 'scan' ? plan.connector.bounded : inputsOf(plan).every(isBounded);
}
