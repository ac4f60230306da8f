import { existsSync } from 'node:fs';
import path from 'node:path';

export const CONFIGURATION_FILE = 'cryptopipe.yaml';

/** The configuration file of a folder or of the nearest one above it; undefined where there is none. */
export function findConfiguration(folder: string): string | undefined {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const file = path.join(at, CONFIGURATION_FILE);
    if (existsSync(file)) return file;
    if (path.dirname(at) === at) return undefined;
  }
}
