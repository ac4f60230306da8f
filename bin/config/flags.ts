import { type Command, Option } from 'commander';
import { ExitCode } from '../exit.ts';
import { printDiagnostics } from '../print-diagnostics.ts';
import type { Configuration } from './configuration.ts';
import { type ConfigurationFlags, loadConfiguration } from './load.ts';

/** Adds the flags that say which configuration applies. */
export function addConfigurationFlags(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: the nearest cryptopipe.yaml upwards from the job)')
    .option('--profile <name>', 'profile of the configuration file');
}

/** Adds the flags for what the configuration says about logs and the HTTP server. */
export function addServiceFlags(command: Command): Command {
  return command
    .addOption(new Option('--log-format <format>', 'log lines as text or JSON').choices(['pretty', 'json']))
    .addOption(
      new Option('--log-level <level>', 'least severe log lines to print (default: info)').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .option('--port <port>', 'serve health, metrics and the dashboard on this port; 0 takes a free one')
    .option('--host <address>', 'address to serve on (default: 127.0.0.1)');
}

/** The configuration for some job files; undefined after printing what is wrong with its file, the exit code set. */
export async function configure(
  flags: ConfigurationFlags,
  jobs: readonly string[],
): Promise<Configuration | undefined> {
  const loaded = await loadConfiguration(flags, jobs);
  if ('configuration' in loaded) return loaded.configuration;
  await printDiagnostics([loaded], 'text');
  process.exitCode = ExitCode.found;
  return undefined;
}
