import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileError as explainFileError } from '../../engine/connector/file-error.ts';

/** The local path of a 'path' option: a path as it is or a file: URI; undefined for other file systems. */
export function localPath(text: string): string | undefined {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return text;
  if (scheme !== 'file') return undefined;
  return text.startsWith('file://') ? fileURLToPath(text) : text.slice('file:'.length);
}

/**
 * The files to read under a path: the file itself, or all files of a folder and of those within, in the order of
 * their names. As in Flink, names that begin with '.' or '_' are passed over: they belong to writers.
 */
export async function listFiles(root: string): Promise<string[]> {
  let info: Awaited<ReturnType<typeof stat>>;
  try {
    info = await stat(root);
  } catch (error) {
    throw fileError(error, 'read', root);
  }
  if (!info.isDirectory()) return [root];
  const files: string[] = [];
  await walk(root, files);
  return files;
}

async function walk(folder: string, files: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name.startsWith('_')) continue;
    const full = path.join(folder, entry.name);
    const target = entry.isSymbolicLink() ? await stat(full) : entry;
    if (target.isDirectory()) await walk(full, files);
    else if (target.isFile()) files.push(full);
  }
}

/** The error of a file operation, told to its user. */
export function fileError(error: unknown, verb: 'read' | 'written', file: string): unknown {
  const help = "check the option 'path'; relative paths start at the working directory of cryptopipe";
  return explainFileError(error, verb, file, help);
}
