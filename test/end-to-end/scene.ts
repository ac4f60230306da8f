import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import { type Database, freshDatabase, type OwnPostgres } from '../servers/index.ts';
import { type BinOptions, type RunningBin, startBin } from './bin.ts';

/** A folder of a test's own, where the command line runs: everything is ended and deleted after the test. */
export interface Folder {
  readonly folder: string;
  /** Writes a file into the folder; returns its path. */
  write(name: string, text: string): string;
  /** Starts the command line in the folder; it is killed after the test if it still runs. */
  start(args: readonly string[], env?: BinOptions['env']): RunningBin;
  /** Runs `end` after the test. */
  after(end: () => Promise<unknown>): void;
}

/** With an empty database of the test's own. */
export interface Scene extends Folder {
  readonly database: Database;
}

/** Sets up a test: call it in the test. `postgres` is the server's url, or a server of the test's own to remove after it. */
export async function setScene(postgres: string | OwnPostgres): Promise<Scene> {
  if (typeof postgres !== 'string') endings.push(() => postgres.remove());
  const database = await freshDatabase(typeof postgres === 'string' ? postgres : postgres.url);
  endings.push(() => database.drop());
  return { ...setFolder(), database };
}

/** Sets up a test that needs no database: call it in the test. */
export function setFolder(): Folder {
  const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-scene-'));
  endings.push(async () => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write(name, text) {
      const file = path.join(folder, name);
      writeFileSync(file, text);
      return file;
    },
    start(args, env = {}) {
      const bin = startBin(args, { cwd: folder, env });
      endings.push(() => bin.end('SIGKILL'));
      return bin;
    },
    after(end) {
      endings.push(end);
    },
  };
}

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  // Last things first: what runs ends before what it uses.
  for (const end of endings.splice(0).reverse()) await end();
});
