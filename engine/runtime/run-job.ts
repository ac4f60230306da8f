import type { Pipeline, RunContext } from './pipeline.ts';
import { createStatus, type PipelineStatus } from './status.ts';
import { supervise } from './supervise.ts';

/** A job while it runs. */
export interface RunningJob {
  readonly pipelines: readonly PipelineStatus[];
  /** Resolves when all pipelines ended or were stopped; rejects with the first lasting error, the others stopped. */
  readonly done: Promise<void>;
  /** Stops reading, commits what was read, then `done` resolves. */
  stop(): void;
}

/** Runs the pipelines of a job side by side. */
export function runJob(pipelines: readonly Pipeline[], context: RunContext): RunningJob {
  const halt = new AbortController();
  const statuses = pipelines.map((p) => createStatus(p.name));
  const runs = pipelines.map((pipeline, i) =>
    supervise(pipeline, context, statuses[i]!, halt.signal).catch((error: unknown) => {
      halt.abort();
      throw error;
    }),
  );
  const done = Promise.allSettled(runs).then((results) => {
    const failed = results.find((r) => r.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  });
  return { pipelines: statuses, done, stop: () => halt.abort() };
}
