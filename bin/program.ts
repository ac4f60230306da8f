import { Command } from 'commander';
import { addAlerts } from './alerts.ts';
import { addCompletion } from './completion.ts';
import { addConfig } from './config.ts';
import { addConnectors } from './connectors.ts';
import { addDdl } from './ddl.ts';
import { addDemo } from './demo.ts';
import { addExplain } from './explain.ts';
import { addFmt } from './fmt.ts';
import { addFunctions } from './functions.ts';
import { addLsp } from './lsp.ts';
import { addNew } from './new.ts';
import { packageVersion } from './package.ts';
import { addQuery } from './query.ts';
import { addRender } from './render.ts';
import { addRun } from './run.ts';
import { addStatus } from './status.ts';
import { addStop } from './stop.ts';
import { addTest } from './test.ts';
import { addValidate } from './validate.ts';

/** Every command, in the order of the help. */
const commands = [
  addRun,
  addValidate,
  addTest,
  addFmt,
  addExplain,
  addQuery,
  addRender,
  addNew,
  addDdl,
  addStatus,
  addStop,
  addAlerts,
  addConfig,
  addConnectors,
  addFunctions,
  addCompletion,
  addLsp,
  addDemo,
];

/** The command line with all its commands and flags; it throws where commander itself would end the process. */
export function createProgram(): Command {
  const program = new Command('cryptopipe')
    .description('Runs Apache Flink SQL streaming jobs from one file, without a JVM or a cluster.')
    .version(packageVersion(), '-V, --version')
    .showHelpAfterError('(see --help)')
    .exitOverride();
  for (const add of commands) add(program);
  for (const command of program.commands) command.exitOverride().showHelpAfterError(`(see ${command.name()} --help)`);
  return program;
}
