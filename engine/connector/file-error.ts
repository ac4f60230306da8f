import { RunError } from './errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
};

/** Others may make room, or close files. */
const passing: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

/** The error of a file operation, told to its user; what is none is given back. */
export function fileError(error: unknown, verb: 'read' | 'written', file: string, help: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof RunError) return error;
  const code = String(error.code);
  return new RunError('file-error', `'${file}' cannot be ${verb}: ${reasons[code] ?? error.message}`, {
    passing: passing.has(code),
    help,
    cause: error,
  });
}
