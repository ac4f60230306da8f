import type { Command } from 'commander';
import { addConfigurationFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';
import { environmentOf } from './environment.ts';
import { ExitCode, UsageError } from './exit.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';

interface Flags extends ConfigurationFlags {
  readonly withSecrets?: true;
}

export function addRender(program: Command): void {
  const command = program
    .command('render')
    .summary('print a job with its variables filled in')
    .description("Prints a job file with its variables filled in: what Flink's `sql-client.sh -f` can run.")
    .argument('<file>', "job file, '-' for standard input")
    .option('--with-secrets', 'fill in the values of secret options too');
  addConfigurationFlags(command).action(async (file: string, flags: Flags) => {
    const { render } = await import('../engine/index.ts');
    const { registry } = await import('../connectors/index.ts');
    const configuration = await configure(flags, [file]);
    if (configuration === undefined) return;
    const job = readJobs([file])[0]!;
    const rendered = render(job, environmentOf(registry, { configuration, file }));
    if (rendered.text === undefined) {
      await printDiagnostics([{ ...job, diagnostics: rendered.diagnostics }], 'text');
      process.exitCode = ExitCode.found;
      return;
    }
    if (rendered.secrets.length > 0 && flags.withSecrets === undefined) {
      const keys = rendered.secrets.map((key) => `'${key}'`).join(', ');
      throw new UsageError(
        `the job has secrets (${keys}) and the output would show them`,
        'add --with-secrets to print them all the same',
      );
    }
    process.stdout.write(rendered.text);
  });
}
