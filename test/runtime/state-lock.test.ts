import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateLock } from '../../engine/runtime/state-lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-lock-'));
  file = path.join(folder, 'job', 'state.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A lock as another process would have written it. */
async function heldBy(holder: { pid: number; host?: string; began?: string }): Promise<void> {
  const lock = new StateLock(file);
  await lock.take();
  await lock.release();
  writeFileSync(file, JSON.stringify({ id: 'other', host: hostname(), began: '', ...holder }));
}

const began = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;

describe('the lock of a state', () => {
  it('is taken, held, and gone when it is released', async () => {
    const lock = new StateLock(file);
    await lock.take();
    expect(existsSync(file)).toBe(true);
    await lock.check();
    await lock.release();
    expect(existsSync(file)).toBe(false);
  });

  it('is not taken from a process that lives, and taken from one that was killed or has its number only', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.once('spawn', resolve));
    const pid = child.pid!;
    try {
      await heldBy({ pid, ...(process.platform === 'linux' ? { began: began(pid) } : {}) });
      await expect(new StateLock(file).take()).rejects.toMatchObject({
        code: 'state-locked',
        passing: true,
        message: expect.stringContaining(`process ${pid} on ${hostname()}`),
      });
      if (process.platform === 'linux') {
        writeFileSync(file, JSON.stringify({ id: 'other', pid, host: hostname(), began: '1' }));
        await taken();
        await heldBy({ pid, began: began(pid) });
      }
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    await taken();
  });

  it('is taken from another host once that is silent', async () => {
    await heldBy({ pid: 1, host: 'elsewhere.example' });
    await expect(new StateLock(file).take()).rejects.toThrow('process 1 on elsewhere.example');
    const before = new Date(Date.now() - 60_000);
    utimesSync(file, before, before);
    await taken();
  });

  it('is noticed to be lost, and not released then', async () => {
    const lock = new StateLock(file);
    await lock.take();
    writeFileSync(file, JSON.stringify({ id: 'other', pid: 1, host: 'elsewhere.example', began: '' }));
    await expect(lock.check()).rejects.toMatchObject({ code: 'state-locked' });
    await lock.release();
    expect(existsSync(file)).toBe(true);
  });

  /** The lock can be taken now. */
  async function taken(): Promise<void> {
    const lock = new StateLock(file);
    await lock.take();
    await lock.release();
  }
});
