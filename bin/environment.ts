import type { JobEnvironment } from '../engine/index.ts';

/** What jobs are checked with on the command line: variables are those of the process. */
export function environmentOf(
  registry: JobEnvironment['registry'],
  settings: ReadonlyMap<string, string> = new Map(),
): JobEnvironment {
  return { registry, variables: (name) => process.env[name], settings };
}
