import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program started for a test. */
export interface Child {
  readonly pid: number;
  /** Resolves with the exit code, or with the signal's name where one ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Sends a signal; resolves when the program has ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Run as this user and group: servers that refuse root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** File that standard output and standard error are appended to. */
  readonly log: string;
}

// The program runs under a shell that waits for either of two things: the program's end, or the end of the pipe that
// this process holds. So nothing outlives a test run, even one that is killed.
const GUARD = `
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
pid=$!
echo $pid >&3; exec 3>&-
{ cat <&4 >/dev/null; kill -9 $pid 2>/dev/null; } >/dev/null 2>&1 &
guard=$!
wait $pid; code=$?
kill $guard 2>/dev/null
exit $code`;

/** Starts a program that ends at the latest with this process. Resolves once it has a pid, not once it is ready. */
export async function spawnChild(command: string, args: readonly string[], options: ChildOptions): Promise<Child> {
  const log = openSync(options.log, 'a', 0o666);
  const shell = spawn('sh', ['-c', GUARD, 'sh', command, ...args], {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ['pipe', log, log, 'pipe'],
    detached: true, // Ctrl-C of a terminal goes to the tests, which stop their servers themselves.
    ...options.user,
  });
  closeSync(log);
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', (code, signal) => {
      shell.stdin?.destroy();
      resolve(signal ?? (code! > 128 ? signalName(code! - 128) : code!));
    });
  });
  shell.stdin?.on('error', () => shell.stdin?.destroy());
  const pipe = shell.stdio[3] as NodeJS.ReadableStream;
  const pid = await new Promise<number>((resolve, reject) => {
    exited.then((code) => reject(new Error(`${command} did not start (${code})`)), reject);
    pipe.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  return {
    pid,
    exited,
    async end(signal) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      return exited;
    },
  };
}

function signalName(number: number): NodeJS.Signals | number {
  const names: Record<number, NodeJS.Signals> = {
    2: 'SIGINT',
    6: 'SIGABRT',
    9: 'SIGKILL',
    11: 'SIGSEGV',
    15: 'SIGTERM',
  };
  return names[number] ?? number + 128;
}

/** A TCP port of 127.0.0.1 that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Calls `probe` every `every` ms until it returns something other than undefined or false; an error of it counts as not
 * yet. Fails after `timeout` ms with `what` and the last error, or as soon as `child` ends, with the tail of its log.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: { timeout?: number; every?: number; child?: Child; log?: string } = {},
): Promise<T> {
  const deadline = performance.now() + (options.timeout ?? 30_000);
  let ended: number | NodeJS.Signals | undefined;
  void options.child?.exited.then((code) => {
    ended = code;
  });
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (ended !== undefined) throw new Error(`${what}: the program ended (${ended})\n${tail(options.log)}`);
    if (performance.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`${what}: not within ${(options.timeout ?? 30_000) / 1000} s${reason}\n${tail(options.log)}`);
    }
    await sleep(options.every ?? 50);
  }
}

function tail(log: string | undefined): string {
  return log === undefined ? '' : readFileSync(log, 'utf8').split('\n').slice(-20).join('\n');
}
