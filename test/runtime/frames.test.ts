import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { FrameReader, writeFrame } from '../../engine/runtime/frames.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-frames-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file whose disk takes only so many bytes at once, and so many in all. */
function narrow(handle: FileHandle, atOnce: number, room: number): FileHandle {
  let left = room;
  const some = (bytes: Uint8Array) => {
    if (left === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const part = bytes.subarray(0, Math.min(atOnce, left));
    left -= part.length;
    return part;
  };
  return {
    writev: async (buffers: Uint8Array[]) => handle.write(some(Buffer.concat(buffers))),
    write: async (bytes: Uint8Array, from: number, length: number) =>
      handle.write(some(bytes.subarray(from, from + length))),
  } as unknown as FileHandle;
}

it('writes a frame whole where the system takes a part at a time, and fails where the disk is full', async () => {
  const value = { text: 'a value of some length', numbers: Int32Array.from({ length: 100 }, (_, i) => i) };
  const file = path.join(folder, 'frames');
  const handle = await open(file, 'w');
  const size = await writeFrame(narrow(handle, 7, 10_000), value);
  await expect(writeFrame(narrow(handle, 1000, size - 1), value)).rejects.toThrow('no space left');
  await handle.close();
  const reading = await open(file, 'r');
  const reader = new FrameReader(reading);
  expect((await reader.next())!.value).toEqual(value);
  expect(await reader.next()).toBeUndefined();
  await reading.close();
});
