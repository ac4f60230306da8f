import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ProcessReport, reportProcess } from './report.ts';
import type { WatchedJob } from './watched-job.ts';

/** Where running processes of this user can be asked; one socket each, named after its pid. */
function socketFolder(): string {
  const base = process.env.XDG_RUNTIME_DIR ?? path.join(tmpdir(), `cryptopipe-${process.getuid?.() ?? 0}`);
  return path.join(base, 'cryptopipe');
}

/**
 * Answers `cryptopipe status` of the same user on a socket that only that user can open. A run does not fail for the
 * want of it: where the folder cannot be written, nobody can ask.
 */
export function openControlSocket(jobs: readonly WatchedJob[]): () => void {
  const folder = socketFolder();
  const file = path.join(folder, `${process.pid}.sock`);
  const server = createServer((_, response) => response.end(JSON.stringify(reportProcess(jobs))));
  server.on('error', () => server.close());
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    rmSync(file, { force: true });
  } catch {
    return () => undefined;
  }
  server.listen(file);
  server.unref();
  return () => {
    server.closeAllConnections();
    server.close();
    rmSync(file, { force: true });
  };
}

/** Reports of all running processes of this user; sockets that nobody answers on any more are removed. */
export async function askProcesses(): Promise<ProcessReport[]> {
  const folder = socketFolder();
  let files: string[];
  try {
    files = readdirSync(folder).filter((name) => name.endsWith('.sock'));
  } catch {
    return [];
  }
  const reports = await Promise.all(files.map((name) => ask(path.join(folder, name))));
  return reports.filter((report) => report !== undefined);
}

function ask(socketPath: string): Promise<ProcessReport | undefined> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/status', timeout: 3000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(JSON.parse(text) as ProcessReport));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') rmSync(socketPath, { force: true });
      resolve(undefined);
    });
  });
}
