import path from 'node:path';
import type { Embedded } from '../connectors/index.ts';
import type { CheckedJob, Log, Observer, PipelineStatus, StartedJob } from '../engine/index.ts';
import { addCounts } from './add-counts.ts';
import { checkOverrides } from './config/check-overrides.ts';
import type { Configuration } from './config/configuration.ts';
import type { KeptLetter } from './dashboard/problem-ring.ts';
import { environmentOf } from './environment.ts';
import { ExitCode } from './exit.ts';
import { createLog, type LogOptions } from './log.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import type { JobFile } from './read-jobs.ts';
import { openControlSocket } from './serve/control-socket.ts';
import type { WatchedJob } from './serve/watched-job.ts';

export interface StartOptions {
  /** Run on embedded servers; undefined: on what the jobs name. */
  readonly embedded: { readonly exchange: boolean; readonly history?: number; readonly folder?: string } | undefined;
  readonly settings: ReadonlyMap<string, string>;
  readonly configuration?: Configuration | undefined;
  readonly createTables: boolean;
  readonly fresh: boolean;
  readonly keepMatchingState?: boolean;
  /** Absent: in the working directory. */
  readonly checkpointFolder?: string;
  readonly log: Omit<LogOptions, 'secrets'>;
  readonly observer?: Observer;
  /** Takes what workers in other threads went on without; the observer hears of this thread only. */
  readonly letters?: (letters: readonly KeptLetter[]) => void;
}

export interface StartedJobs {
  readonly pipelines: readonly PipelineStatus[];
  /** Of all jobs together. */
  counted(): ReadonlyMap<string, number>;
  /** For those who watch them: metrics, alerts, dashboard. */
  readonly jobs: readonly WatchedJob[];
  /** What each of them was started with. */
  readonly checked: readonly { readonly file: string; readonly text: string; readonly checked: CheckedJob }[];
  readonly log: Log;
  readonly embedded: Embedded | undefined;
  /** Resolves when all ended, were stopped or failed, and all is closed; failures are logged and set the exit code. */
  readonly done: Promise<void>;
}

/**
 * Checks jobs and starts them; from then on SIGINT and SIGTERM stop them, a second signal at once. Undefined after
 * printing what is wrong with the files.
 */
export async function startJobs(files: readonly JobFile[], options: StartOptions): Promise<StartedJobs | undefined> {
  const engine = await import('../engine/index.ts');
  const { registry, startEmbedded } = await import('../connectors/index.ts');
  const environment = (file: string, settings = options.settings) =>
    environmentOf(registry, { settings, file, configuration: options.configuration });
  const checkIn = (job: JobFile, settings = options.settings) => {
    const surroundings = environment(job.file, settings);
    return { ...job, settings: surroundings.settings ?? settings, checked: engine.check(job, surroundings) };
  };
  let jobs = files.map((job) => checkIn(job));
  const found = jobs.map(({ file, text, checked }) => ({ file, text, diagnostics: checked.diagnostics }));
  if (found.some((job) => job.diagnostics.length > 0)) await printDiagnostics(found, 'text');
  if (jobs.some((job) => job.checked.pipelines === undefined)) return undefined;
  if (options.configuration !== undefined) {
    const declared = jobs.map(({ file, checked }) => ({ file, tables: checked.tables.map(({ name }) => name) }));
    checkOverrides(options.configuration, declared);
  }

  let embedded: Embedded | undefined;
  if (options.embedded !== undefined) {
    process.stderr.write('starting the embedded Kafka broker and PostgreSQL …\n');
    const topics = new Set(jobs.flatMap(({ checked }) => checked.tables.flatMap(topicsOf)));
    embedded = await startEmbedded({
      ...options.embedded,
      topics: [...topics],
      notice: (text) => process.stderr.write(`${text}\n`),
    });
    jobs = jobs.map(({ file, text, checked }) => {
      const settings = new Map([...options.settings, ...embeddedSettings(checked, embedded!)]);
      return checkIn({ file, text }, settings);
    });
  }

  const log = await createLog({
    ...options.log,
    secrets: [...jobs.flatMap((job) => job.checked.secrets), ...(options.configuration?.secrets ?? [])],
  });
  for (const { file, checked } of jobs) {
    if (checked.pipelines!.length === 0) log.warn('nothing_to_run', { file, reason: 'the file has no INSERT' });
  }
  const { runInThreads } = await import('./run-in-threads.ts');
  const running = jobs.map(({ file, text, settings, checked }): StartedJob & Pick<WatchedJob, 'watchRows'> => {
    const shared = {
      createTables: options.createTables,
      checkpointFolder: options.checkpointFolder ?? path.resolve('.cryptopipe', 'checkpoints'),
    };
    const count = checked.settings['parallelism.default'];
    const first = engine.run(checked, {
      ...shared,
      log,
      fresh: options.fresh,
      keepMatchingState: options.keepMatchingState ?? false,
      worker: { index: 0, count },
      ...(options.observer === undefined ? {} : { observer: options.observer }),
    });
    if (count === 1) return first;
    const variables = options.configuration?.variables ?? new Map<string, string>();
    const job = { job: { file, text }, settings, variables, options: shared };
    return runInThreads(first, log, job, count, options.letters);
  });
  const watched = running.map((job, i): WatchedJob => {
    const { file, checked } = jobs[i]!;
    return {
      name: checked.name,
      file,
      pipelines: job.pipelines,
      counted: () => job.countedByTable,
      ...(job.watchRows === undefined ? {} : { watchRows: job.watchRows }),
      stop: () => job.stop(),
    };
  });
  const closeControl = openControlSocket(watched);
  const stopListening = stopOnSignals(running, log);
  endOnMistakes(log);
  const done = settle(
    jobs.map((job) => job.checked),
    running,
    log,
  ).finally(async () => {
    stopListening();
    closeControl();
    await embedded?.close();
  });
  return {
    pipelines: running.flatMap((job) => job.pipelines),
    counted: () => addCounts(running.map((job) => job.counted)),
    jobs: watched,
    checked: jobs,
    log,
    embedded,
    done,
  };
}

/** Waits for all jobs; the first that fails stops the others. */
async function settle(checked: readonly CheckedJob[], running: readonly StartedJob[], log: Log): Promise<void> {
  const results = await Promise.allSettled(
    running.map((job) =>
      job.done.catch((error: unknown) => {
        for (const other of running) other.stop();
        throw error;
      }),
    ),
  );
  results.forEach((result, i) => {
    if (result.status === 'rejected') {
      log.error('job_failed', failure(checked[i]!, result.reason));
      process.exitCode = ExitCode.failed;
    } else {
      const rows = running[i]!.pipelines.reduce((sum, p) => sum + p.rowsOut, 0);
      log.info('job_ended', { job: checked[i]!.name, rows, ...Object.fromEntries(running[i]!.counted) });
    }
  });
}

function failure(job: CheckedJob, error: unknown): Record<string, unknown> {
  if (error instanceof Error && error.name === 'RunError') {
    const { code, message, help } = error as Error & { code: string; help: string | undefined };
    return { job: job.name, code, reason: message, ...(help === undefined ? {} : { help }) };
  }
  return { job: job.name, ...internal(error) };
}

/** Not a user's mistake: the stack is what a bug report needs. */
function internal(error: unknown): Record<string, unknown> {
  return { code: 'internal', reason: error instanceof Error ? error.stack : String(error) };
}

/** What nobody caught ends the process at once, in the log and so without secrets: checkpoints hold whatever happens. */
function endOnMistakes(log: Log): void {
  process.once('uncaughtException', (error) => {
    log.error('job_failed', internal(error));
    process.exit(ExitCode.failed);
  });
}

function stopOnSignals(running: readonly StartedJob[], log: Log): () => void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signals++;
    if (signals > 1) process.exit(ExitCode.interrupted);
    log.info('stopping', { signal });
    for (const job of running) job.stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

/** Settings that point each table of a job to the embedded servers. */
function embeddedSettings(job: CheckedJob, embedded: Embedded): [string, string][] {
  return job.tables.flatMap((table) =>
    [...embedded.overrides(table.connector)].map(([key, value]): [string, string] => [
      `cryptopipe.table.${table.name}.${key}`,
      value,
    ]),
  );
}

/** Topics that a kafka table names; patterns name none. */
function topicsOf(table: CheckedJob['tables'][number]): string[] {
  if (table.connector !== 'kafka' && table.connector !== 'upsert-kafka') return [];
  const topics = table.options.get('topic') ?? '';
  return topics
    .split(';')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
}
