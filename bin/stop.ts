import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { ExitCode, UsageError } from './exit.ts';
import { askProcesses } from './serve/control-socket.ts';
import { matches } from './status.ts';

export function addStop(program: Command): void {
  program
    .command('stop')
    .summary('stop a running job of this user')
    .description('Stops the process that runs a job: it commits what it has read and exits. Waits until it is gone.')
    .argument('<job>', 'its name or pid')
    .option('--timeout <seconds>', 'how long to wait', seconds, 30)
    .action(async (job: string, flags: { readonly timeout: number }) => {
      const running = await askProcesses();
      const found = running.filter((report) => matches(report, job));
      if (found.length === 0) {
        const names = running.flatMap((report) => report.jobs.map(({ name }) => `'${name}'`));
        throw new UsageError(
          `no job '${job}' is running`,
          names.length === 0 ? undefined : `running: ${names.join(', ')}`,
        );
      }
      for (const { pid } of found) process.kill(pid, 'SIGTERM');
      const deadline = performance.now() + flags.timeout * 1000;
      for (const { pid } of found) {
        while (isAlive(pid)) {
          if (performance.now() > deadline) {
            process.stderr.write(`pid ${pid} still runs after ${flags.timeout} s\n`);
            process.exitCode = ExitCode.failed;
            return;
          }
          await sleep(50);
        }
        process.stderr.write(`stopped ${job} (pid ${pid})\n`);
      }
    });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('expected a number of seconds');
  return value;
}
