import path from 'node:path';
import type { JobEnvironment } from '../engine/index.ts';
import { type Configuration, settingsOf } from './config/configuration.ts';

/** What a job is checked with besides its text. */
export interface Surroundings {
  /** Settings of flags: stronger than those of the configuration. */
  readonly settings?: ReadonlyMap<string, string>;
  readonly configuration?: Configuration | undefined;
  /** The job file, for the settings that the configuration has for it. */
  readonly file?: string;
}

/** What jobs are checked with on the command line. Variables are those of the process, then of the configuration. */
export function environmentOf(
  registry: JobEnvironment['registry'],
  { settings, configuration, file }: Surroundings = {},
): JobEnvironment {
  const configured =
    configuration === undefined || file === undefined ? [] : settingsOf(configuration, path.resolve(file));
  return {
    registry,
    variables: (name) => process.env[name] ?? configuration?.variables.get(name),
    settings: new Map([...configured, ...(settings ?? [])]),
  };
}
