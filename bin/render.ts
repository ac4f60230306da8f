import type { Command } from 'commander';
import { environmentOf } from './environment.ts';
import { ExitCode, UsageError } from './exit.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';

export function addRender(program: Command): void {
  program
    .command('render')
    .summary('print a job with its variables filled in')
    .description("Prints a job file with its variables filled in: what Flink's `sql-client.sh -f` can run.")
    .argument('<file>', "job file, '-' for standard input")
    .option('--with-secrets', 'fill in the values of secret options too')
    .action(async (file: string, flags: { withSecrets?: true }) => {
      const { render } = await import('../engine/index.ts');
      const { registry } = await import('../connectors/index.ts');
      const job = readJobs([file])[0]!;
      const rendered = render(job, environmentOf(registry));
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
