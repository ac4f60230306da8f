import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import type { Script } from '../../syntax/ast.ts';
import type { Analysis } from '../analyze.ts';
import { warnCredentials } from './credentials.ts';
import { warnFilters } from './filters.ts';
import { warnSelectStar } from './select-star.ts';
import { hintAtStartup } from './startup.ts';
import { warnTimeUnits } from './time-units.ts';
import { warnUnboundedState } from './unbounded-state.ts';
import { warnUnusedTables } from './unused-tables.ts';

/** Reports what is allowed and probably not meant, in a file without errors: behind those it would be guessing. */
export function warn(script: Script, analysis: Analysis, text: string, report: DiagnosticSink): void {
  const plans = analysis.statements.flatMap((statement) => {
    switch (statement.kind) {
      case 'insert':
        return [statement.plan.input];
      case 'statement-set':
        return statement.plans.map(({ input }) => input);
      case 'select':
        return [statement.plan];
      default:
        return [];
    }
  });
  warnUnusedTables(script, analysis, report);
  warnSelectStar(script, analysis.catalog, report);
  warnCredentials(analysis.catalog, report);
  hintAtStartup(plans, analysis.catalog, report);
  for (const plan of plans) {
    warnFilters(plan, report);
    warnTimeUnits(plan, text, report);
    if (analysis.settings['table.exec.state.ttl'] === 0) warnUnboundedState(plan, report);
  }
}
