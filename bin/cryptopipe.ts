#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addAlerts } from './alerts.ts';
import { addConfig } from './config.ts';
import { addConnectors } from './connectors.ts';
import { addDemo } from './demo.ts';
import { ExitCode, UsageError } from './exit.ts';
import { addExplain } from './explain.ts';
import { addFmt } from './fmt.ts';
import { addFunctions } from './functions.ts';
import { addLsp } from './lsp.ts';
import { packageVersion } from './package.ts';
import { addQuery } from './query.ts';
import { addRender } from './render.ts';
import { addRun } from './run.ts';
import { addStatus } from './status.ts';
import { addStop } from './stop.ts';
import { addValidate } from './validate.ts';

/** Every command, in the order of the help. */
const commands = [
  addRun,
  addValidate,
  addExplain,
  addQuery,
  addRender,
  addFmt,
  addStatus,
  addStop,
  addConfig,
  addAlerts,
  addConnectors,
  addFunctions,
  addLsp,
  addDemo,
];

async function main(): Promise<void> {
  const program = new Command('cryptopipe')
    .description('Runs Apache Flink SQL streaming jobs from one file, without a JVM or a cluster.')
    .version(packageVersion(), '-V, --version')
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

await main();
