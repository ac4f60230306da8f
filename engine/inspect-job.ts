import type { BoundConnector } from './connector/bind.ts';
import type { ConnectorContext, Log } from './connector/context.ts';
import { type Diagnostic, Diagnostics } from './diagnostics/diagnostic.ts';
import { type CheckedJob, plansOf } from './job.ts';
import { optimize, optimizeSink } from './plan/optimize.ts';
import { inputsOf, type Plan, type SinkPlan } from './plan/plan.ts';

/** A table as a job uses it: the columns it reads, or writes. */
interface Usage {
  readonly name: string;
  readonly connector: BoundConnector;
  readonly columns: readonly number[];
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Asks the servers that a job names about every table it reads or writes, all at the same time, and gathers what is in
 * the way of the job. Only reads.
 */
export async function inspectJob(job: CheckedJob): Promise<readonly Diagnostic[]> {
  const context: Omit<ConnectorContext, 'id'> = {
    job: job.name,
    log: silent,
    counters: { add: () => {} },
    rejects: { add: () => {}, refuse: () => Promise.resolve() },
    createTables: false,
    timeZone: job.timeZone,
    notNull: job.settings['table.exec.sink.not-null-enforcer'],
  };
  const usages = job.statements.flatMap((statement) => plansOf(statement).flatMap(usagesOf));
  const found = await Promise.all(
    usages.map(({ name, connector, columns }) => connector.inspect(columns, { ...context, id: name })),
  );
  const all = new Diagnostics();
  for (const diagnostic of found.flat()) all.report(diagnostic);
  return all.list.sort((a, b) => a.span.start - b.span.start);
}

function usagesOf(plan: Plan | SinkPlan): Usage[] {
  if (plan.kind !== 'sink') return scansOf(optimize(plan));
  const { table, connector, written, input } = optimizeSink(plan);
  return [{ name: table.name, connector, columns: written }, ...scansOf(input)];
}

function scansOf(plan: Plan): Usage[] {
  if (plan.kind !== 'scan') return inputsOf(plan).flatMap(scansOf);
  return [{ name: plan.table.name, connector: plan.connector, columns: plan.columns }];
}
