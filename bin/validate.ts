import { type Command, Option } from 'commander';
import { addConfigurationFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';
import { environmentOf } from './environment.ts';
import { ExitCode } from './exit.ts';
import { type DiagnosticFormat, printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';

interface Flags extends ConfigurationFlags {
  readonly format: DiagnosticFormat;
  readonly warningsAsErrors?: true;
  readonly connect?: true;
}

export function addValidate(program: Command): void {
  const command = program
    .command('validate')
    .summary('report all mistakes of job files, without any I/O')
    .description('Reports all mistakes of all statements of the job files at once, without connecting to anything.')
    .argument('<files...>', "job files, '-' for standard input")
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'json', 'github', 'sarif']).default('text'),
    )
    .option(
      '--connect',
      'also ask the servers that the files name: brokers, topics, tables, columns, keys, privileges; changes nothing there',
    )
    .option('--warnings-as-errors', 'exit with 1 for warnings too');
  addConfigurationFlags(command).action(async (files: string[], flags: Flags) => {
    const { check, inspectJob } = await import('../engine/index.ts');
    const { registry } = await import('../connectors/index.ts');
    const configuration = await configure(flags, files);
    if (configuration === undefined) return;
    const checked = await Promise.all(
      readJobs(files).map(async (job) => {
        const result = check(job, environmentOf(registry, { configuration, file: job.file }));
        const outside = flags.connect === true ? await inspectJob(result) : [];
        return { ...job, diagnostics: [...result.diagnostics, ...outside] };
      }),
    );
    await printDiagnostics(checked, flags.format);
    const all = checked.flatMap((job) => job.diagnostics);
    const counts = (d: (typeof all)[number]) =>
      d.severity === 'error' || (d.severity === 'warning' && flags.warningsAsErrors === true);
    process.exitCode = all.some(counts) ? ExitCode.found : ExitCode.fine;
  });
}
