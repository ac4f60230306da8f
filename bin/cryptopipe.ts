#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ExitCode, UsageError } from './exit.ts';
import { createProgram } from './program.ts';

async function main(): Promise<void> {
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
      throw error;
    }
  }
}

await main();
