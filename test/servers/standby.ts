import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, spawnChild, until } from './child.ts';
import { ownPostgres, postgresFolder, unprivilegedUser } from './postgres.ts';
import { query } from './postgres-client.ts';

const run = promisify(execFile);

/** Starts a read-only standby that follows a server of `startPostgres`; `promote` makes it a primary. */
export async function startStandby(
  primary: string,
): Promise<{ readonly url: string; promote(): Promise<void>; remove(): Promise<void> }> {
  const found = postgresFolder();
  if (found === undefined) throw new Error('PostgreSQL is not installed');
  // Where the programs on PATH are links, not all of them need be there.
  const bin = path.dirname(realpathSync(path.join(found, 'postgres')));
  const port = await freePort();
  const dir = mkdtempSync(path.join(tmpdir(), 'cryptopipe-standby-'));
  const user = unprivilegedUser();
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
  const data = path.join(dir, 'data');
  const from = ['-h', '127.0.0.1', '-p', new URL(primary).port, '-U', ownPostgres.user];
  await run(path.join(bin, 'pg_basebackup'), [...from, '-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'], {
    cwd: dir,
    env: { ...process.env, PGPASSWORD: ownPostgres.password },
    ...user,
  });
  const log = path.join(dir, 'server.log');
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${dir}`, 'fsync=off'];
  const args = [...settings, 'max_connections=200'].flatMap((setting) => ['-c', setting]);
  const child = await spawnChild(path.join(bin, 'postgres'), ['-D', data, ...args], {
    log,
    cwd: dir,
    ...(user === undefined ? {} : { user }),
  });
  const own = new URL(primary);
  own.host = `127.0.0.1:${port}`;
  await until('the standby', () => query(own.href, 'SELECT 1'), { timeout: 60_000, child, log });
  return {
    url: own.href,
    async promote() {
      await query(own.href, 'SELECT pg_promote(true, 30)');
    },
    async remove() {
      await child.end('SIGQUIT');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
