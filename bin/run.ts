import path from 'node:path';
import type { Command } from 'commander';
import { addConfigurationFlags, addServiceFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';
import { ExitCode, UsageError } from './exit.ts';
import { readJobs } from './read-jobs.ts';
import type { WatchedJob } from './serve/watched-job.ts';
import { addSetting } from './setting-flag.ts';
import { startJobs } from './start-jobs.ts';
import { showStatusLine } from './status-line.ts';

interface Flags extends ConfigurationFlags {
  readonly embedded?: true;
  readonly embeddedDir?: string;
  readonly createTables?: true;
  readonly fresh?: true;
  readonly keepMatchingState?: true;
  readonly parallelism?: string;
  readonly set: ReadonlyMap<string, string>;
}

export function addRun(program: Command): void {
  const command = program
    .command('run')
    .summary('run the INSERTs of job files')
    .description(
      'Runs every INSERT of the files until stopped, or until all its sources are bounded and read. ' +
        'SIGINT and SIGTERM stop reading, write and commit what was read, and exit with 0.',
    )
    .argument('[files...]', "job files, '-' for standard input (default: the jobs of the configuration)")
    .option(
      '--embedded',
      'run on an embedded Kafka broker, PostgreSQL and simulated exchange instead of the servers that the files name',
    )
    .option('--embedded-dir <folder>', 'keep the embedded database in a folder instead of in memory')
    .option('--create-tables', 'create missing sink tables and topics')
    .option('--fresh', "forget the job's checkpoint and start as on the first day")
    .option(
      '--keep-matching-state',
      'where a query changed, go on with what is remembered and still fits, and let the rest begin empty',
    )
    .option('--parallelism <n>', "worker threads that share the job's splits, as 'parallelism.default'")
    .option('--set <key=value>', 'a setting as SET would give it; may be repeated', addSetting, new Map());
  addServiceFlags(addConfigurationFlags(command)).action(run);
}

async function run(files: string[], flags: Flags): Promise<void> {
  if (flags.embeddedDir !== undefined && flags.embedded === undefined) {
    throw new UsageError('--embedded-dir needs --embedded');
  }
  if (flags.keepMatchingState !== undefined) {
    const other = flags.fresh ? '--fresh' : flags.embedded ? '--embedded' : undefined;
    if (other !== undefined) {
      throw new UsageError(`--keep-matching-state cannot go with ${other}, which forgets what is remembered`);
    }
  }
  const configuration = await configure(flags, files);
  if (configuration === undefined) return;
  const named = files.length > 0 ? files : configuration.jobs.flatMap((job) => job.files);
  if (named.length === 0) {
    throw new UsageError('no job to run', 'name job files, or declare jobs in cryptopipe.yaml');
  }
  const folder = flags.embeddedDir === undefined ? {} : { folder: flags.embeddedDir };
  const { level, components } = configuration.logging;
  const format = configuration.logging.format ?? (process.stderr.isTTY ? 'pretty' : 'json');
  const { port, host, token } = configuration.http;
  // Before anything runs: an address that is taken or open to all must not leave a job behind.
  const watched: WatchedJob[] = [];
  const dashboard = port === undefined ? undefined : new (await import('./dashboard/dashboard.ts')).Dashboard();
  const serving =
    port === undefined
      ? undefined
      : await (await import('./serve/server.ts')).serve(watched, { host, port, token }, dashboard?.routes);
  const started = await startJobs(readJobs(named.map(fromHere)), {
    configuration,
    embedded: flags.embedded === undefined ? undefined : { exchange: true, ...folder },
    settings:
      flags.parallelism === undefined
        ? flags.set
        : new Map([...flags.set, ['parallelism.default', workers(flags.parallelism)]]),
    createTables: flags.createTables ?? flags.embedded ?? false,
    // The embedded broker begins empty each time: positions of an earlier one mean nothing in it.
    fresh: flags.fresh ?? flags.embedded ?? false,
    keepMatchingState: flags.keepMatchingState ?? false,
    log: { format, level, components, ...(dashboard === undefined ? {} : { watch: dashboard.logged }) },
    ...(dashboard === undefined ? {} : { observer: dashboard.observer, letters: dashboard.letters }),
  });
  if (started === undefined) {
    await serving?.close();
    process.exitCode = ExitCode.found;
    return;
  }
  if (started.embedded !== undefined) {
    process.stderr.write(`embedded Kafka ${started.embedded.kafka}, PostgreSQL ${started.embedded.postgres}\n`);
  }
  watched.push(...started.jobs);
  dashboard?.show(started.jobs, started.checked, configuration.secrets);
  const { alerts } = configuration;
  const endAlerts =
    alerts.rules.length === 0
      ? undefined
      : (await import('./alerts/watch.ts')).watchAlerts(alerts, started.jobs, started.log);
  if (serving !== undefined) started.log.info('serving', { url: serving.url });
  const live = process.stderr.isTTY && format === 'pretty' && process.env.NO_COLOR === undefined;
  const hideStatus = live ? showStatusLine(started.pipelines, started.counted, process.stderr) : () => {};
  await started.done;
  hideStatus();
  await endAlerts?.();
  dashboard?.close();
  await serving?.close();
}

/** Paths of the configuration are absolute; messages show them as the user would type them. */
function fromHere(file: string): string {
  if (!path.isAbsolute(file)) return file;
  const relative = path.relative('.', file);
  return relative.startsWith('..') ? file : relative;
}

function workers(text: string): string {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 256) return String(count);
  throw new UsageError(`'${text}' is no number of workers: --parallelism takes 1 to 256`);
}
