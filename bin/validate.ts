import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { addConfigurationFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';
import { environmentOf } from './environment.ts';
import { ExitCode, UsageError } from './exit.ts';
import { expandGlobs } from './globs.ts';
import { type DiagnosticFormat, printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';

interface Flags extends ConfigurationFlags {
  readonly format: DiagnosticFormat;
  readonly warningsAsErrors?: true;
  readonly connect?: true;
  readonly fix?: true;
  readonly portable?: true;
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
    .option('--fix', 'write the fixes that need no decision into the files')
    .option('--portable', 'make an error of everything that Flink would reject')
    .option('--warnings-as-errors', 'exit with 1 for warnings too');
  addConfigurationFlags(command).action(async (files: string[], flags: Flags) => {
    const { check, fixJob, inspectJob } = await import('../engine/index.ts');
    const { registry } = await import('../connectors/index.ts');
    const configuration = await configure(flags, files);
    if (configuration === undefined) return;
    if (flags.fix === true && files.includes('-')) throw new UsageError("'--fix' writes files: '-' is none");
    let applied = 0;
    const checked = await Promise.all(
      readJobs(expandGlobs(files)).map(async (given) => {
        const environment = {
          ...environmentOf(registry, { configuration, file: given.file }),
          ...(flags.portable === true ? { portable: true } : {}),
        };
        let job = given;
        if (flags.fix === true) {
          const fixed = fixJob(given, environment);
          if (fixed.applied > 0) writeFileSync(given.file, fixed.text);
          applied += fixed.applied;
          job = { ...given, text: fixed.text };
        }
        const result = check(job, environment);
        const outside = flags.connect === true ? await inspectJob(result) : [];
        return { ...job, diagnostics: [...result.diagnostics, ...outside] };
      }),
    );
    const shown = flags.format === 'sarif' ? checked.map((job) => ({ ...job, file: relativeFile(job.file) })) : checked;
    await printDiagnostics(shown, flags.format);
    if (flags.format === 'text') process.stderr.write(summaryOf(checked, applied));
    const all = checked.flatMap((job) => job.diagnostics);
    const counts = (d: (typeof all)[number]) =>
      d.severity === 'error' || (d.severity === 'warning' && flags.warningsAsErrors === true);
    process.exitCode = all.some(counts) ? ExitCode.found : ExitCode.fine;
  });
}

/** Code scanning knows files by their place in the repository: below the working folder they are named from there. */
function relativeFile(file: string): string {
  if (!path.isAbsolute(file)) return file;
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

/** The last line for people, where the count of what was found does not say it all. */
function summaryOf(checked: readonly { readonly diagnostics: readonly unknown[] }[], applied: number): string {
  const files = `${checked.length} file${checked.length === 1 ? '' : 's'} checked`;
  const fixed = applied === 0 ? '' : `, ${applied} fix${applied === 1 ? '' : 'es'} applied`;
  const wrong = checked.filter(({ diagnostics }) => diagnostics.length > 0).length;
  if (wrong === 0) return `${files}, nothing found${fixed}\n`;
  return checked.length === 1 && applied === 0 ? '' : `${files}, ${wrong} with findings${fixed}\n`;
}
