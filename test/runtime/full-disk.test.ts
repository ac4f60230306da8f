import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { RunError } from '../../engine/connector/errors.ts';
import { fileError } from '../../engine/connector/file-error.ts';
import { StateLog } from '../../engine/runtime/state-log.ts';

it.each([
  ['ENOSPC', true, 'the disk is full'],
  ['EDQUOT', true, 'the quota of the disk is used up'],
  ['EACCES', false, 'permission denied'],
  ['EROFS', false, 'the file system is read-only'],
  ['EIO', false, 'i/o error, write'],
])('%s while a file is written: passing is %s', (code, passing, reason) => {
  const error = Object.assign(new Error('i/o error, write'), { code });
  const told = fileError(error, 'written', '/x', 'make room');
  expect(told).toBeInstanceOf(RunError);
  expect(told).toMatchObject({
    code: 'file-error',
    passing,
    message: `'/x' cannot be written: ${reason}`,
    help: 'make room',
  });
});

it('gives back what no file system said', () => {
  const mistake = new TypeError('undefined is not a function');
  expect(fileError(mistake, 'read', '/x', '')).toBe(mistake);
});

it('a folder of states that cannot be there is told', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'state-'));
  const log = new StateLog(path.join('/dev/null', folder));
  await expect(log.save(1, new Map(), { entries: [], images: new Map() }, undefined)).rejects.toMatchObject({
    code: 'file-error',
    passing: false,
    message: expect.stringContaining('a part of the path is a file, not a folder'),
  });
  await log.close();
  rmSync(folder, { recursive: true });
});
