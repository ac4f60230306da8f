import { parentPort, workerData } from 'node:worker_threads';
import { registry } from '../connectors/index.ts';
import { check, type Log, run } from '../engine/index.ts';
import type { LogSeverity, ThreadJob, ThreadMessage } from './thread-job.ts';

/** How often the main thread is told how the job is doing, ms. */
const TELL_EVERY = 200;

const parent = parentPort;
if (parent === null) throw new Error('a thread of a job is started by runInThreads');
const tell = (message: ThreadMessage): void => parent.postMessage(message);

const { job, settings, variables, options, worker } = workerData as ThreadJob;
const logOf = (component: string | undefined): Log => {
  const at =
    (level: LogSeverity) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      // Through JSON: not everything that can be logged can be posted.
      const posted = JSON.parse(JSON.stringify(fields)) as Record<string, unknown>;
      tell({ kind: 'log', level, component, event, fields: posted });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), component: logOf };
};
const log = logOf(undefined);

const environment = { registry, settings, variables: (name: string) => process.env[name] ?? variables.get(name) };
const running = run(check(job, environment), { ...options, fresh: false, log, worker });
const tellStatus = (): void =>
  tell({
    kind: 'status',
    pipelines: running.pipelines.map(({ lag, ...figures }) => ({ ...figures, lag: lag() })),
    counted: running.counted,
    countedByTable: running.countedByTable,
  });
const timer = setInterval(tellStatus, TELL_EVERY);
parent.once('message', () => running.stop());

running.done
  .then(
    () => tellStatus(),
    (error: unknown) => {
      tellStatus();
      const { code, help } = error as { code?: string; help?: string };
      const known = error instanceof Error && error.name === 'RunError' && code !== undefined;
      const reason = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
      tell({ kind: 'failed', code: known ? code : undefined, reason, help });
    },
  )
  .finally(() => {
    clearInterval(timer);
    tell({ kind: 'ended' });
    parent.close();
  });
