import type { JobEnvironment } from '../engine/index.ts';
import { type Configuration, settingsOf } from './config/configuration.ts';

/**
 * What a job file is checked with on the command line. Variables are those of the process, then of the configuration;
 * settings are those of flags, then of the configuration.
 */
export function environmentOf(
  registry: JobEnvironment['registry'],
  configuration: Configuration,
  file: string,
  settings: ReadonlyMap<string, string> = new Map(),
): JobEnvironment {
  return {
    registry,
    variables: (name) => process.env[name] ?? configuration.variables.get(name),
    settings: new Map([...settingsOf(configuration, file), ...settings]),
  };
}
