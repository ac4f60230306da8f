import { setTimeout as sleep } from 'node:timers/promises';
import { RunError } from '../connector/errors.ts';
import type { Pipeline, RunContext } from './pipeline.ts';
import { Repetitions } from './repetitions.ts';
import { runPipeline } from './run-pipeline.ts';
import type { PipelineStatus } from './status.ts';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** The same trouble is said again after so many milliseconds. */
const REMINDER = 60_000;

/**
 * Runs a pipeline until it ends, is stopped, or fails for a lasting reason. Passing errors are repeated from the last
 * checkpoint with exponentially growing waits (jitter of a quarter), anew after each success, until
 * `maxRestartDuration` passed without one.
 */
export async function supervise(
  pipeline: Pipeline,
  context: RunContext,
  status: PipelineStatus,
  stop: AbortSignal,
): Promise<void> {
  let wait = FIRST_WAIT;
  let failingSince: number | undefined;
  let commits = 0;
  const forget = { due: context.fresh };
  const trouble = new Repetitions(REMINDER);
  for (;;) {
    try {
      await runPipeline(pipeline, context, status, stop, forget);
      status.state = 'finished';
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      status.lastError = context.hide?.(message) ?? message;
      if (status.commits > commits) {
        failingSince = undefined;
        trouble.clear();
        wait = FIRST_WAIT;
        commits = status.commits;
      }
      const now = performance.now();
      failingSince ??= now;
      const passing = error instanceof RunError && error.passing;
      if (!passing || now - failingSince > context.maxRestartDuration) {
        status.state = 'failed';
        throw error;
      }
      // Asked to stop while nothing works: what was not committed will be read again next time.
      if (stop.aborted) {
        status.state = 'finished';
        return;
      }
      status.state = 'degraded';
      status.restarts++;
      const delay = Math.round(wait * (0.75 + Math.random() / 2));
      const unsaid = trouble.note(`${error.code} ${error.message}`, now);
      if (unsaid !== undefined) {
        context.log.warn('restarting', {
          pipeline: pipeline.name,
          code: error.code,
          reason: error.message,
          ...(error.help === undefined ? {} : { help: error.help }),
          waitMs: delay,
          attempt: status.restarts,
          ...(unsaid === 0 ? {} : { repeated: unsaid }),
        });
      }
      await sleep(delay, undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) {
        status.state = 'finished';
        return;
      }
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }
}
