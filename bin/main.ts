import { CommanderError } from 'commander';
import { ExitCode, UsageError } from './exit.ts';
import { createProgram } from './program.ts';

/** Runs the command that the process was called with; mistakes of usage set the exit code. */
export async function main(): Promise<void> {
  keepEnvironmentOutOfReports();
  const program = createProgram();
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.fine : ExitCode.usage;
    } else if (error instanceof UsageError) {
      process.stderr.write(`error: ${error.message}\n${error.help === undefined ? '' : `  = help: ${error.help}\n`}`);
      process.exitCode = ExitCode.usage;
    } else {
      // The stack is what a bug report needs; what else the error holds may be secret.
      const stack = error instanceof Error ? error.stack : String(error);
      process.stderr.write(`error: a mistake in cryptopipe itself: ${stack}\n`);
      process.exitCode = ExitCode.failed;
    }
  }
}

/** Where Node.js is told to write a report of a crash, variables with passwords stay out of it (from Node.js 22.13 on). */
function keepEnvironmentOutOfReports(): void {
  if (process.report !== undefined) Object.assign(process.report, { excludeEnv: true });
}
