import { mkdirSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { takeTurns } from './take-turns.ts';

export interface EmbeddedServerOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly dir?: string;
}

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Serves a PGlite database in this thread; on a free port where the wanted one is taken. */
export async function serve({ port, dir }: EmbeddedServerOptions): Promise<RunningServer> {
  if (dir !== undefined) mkdirSync(dir, { recursive: true });
  const database = await PGlite.create(dir === undefined ? {} : { dataDir: dir });
  takeTurns(database);
  const server = await listen(database, port);
  return {
    port: Number(server.getServerConn().split(':').at(-1)),
    close: async () => {
      await server.stop();
      await database.close();
    },
  };
}

async function listen(database: PGlite, port: number): Promise<PGLiteSocketServer> {
  const server = new PGLiteSocketServer({ db: database, host: HOST, port, maxConnections: 100 });
  try {
    await server.start();
    return server;
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return listen(database, 0);
  }
}
