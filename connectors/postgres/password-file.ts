import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Host } from './jdbc-url.ts';

/**
 * The password that libpq would find: PGPASSWORD, or the first fitting line `host:port:database:user:password` of
 * PGPASSFILE or ~/.pgpass, a file that others may not read.
 */
export function findPassword({ host, port }: Host, database: string, user: string): string | undefined {
  if (process.env.PGPASSWORD) return process.env.PGPASSWORD;
  const wanted = [host, String(port), database, user];
  for (const line of readLines(process.env.PGPASSFILE || path.join(homedir(), '.pgpass'))) {
    const fields = line.match(/(?:\\.|[^:\\])*(?::|$)/g)?.map((f) => f.replace(/:$/, '').replace(/\\(.)/g, '$1'));
    if (line.startsWith('#') || fields === undefined || fields.length < 5) continue;
    if (wanted.every((value, i) => fields[i] === '*' || fields[i] === value)) return fields[4];
  }
  return undefined;
}

function readLines(file: string): string[] {
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) return [];
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return []; // No such file: no password from there.
  }
}
