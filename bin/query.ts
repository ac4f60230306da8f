import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CheckedQueries, Log, QueryStatement } from '../engine/index.ts';
import { addConfigurationFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';
import { environmentOf } from './environment.ts';
import { ExitCode, UsageError } from './exit.ts';
import { createLog } from './log.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { type JobFile, readJobs } from './read-jobs.ts';
import { createRowWriter, type RowFormat } from './rows.ts';
import { addSetting } from './setting-flag.ts';

interface Flags extends ConfigurationFlags {
  readonly file?: string;
  readonly format?: RowFormat;
  readonly limit?: number;
  readonly keepGoing?: true;
  readonly set: ReadonlyMap<string, string>;
}

export function addQuery(program: Command): void {
  const command = program
    .command('query')
    .summary('run SELECTs and print their rows')
    .description('Runs the SELECTs of a text or a file; rows go to standard output as they come.')
    .argument('[sql]', 'statements: tables first, then SELECTs')
    .option('-f, --file <file>', "read the statements from a file, '-' for standard input")
    .addOption(new Option('--format <format>', 'how to print rows').choices(['table', 'jsonl', 'csv']))
    .option('--limit <n>', 'stop each SELECT after so many rows', wholeNumber)
    .option('--keep-going', 'with jsonl: print a failure in the place of its rows and go on with the next SELECT')
    .option('--set <key=value>', 'a setting as SET would give it; may be repeated', addSetting, new Map());
  addConfigurationFlags(command).action(query);
}

async function query(sql: string | undefined, flags: Flags): Promise<void> {
  if ((sql === undefined) === (flags.file === undefined)) throw new UsageError('give either SQL or --file');
  const format = flags.format ?? (process.stdout.isTTY ? 'table' : 'jsonl');
  if (flags.keepGoing && format !== 'jsonl') throw new UsageError('--keep-going needs --format jsonl');
  const job: JobFile = sql === undefined ? readJobs([flags.file!])[0]! : { file: '<query>', text: sql };
  const engine = await import('../engine/index.ts');
  const { registry } = await import('../connectors/index.ts');
  const configuration = await configure(flags, flags.file === undefined ? [] : [flags.file]);
  if (configuration === undefined) return;
  const checked = engine.checkQueries(
    job,
    environmentOf(registry, { settings: flags.set, configuration, file: job.file }),
  );
  if (!flags.keepGoing && checked.job.diagnostics.length > 0) {
    await printDiagnostics([{ ...job, diagnostics: checked.job.diagnostics }], 'text');
    if (checked.job.pipelines === undefined) {
      process.exitCode = ExitCode.found;
      return;
    }
  }
  const log = await createLog({
    format: 'json',
    level: 'error',
    secrets: [...checked.job.secrets, ...configuration.secrets],
  });
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  for (const statement of checked.statements) {
    if (stop.signal.aborted) break;
    const failure = await runStatement(statement, checked, job, { ...flags, format }, log, stop.signal);
    if (failure === undefined) continue;
    process.exitCode = failure.phase === 'validate' ? ExitCode.found : ExitCode.failed;
    if (!flags.keepGoing) {
      const help = failure.help === undefined ? '' : `  = help: ${failure.help}\n`;
      process.stderr.write(`error[${failure.code}]: ${failure.message}\n${help}`);
      break;
    }
    const { code, phase, message } = failure;
    process.stdout.write(`${JSON.stringify({ statement: statement.number, error: { code, phase, message } })}\n`);
  }
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
}

interface Failure {
  readonly code: string;
  readonly phase: 'validate' | 'run';
  readonly message: string;
  readonly help?: string | undefined;
}

async function runStatement(
  { statement, errors }: QueryStatement,
  { job }: CheckedQueries,
  text: JobFile,
  flags: { readonly format: RowFormat; readonly limit?: number },
  log: Log,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  if (errors.length > 0) return { code: errors[0]!.code, phase: 'validate', message: errors[0]!.message };
  if (statement?.kind === 'listing') {
    process.stdout.write(listingText(statement.listing, flags.format));
    return undefined;
  }
  if (statement?.kind === 'explain') {
    const { explainStatement } = await import('../engine/index.ts');
    process.stdout.write(
      `${explainStatement(statement, 'optimized', job.settings)
        .map((plan) => plan.text)
        .join('\n\n')}\n`,
    );
    return undefined;
  }
  if (statement?.kind !== 'select') return undefined;
  const engine = await import('../engine/index.ts');
  const writer = createRowWriter(flags.format, job.timeZone, (output) => process.stdout.write(output));
  try {
    await engine.runQuery(statement.plan, job, text, {
      log,
      signal,
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      rows: (rows, fields) => writer.rows(rows, fields),
    });
    writer.end();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, help } = error as Error & { code?: string; help?: string };
    return { code: code ?? 'internal', phase: 'run', message: error.message, help };
  }
}

interface Listing {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What SHOW and DESCRIBE answer; an object a row in jsonl, else the cells of a row with tabs between them. */
function listingText({ columns, rows }: Listing, format: RowFormat): string {
  const line = (row: readonly (string | null)[]) =>
    format === 'jsonl'
      ? JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])))
      : row.map((cell) => cell ?? '').join('\t');
  return rows.map((row) => `${line(row)}\n`).join('');
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}
