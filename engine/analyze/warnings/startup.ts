import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import { inputsOf, type Plan, type Scan } from '../../plan/plan.ts';
import type { Catalog } from '../catalog.ts';

const KEY = 'scan.startup.mode';

/** Tables that begin at the newest message: what was sent before the first start is never read. Told once in a file. */
export function hintAtStartup(plans: readonly Plan[], catalog: Catalog, report: DiagnosticSink): void {
  const names = new Set(
    plans
      .flatMap(scansOf)
      .filter(startsAtLatest)
      .map(({ table }) => table.name),
  );
  const options = catalog.list().flatMap((object) => {
    if (object.kind !== 'table' || !names.has(object.path[2]!)) return [];
    return object.definition.text.options.filter(({ key }) => key.value === KEY);
  });
  const first = options.toSorted((a, b) => a.value.span.start - b.value.span.start)[0];
  if (first === undefined) return;
  report.report({
    code: 'latest-offset',
    severity: 'hint',
    message: "'latest-offset': what was sent before the first start of the job is never read",
    span: first.value.span,
    help: "'earliest-offset' reads all there is; a restart goes on at the checkpoint, whatever this says",
  });
}

function startsAtLatest({ connector }: Scan): boolean {
  return connector.options.get(KEY) === 'latest-offset';
}

function scansOf(plan: Plan): Scan[] {
  return plan.kind === 'scan' ? [plan] : inputsOf(plan).flatMap(scansOf);
}
