#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ExitCode, UsageError } from './exit.ts';
import { addRender } from './render.ts';
import { addRun } from './run.ts';
import { addValidate } from './validate.ts';

/** Every command, in the order of the help. */
const commands = [addRun, addValidate, addRender];

async function main(): Promise<void> {
  const program = new Command('cryptopipe')
    .description('Runs Apache Flink SQL streaming jobs from one file, without a JVM or a cluster.')
    .version(version(), '-V, --version')
    .showHelpAfterError('(see --help)')
    .exitOverride();
  for (const add of commands) add(program);
  for (const command of program.commands) command.exitOverride().showHelpAfterError(`(see ${command.name()} --help)`);
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

/** Of the package this file belongs to: two folders up in a checkout's `dist/bin`, one up when run from source. */
function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // Not there: the next place.
    }
  }
  return 'unknown';
}

await main();
