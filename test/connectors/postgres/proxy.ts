import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** A TCP proxy in front of a server, whose connections a test can cut at chosen moments. */
export interface CuttingProxy {
  /** The server's url by way of the proxy. */
  readonly url: string;
  /**
   * Cuts a connection when bytes of the client that contain `text` come by: 'before' they reach the server, or 'after'
   * the server has answered them, the answer kept back. Once.
   */
  cutAt(text: string, when: 'before' | 'after'): void;
  /** Replaces a text in what the client sends next by one of the same length. Once. */
  replaceNext(from: string, to: string): void;
  /** Cuts all connections now. */
  cut(): void;
  close(): void;
}

export async function startProxy(url: string): Promise<CuttingProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let trap: { text: string; when: 'before' | 'after' } | undefined;
  let replacement: { from: string; to: string } | undefined;
  const server = createServer((client) => {
    const upstream = dial(Number(target.port || 5432), target.hostname);
    let cutOnAnswer = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => {
      if (trap !== undefined && bytes.includes(trap.text)) {
        const { when } = trap;
        trap = undefined;
        if (when === 'before') {
          end();
          return;
        }
        cutOnAnswer = true;
      }
      const found = replacement === undefined ? -1 : bytes.indexOf(replacement.from);
      if (replacement !== undefined && found >= 0) {
        bytes.write(replacement.to, found);
        replacement = undefined;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (cutOnAnswer) end();
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(url);
  own.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: own.href,
    cutAt: (text, when) => {
      trap = { text, when };
    },
    replaceNext: (from, to) => {
      replacement = { from, to };
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
