import { accessSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, spawnChild, until } from './child.ts';
import { unprivilegedUser } from './postgres.ts';
import { query } from './postgres-client.ts';

/** PgBouncer's program: on PATH, or where Debian keeps it; undefined where there is none. */
export function pgbouncerProgram(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  return folders.map((folder) => path.join(folder, 'pgbouncer')).find(isProgram);
}

/** Starts PgBouncer in transaction mode with two server connections in front of a server; `url` goes through it. */
export async function startPgbouncer(server: string): Promise<{ readonly url: string; remove(): Promise<void> }> {
  const program = pgbouncerProgram();
  if (program === undefined) throw new Error('PgBouncer is not installed');
  const port = await freePort();
  const dir = mkdtempSync(path.join(tmpdir(), 'cryptopipe-pgbouncer-'));
  const user = unprivilegedUser();
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
  const target = new URL(server);
  const login = `user=${target.username} password='${decodeURIComponent(target.password)}'`;
  const config = path.join(dir, 'pgbouncer.ini');
  writeFileSync(
    config,
    `[databases]
* = host=127.0.0.1 port=${target.port} ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
`,
  );
  const log = path.join(dir, 'pgbouncer.log');
  const child = await spawnChild(program, [config], { log, cwd: dir, ...(user === undefined ? {} : { user }) });
  const own = new URL(server);
  own.host = `127.0.0.1:${port}`;
  await until('PgBouncer', () => query(own.href, 'SELECT 1'), { child, log });
  return {
    url: own.href,
    async remove() {
      await child.end('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
