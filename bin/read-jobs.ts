import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suggest } from '../engine/index.ts';
import { UsageError } from './exit.ts';

/** A job file as given on the command line; '-' is standard input. */
export interface JobFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads the job files of a command line. Throws `UsageError` where one cannot be read, with the nearest file of that
 * folder. Text that is not UTF-8 is refused: it would silently change literals.
 */
export function readJobs(files: readonly string[]): JobFile[] {
  return files.map((file) => ({ file: file === '-' ? '<stdin>' : file, text: decode(file, readBytes(file)) }));
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EISDIR') throw new UsageError(`'${file}' is a folder`, `name its files: ${path.join(file, '*.sql')}`);
    if (code === 'EACCES') throw new UsageError(`'${file}' may not be read: permission denied`);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    if (file.includes('*')) throw new UsageError(`no file matches '${file}'`);
    const near = nearestFile(file);
    throw new UsageError(`no file '${file}'`, near === undefined ? undefined : `did you mean '${near}'?`);
  }
}

function decode(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`'${file}' is not UTF-8 text`, 'save it as UTF-8');
  }
}

function nearestFile(file: string): string | undefined {
  const folder = path.dirname(file);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  } catch {
    return undefined;
  }
  const name = suggest(path.basename(file), names);
  return name === undefined ? undefined : path.join(folder, name);
}
