import type { Server } from 'node:net';

/** Listens on a port, or on a free one where that is taken; the port. */
export function listenOn(server: Server, host: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE' && wanted !== 0) resolve(listenOn(server, host, 0));
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
