import { execFile } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Child, freePort, spawnChild, until } from './child.ts';
import { query } from './postgres-client.ts';

const run = promisify(execFile);
/** The superuser of every server that `startPostgres` starts. */
export const ownPostgres = { user: 'postgres', password: 'postgres secret' } as const;

export interface OwnPostgresOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Settings of postgresql.conf added to, or replacing, the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL server that belongs to a test. */
export interface OwnPostgres {
  /** `postgres://user:password@127.0.0.1:port/postgres`, a superuser, the same over the server's whole life. */
  readonly url: string;
  readonly pid: number;
  readonly log: string;
  /** Ends all connections and stops in an orderly way; data stay. */
  stop(): Promise<void>;
  /** SIGKILL of the server's main process; data stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `stop` where it still runs. Resolves when it answers. */
  restart(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts a server from PostgreSQL's own binaries; resolves when it answers. */
export async function startPostgres(options: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const bin = postgresFolder();
  if (bin === undefined) throw new Error("PostgreSQL's programs are neither on PATH nor in /usr/lib/postgresql");
  const port = options.port ?? (await freePort());
  const user = unprivilegedUser();
  const dir = mkdtempSync(path.join(tmpdir(), 'cryptopipe-postgres-'));
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
  const data = path.join(dir, 'data');
  const log = path.join(dir, 'server.log');
  const passwordFile = path.join(dir, 'password');
  writeFileSync(passwordFile, ownPostgres.password);
  chmodSync(passwordFile, 0o644);
  const auth = ['--auth-host=scram-sha-256', '--auth-local=trust', `--pwfile=${passwordFile}`];
  await run(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', ownPostgres.user, ...auth, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { cwd: dir, ...user },
  );
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: dir,
    max_connections: '200',
    fsync: 'off',
    full_page_writes: 'off',
    timezone: 'Asia/Kolkata',
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = `postgres://${ownPostgres.user}:${encodeURIComponent(ownPostgres.password)}@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<Child> => {
    const child = await spawnChild(path.join(bin, 'postgres'), ['-D', data, ...args], {
      log,
      cwd: dir,
      ...(user === undefined ? {} : { user }),
    });
    await until('PostgreSQL', () => query(url, 'SELECT 1'), { timeout: 60_000, child, log });
    return child;
  };
  const startAgain = async (): Promise<Child> => {
    for (const deadline = performance.now() + 30_000; ; await setTimeout(100)) {
      try {
        return await start();
      } catch (error) {
        // After a SIGKILL the server's other processes hold the shared memory until they notice; a start is refused then.
        const held = error instanceof Error && error.message.includes('pre-existing shared memory block');
        if (!held || performance.now() > deadline) throw error;
      }
    }
  };
  let child = await start();
  return {
    url,
    log,
    get pid() {
      return child.pid;
    },
    async stop() {
      await child.end('SIGINT');
    },
    async kill() {
      await child.end('SIGKILL');
    },
    async restart() {
      await child.end('SIGINT');
      child = await startAgain();
    },
    async remove() {
      await child.end('SIGQUIT');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The folder of PostgreSQL's programs: on PATH, or else Debian's newest version; undefined where there is none. */
export function postgresFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = readFolder(debian).sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    ...versions.map((version) => path.join(debian, version, 'bin')),
  ];
  return folders.find((folder) => isProgram(path.join(folder, 'initdb')) && isProgram(path.join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root: then as its own user, or as nobody. */
export function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (found === undefined) throw new Error('neither a user postgres nor nobody to run PostgreSQL as');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Not a Debian: nothing to look through.
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
