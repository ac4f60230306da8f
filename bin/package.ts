import { existsSync, readFileSync } from 'node:fs';

/** The folder of the package, as a URL: one up when run from source, two up from `dist/bin`. */
export const packageFolder: URL = ['../', '../../']
  .map((up) => new URL(up, import.meta.url))
  .find((folder) => existsSync(new URL('package.json', folder)))!;

export function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as { version: string }).version;
}
