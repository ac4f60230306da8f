import { Worker } from 'node:worker_threads';
import type { EmbeddedServerOptions, RunningServer } from './embedded-server.ts';

export interface EmbeddedPostgresOptions {
  /** Preferred port of 127.0.0.1; where it is taken, or by default, a free one is used. */
  readonly port?: number;
  /** Folder that keeps the database, created where it is missing; in memory where absent. */
  readonly dir?: string;
}

export interface EmbeddedPostgres {
  /** `postgres://user:password@host:port/database`, for `psql` and, as a jdbc url, for jobs. */
  readonly url: string;
  readonly port: number;
  /** Disconnects all clients and frees the port. A database in memory is gone. */
  close(): Promise<void>;
}

/**
 * Starts PGlite, PostgreSQL as WebAssembly, behind the wire protocol on 127.0.0.1, in a thread of its own. It is for
 * trying things out, not for production: any password is accepted and there is no TLS; all clients share one session
 * (settings, temporary tables, names of prepared statements) and take turns by statements and transactions.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const wanted: EmbeddedServerOptions = {
    port: options.port ?? 0,
    ...(options.dir === undefined ? {} : { dir: options.dir }),
  };
  const server = canRunThread() ? await startThread(wanted) : await startHere(wanted);
  return { url: `postgres://postgres:postgres@127.0.0.1:${server.port}/postgres`, ...server };
}

/** Threads are loaded by Node itself, which before version 22.18 reads JavaScript only: from sources there is none. */
function canRunThread(): boolean {
  return import.meta.url.endsWith('.js') || Boolean((process.features as { typescript?: unknown }).typescript);
}

async function startHere(options: EmbeddedServerOptions): Promise<RunningServer> {
  const { serve } = await import('./embedded-server.ts');
  return serve(options);
}

async function startThread(options: EmbeddedServerOptions): Promise<RunningServer> {
  const file = import.meta.url.endsWith('.js') ? './embedded-thread.js' : './embedded-thread.ts';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: options, name: 'embedded-postgres' });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the embedded PostgreSQL ended with code ${code}`)));
  });
  return {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        worker.once('exit', () => resolve());
        worker.postMessage('close');
      }),
  };
}
