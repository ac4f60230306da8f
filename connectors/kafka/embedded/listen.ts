import { createServer, type Server, type Socket } from 'node:net';
import { createBroker } from './broker-state.ts';
import { serveClient } from './client-connection.ts';

export interface ListenOptions {
  /** Where it is taken, a free one is used. */
  readonly port: number;
  /** Topic → number of partitions. */
  readonly topics: Readonly<Record<string, number>>;
  readonly autoCreate: boolean;
  readonly maxBytes: number;
}

export interface ListeningBroker {
  readonly port: number;
  close(): Promise<void>;
}

/** The broker is reached from this machine only. */
export const host = '127.0.0.1';

/** Opens the broker in this thread. `report` is told what clients did wrong. */
export async function listen(options: ListenOptions, report: (message: string) => void): Promise<ListeningBroker> {
  const server = createServer();
  const port = await bind(server, options.port);
  const broker = createBroker(host, port, options);
  for (const [name, partitions] of Object.entries(options.topics)) broker.topics.create(name, partitions);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveClient(socket, broker, report);
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        broker.groups.close();
        broker.transactions.close();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function bind(server: Server, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE' && wanted !== 0) resolve(bind(server, 0));
      else reject(error);
    };
    server.once('error', failed);
    server.listen(wanted, host, () => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : wanted);
    });
  });
}
