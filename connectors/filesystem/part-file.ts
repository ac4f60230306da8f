import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from './files.ts';

const UNFINISHED = /^\.(part-.+)\.inprogress$/;

/**
 * One file being written. Until it is finished it has a hidden name, so that readers see complete files only; its
 * rows are safe with every `append`, and a later run finishes what a dead one left.
 */
export class PartFile {
  readonly openedAt = performance.now();
  size = 0;
  private readonly folder: string;
  private readonly name: string;
  private handle: FileHandle | undefined;

  constructor(folder: string, prefix: string, number: number) {
    this.folder = folder;
    this.name = `part-${prefix}-${randomUUID()}-${number}`;
  }

  private get hidden(): string {
    return path.join(this.folder, `.${this.name}.inprogress`);
  }

  /** Writes rows to disk; rejects unless they are there. */
  async append(chunks: readonly Buffer[]): Promise<void> {
    try {
      if (this.handle === undefined) {
        await mkdir(this.folder, { recursive: true });
        this.handle = await open(this.hidden, 'a');
      }
      const bytes = Buffer.concat(chunks);
      await this.handle.appendFile(bytes);
      await this.handle.sync();
      this.size += bytes.length;
    } catch (error) {
      throw fileError(error, 'written', this.hidden);
    }
  }

  /** Closes the file and gives it its visible name. */
  async finish(): Promise<void> {
    if (this.handle === undefined) return;
    await this.handle.close();
    this.handle = undefined;
    await rename(this.hidden, path.join(this.folder, this.name));
  }
}

/**
 * Gives the files that a dead run of the same writer left under `folder` their visible names, cut after the last
 * complete line: what follows was never committed and will be written again.
 */
export async function finishLeftovers(folder: string, prefix: string): Promise<number> {
  let entries: Awaited<ReturnType<typeof readdirAll>>;
  try {
    entries = await readdirAll(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw fileError(error, 'read', folder);
  }
  let finished = 0;
  for (const entry of entries) {
    const full = path.join(entry.parentPath, entry.name);
    const name = UNFINISHED.exec(entry.name)?.[1];
    if (!entry.isFile() || name === undefined || !name.startsWith(`part-${prefix}-`)) continue;
    await cutTornLine(full);
    await rename(full, path.join(path.dirname(full), name));
    finished++;
  }
  return finished;
}

function readdirAll(folder: string) {
  return readdir(folder, { withFileTypes: true, recursive: true });
}

async function cutTornLine(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    const step = 65_536;
    let end = size;
    while (end > 0) {
      const from = Math.max(0, end - step);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - from), 0, end - from, from);
      const newline = buffer.subarray(0, bytesRead).lastIndexOf(10);
      if (newline >= 0) {
        end = from + newline + 1;
        break;
      }
      end = from;
    }
    if (end < size) await handle.truncate(end);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
