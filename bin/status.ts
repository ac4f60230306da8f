import { type Command, Option } from 'commander';
import { ExitCode } from './exit.ts';
import { askProcesses } from './serve/control-socket.ts';
import type { ProcessReport } from './serve/report.ts';

export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('show the running jobs of this user')
    .description(
      'Shows the jobs that run on this machine as this user: states, rows, lag, last commit. Exits with 1 where none runs.',
    )
    .argument('[job]', 'only this job, by name or pid')
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action(async (job: string | undefined, flags: { readonly format: 'text' | 'json' }) => {
      const found = (await askProcesses()).filter((report) => job === undefined || matches(report, job));
      if (flags.format === 'json') process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
      else if (found.length === 0)
        process.stderr.write(`${job === undefined ? 'no job is running' : `no job '${job}' is running`}\n`);
      else process.stdout.write(found.map(show).join('\n'));
      process.exitCode = found.length === 0 ? ExitCode.found : ExitCode.fine;
    });
}

/** Whether a process is meant by a job's name or a pid. */
export function matches(report: ProcessReport, job: string): boolean {
  return String(report.pid) === job || report.jobs.some(({ name }) => name === job);
}

function show({ pid, started, memoryBytes, jobs }: ProcessReport): string {
  const head = `pid ${pid}, since ${started}, ${Math.round(memoryBytes / 1e6)} MB\n`;
  const lines = jobs.flatMap((job) =>
    job.pipelines.map((p) => {
      const commit = p.lastCommit === undefined ? 'no commit yet' : `commit ${age(Date.now() - p.lastCommit)} ago`;
      const parts = [
        `${job.name} → ${p.name}`,
        p.state,
        `in ${p.rowsIn.toLocaleString('en-US')}`,
        `out ${p.rowsOut.toLocaleString('en-US')}`,
        ...(p.lag === undefined ? [] : [`lag ${p.lag.toLocaleString('en-US')}`]),
        commit,
        ...(p.restarts === 0 ? [] : [`restarts ${p.restarts}`]),
        ...(p.lastError === undefined ? [] : [p.lastError]),
      ];
      return `  ${parts.join('  ')}\n`;
    }),
  );
  return head + lines.join('');
}

function age(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}
