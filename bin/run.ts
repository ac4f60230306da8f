import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CheckedJob, RunningJob } from '../engine/index.ts';
import { ExitCode } from './exit.ts';
import { createLog } from './log.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';
import { showStatusLine } from './status-line.ts';

interface Flags {
  readonly createTables?: true;
  readonly fresh?: true;
  readonly set: ReadonlyMap<string, string>;
  readonly logFormat?: 'pretty' | 'json';
  readonly logLevel: string;
}

export function addRun(program: Command): void {
  program
    .command('run')
    .summary('run the INSERTs of job files')
    .description(
      'Runs every INSERT of the files until stopped, or until all its sources are bounded and read. ' +
        'SIGINT and SIGTERM stop reading, write and commit what was read, and exit with 0.',
    )
    .argument('<files...>', "job files, '-' for standard input")
    .option('--create-tables', 'create missing sink tables')
    .option('--fresh', "forget the job's checkpoint and start as on the first day")
    .option('--set <key=value>', 'a setting as SET would give it; may be repeated', addSetting, new Map())
    .addOption(new Option('--log-format <format>', 'log lines as text or JSON').choices(['pretty', 'json']))
    .addOption(
      new Option('--log-level <level>', 'least severe log lines to print')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(run);
}

async function run(files: string[], flags: Flags): Promise<void> {
  const engine = await import('../engine/index.ts');
  const { registry } = await import('../connectors/index.ts');
  const environment = { registry, variables: (name: string) => process.env[name], settings: flags.set };
  const jobs = readJobs(files).map((job) => ({ ...job, checked: engine.check(job, environment) }));
  const found = jobs.map(({ file, text, checked }) => ({ file, text, diagnostics: checked.diagnostics }));
  if (found.some((job) => job.diagnostics.length > 0)) await printDiagnostics(found, 'text');
  if (jobs.some((job) => job.checked.pipelines === undefined)) {
    process.exitCode = ExitCode.found;
    return;
  }
  const log = await createLog({
    format: flags.logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json'),
    level: flags.logLevel,
    secrets: jobs.flatMap((job) => job.checked.secrets),
  });
  const empty = jobs.filter((job) => job.checked.pipelines!.length === 0);
  for (const job of empty) log.warn('nothing_to_run', { file: job.file, reason: 'the file has no INSERT' });

  const running = jobs.map(({ checked }) =>
    engine.run(checked, {
      log,
      createTables: flags.createTables ?? false,
      fresh: flags.fresh ?? false,
      checkpointFolder: path.resolve('.cryptopipe', 'checkpoints'),
    }),
  );
  const stopListening = stopOnSignals(running, log);
  const hideStatus =
    process.stderr.isTTY && flags.logFormat !== 'json'
      ? showStatusLine(
          running.flatMap((r) => r.pipelines),
          process.stderr,
        )
      : () => {};
  const results = await Promise.allSettled(
    running.map((job) =>
      job.done.catch((error: unknown) => {
        for (const other of running) other.stop();
        throw error;
      }),
    ),
  );
  hideStatus();
  stopListening();
  results.forEach((result, i) => {
    const job = jobs[i]!;
    if (result.status === 'rejected') log.error('job_failed', failure(job.checked, result.reason));
    else log.info('job_ended', { job: job.checked.name, rows: total(running[i]!) });
  });
  if (results.some((r) => r.status === 'rejected')) process.exitCode = ExitCode.failed;
}

function failure(job: CheckedJob, error: unknown): Record<string, unknown> {
  if (error instanceof Error && error.name === 'RunError') {
    const { code, message, help } = error as Error & { code: string; help: string | undefined };
    return { job: job.name, code, reason: message, ...(help === undefined ? {} : { help }) };
  }
  // Not a user's mistake: the stack is what a bug report needs.
  return { job: job.name, code: 'internal', reason: error instanceof Error ? error.stack : String(error) };
}

function total(job: RunningJob): number {
  return job.pipelines.reduce((sum, p) => sum + p.rowsOut, 0);
}

/** The first signal stops gracefully, the second at once. */
function stopOnSignals(running: readonly RunningJob[], log: Awaited<ReturnType<typeof createLog>>): () => void {
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

function addSetting(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError("expected 'key=value'");
  return new Map([...before, [text.slice(0, at).trim(), text.slice(at + 1).trim()]]);
}
