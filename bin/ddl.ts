import type { Command } from 'commander';
import { environmentOf } from './environment.ts';
import { ExitCode, UsageError } from './exit.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';

export function addDdl(program: Command): void {
  program
    .command('ddl')
    .summary('the CREATE TABLE statements of the sinks, for PostgreSQL')
    .description('Prints the statements that create the tables that the jdbc sinks of a job write to.')
    .argument('<file>', "job file, '-' for standard input")
    .action(async (file: string) => {
      const { check, ddlOf } = await import('../engine/index.ts');
      const { registry } = await import('../connectors/index.ts');
      const job = readJobs([file])[0]!;
      const checked = check(job, environmentOf(registry));
      if (checked.diagnostics.length > 0)
        await printDiagnostics([{ ...job, diagnostics: checked.diagnostics }], 'text');
      if (checked.pipelines === undefined) {
        process.exitCode = ExitCode.found;
        return;
      }
      const statements = ddlOf(checked);
      if (statements.length === 0) {
        throw new UsageError('the job writes to no table of PostgreSQL', "sinks with 'connector' = 'jdbc' have tables");
      }
      process.stdout.write(statements.map((statement) => `${statement}\n`).join('\n'));
    });
}
