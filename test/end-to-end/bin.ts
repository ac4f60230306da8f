import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The command line as it ships, after `npm run build`. */
export const BIN = new URL('../../dist/bin/cryptopipe.js', import.meta.url).pathname;

export interface BinOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

export interface BinResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end, for at most a minute. */
export function runBin(args: readonly string[], options: BinOptions = {}): Promise<BinResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [BIN, ...args],
      { env: environment(options.env), cwd: options.cwd, timeout: 60_000, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') {
          reject(new Error(`cryptopipe ${args.join(' ')}: ${error.message} (${error.signal})\n${stderr}`));
        } else {
          resolve({ code: Number(error?.code ?? 0), stdout, stderr });
        }
      },
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** A command line that is running. */
export interface RunningBin {
  readonly pid: number;
  /** What it has said so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Sends a signal; resolves with the end. Fails after `timeout` ms (default 30 s), having killed it. */
  end(signal: NodeJS.Signals, timeout?: number): Promise<number | NodeJS.Signals>;
  /** Resident memory in MB, now. */
  memory(): number;
  /** The same without pages of files. */
  ownMemory(): number;
  /** Processor time used so far, in milliseconds: user and system. */
  cpu(): number;
}

/** Starts the command line; the caller ends it. */
export function startBin(args: readonly string[], options: BinOptions = {}): RunningBin {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: environment(options.env),
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const megabytes = (field: string) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code ?? 0));
  });
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    exited,
    async end(signal, timeout = 30_000) {
      child.kill(signal);
      const late = Symbol();
      const timer = new AbortController();
      const ended = await Promise.race([exited, sleep(timeout, late, { signal: timer.signal })]).finally(() =>
        timer.abort(),
      );
      if (ended !== late) return ended as number | NodeJS.Signals;
      child.kill('SIGKILL');
      await exited;
      throw new Error(`cryptopipe did not end within ${timeout / 1000} s of ${signal}\n${stderr}`);
    },
    memory: () => megabytes('VmRSS'),
    ownMemory: () => megabytes('RssAnon'),
    cpu() {
      // utime and stime, in clock ticks of 10 ms, counted from behind the program's name in parentheses.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
  };
}

/** Only what a program needs, so that a developer's own variables change no test. */
function environment(extra: BinOptions['env'] = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...extra };
}
