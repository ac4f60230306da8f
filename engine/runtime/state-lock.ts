import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { RunError } from '../connector/errors.ts';

/** How often the holder shows that it lives, and after how long without that another host takes over; ms. */
const BEAT = 2000;
const SILENT = 15_000;

/** Who holds a lock. `began` tells a process from one that has its number later. */
interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly began: string;
}

/**
 * Keeps a second process from the states of a job: both would write the same files. What a process that was killed left
 * behind holds nobody up: on the same host its number tells, elsewhere its silence.
 */
export class StateLock {
  readonly #file: string;
  readonly #own: Holder = { id: randomUUID(), pid: process.pid, host: hostname(), began: beganOf(process.pid) ?? '' };
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Rejects, for as long as that lasts, where another process holds it. */
  async take(): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    for (;;) {
      try {
        await writeFile(this.#file, JSON.stringify(this.#own), { flag: 'wx' });
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = await this.#holder();
      if (holder !== undefined && (await this.#lives(holder))) throw heldBy(holder);
      await rm(this.#file, { force: true });
    }
    this.#timer = setInterval(() => void this.#show(), BEAT);
    this.#timer.unref();
  }

  /** Rejects where another process has it meanwhile: this one was silent, or both took it in the same moment. */
  async check(): Promise<void> {
    if (this.#timer === undefined) return;
    const holder = await this.#holder();
    if (holder?.id !== this.#own.id) throw heldBy(holder);
  }

  async release(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if ((await this.#holder())?.id === this.#own.id) await rm(this.#file, { force: true });
  }

  async #show(): Promise<void> {
    // Whoever took it over is not shown to live by this one.
    if ((await this.#holder())?.id !== this.#own.id) return;
    const now = new Date();
    await utimes(this.#file, now, now).catch(() => clearInterval(this.#timer));
  }

  /** Undefined where nobody holds it, or nobody can read who. */
  async #holder(): Promise<Holder | undefined> {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8')) as Holder;
    } catch {
      return undefined;
    }
  }

  async #lives({ pid, host, began }: Holder): Promise<boolean> {
    if (host !== this.#own.host) {
      const shown = await stat(this.#file).catch(() => undefined);
      return shown !== undefined && Date.now() - shown.mtimeMs < SILENT;
    }
    if (pid === process.pid || !isThere(pid)) return false;
    const now = beganOf(pid);
    return now === undefined || now === began;
  }
}

function heldBy(holder: Holder | undefined): RunError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  const message = `${who} runs this job, and remembers for it`;
  return new RunError('state-locked', message, {
    passing: true,
    help: 'a job that remembers runs in one process: this one takes over when that one ends',
  });
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in a form that only compares; undefined where the system does not say. */
function beganOf(pid: number): string | undefined {
  try {
    // Behind the name, which may hold anything, the 20th value: ticks since the system started.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19];
  } catch {
    return undefined;
  }
}
