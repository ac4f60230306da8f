import type { AnalyzedStatement } from './analyze/analyze.ts';
import { FinalRows } from './compile/final-rows.ts';
import { compileQuery } from './compile/query.ts';
import type { ConnectorContext, Log } from './connector/context.ts';
import type { Sink } from './connector/sink.ts';
import type { Diagnostic, Span } from './diagnostics/diagnostic.ts';
import { type CheckedJob, check, type JobEnvironment, type JobText } from './job.ts';
import { updatesOf } from './plan/changelog.ts';
import { optimize } from './plan/optimize.ts';
import type { Plan } from './plan/plan.ts';
import { Counted } from './runtime/counters.ts';
import type { Pipeline } from './runtime/pipeline.ts';
import { runJob } from './runtime/run-job.ts';
import { splitStatements } from './syntax/split.ts';
import { type RowBatch, rowsOf } from './types/batch.ts';
import type { Field, Scalar } from './types/data-type.ts';

/** One statement of a file of queries: what it is, or the errors in it. `number` counts all statements from 1. */
export interface QueryStatement {
  readonly number: number;
  readonly errors: readonly Diagnostic[];
  readonly statement: AnalyzedStatement | undefined;
}

export interface CheckedQueries {
  readonly job: CheckedJob;
  readonly statements: readonly QueryStatement[];
}

/** Checks a file and tells its statements apart, also those that could not be read. */
export function checkQueries(text: JobText, environment: JobEnvironment): CheckedQueries {
  const job = check(text, environment);
  const errors = job.diagnostics.filter((d) => d.severity === 'error');
  const spans = splitStatements(text.text);
  const within = (inner: Span, outer: Span, next: Span | undefined) =>
    inner.start >= outer.start && (next === undefined || inner.start < next.start);
  const statements = spans.map((span, i): QueryStatement => {
    const next = spans[i + 1];
    return {
      number: i + 1,
      errors: errors.filter((d) => within(d.span, span, next)),
      statement: job.statements.find((s) => within(s.span, span, next)),
    };
  });
  return { job, statements };
}

export interface QueryOptions {
  readonly log: Log;
  /** Stop after so many rows. */
  readonly limit?: number;
  /** Stops the query early. */
  readonly signal?: AbortSignal;
  rows(rows: readonly (readonly Scalar[])[], fields: readonly Field[]): void;
}

/**
 * Runs one SELECT and hands its rows out as they come; rejects with what went wrong. Rows that the query changes are
 * handed out at its end, as they are then.
 */
export async function runQuery(plan: Plan, job: CheckedJob, text: JobText, options: QueryOptions): Promise<void> {
  const compiled = compileQuery(optimize(plan), { source: text });
  const types = plan.fields.map((field) => field.type);
  let left = options.limit ?? Infinity;
  if (left <= 0) return;
  let full = () => {};
  const take = (rows: readonly (readonly Scalar[])[]) => {
    if (left <= 0 || rows.length === 0) return;
    options.rows(rows.length > left ? rows.slice(0, left) : rows, plan.fields);
    left -= rows.length;
    if (left <= 0) full();
  };
  if (compiled.sources.every((source) => source.constant !== undefined)) {
    take(compiled.rows());
    return;
  }
  const final = updatesOf(plan) === undefined ? undefined : new FinalRows(types);
  const pipeline: Pipeline = {
    name: 'query',
    fields: plan.fields,
    sources: compiled.sources.map((source, i) => ({
      id: `${source.table}#${i}`,
      key: source.key,
      fields: source.fields,
      create: (context: ConnectorContext) => source.create(context),
    })),
    createSink: () => new RowSink((batch) => (final === undefined ? take(rowsOf(types, batch)) : final.take(batch))),
    instantiate: (emit) => compiled.instantiate(emit),
  };
  const running = runJob([pipeline], {
    log: options.log,
    job: job.name,
    counters: new Counted(),
    createTables: false,
    timeZone: job.timeZone,
    notNull: job.settings['table.exec.sink.not-null-enforcer'],
    fresh: false,
    checkpointFolder: '',
    maxRestartDuration: 0,
  });
  full = () => running.stop();
  const stop = () => running.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    await running.done;
    if (final !== undefined) take(final.rows());
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** Hands batches on; nothing to commit. */
class RowSink implements Sink {
  readonly durable = false;
  readonly pending = 0;
  readonly flush = { maxRows: Number.MAX_SAFE_INTEGER, interval: 0 };
  readonly write: (batch: RowBatch) => void;

  constructor(take: (batch: RowBatch) => void) {
    this.write = take;
  }

  async open(): Promise<void> {}
  async commit(): Promise<void> {}
  async close(): Promise<void> {}
}
