import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

export type Cut = 'before' | 'within' | 'after';

/** A TCP proxy in front of a server, whose connections a test can cut at chosen moments. */
export interface CuttingProxy {
  /** The server's url by way of the proxy. */
  readonly url: string;
  /**
   * Cuts a connection when bytes of the client that contain `text` come by: 'before' they reach the server, 'within' them,
   * where `text` ends, or 'after' the server has answered them, the answer kept back. Once.
   */
  cutAt(text: string, when: Cut): void;
  /** Keeps bytes that contain `text` back for so many milliseconds, and what the client sends after them. Once. */
  holdAt(text: string, milliseconds: number): void;
  /** Replaces a text in what the client sends next by one of the same length. Once. */
  replaceNext(from: string, to: string): void;
  /** Cuts all connections now. */
  cut(): void;
  close(): void;
}

export async function startProxy(url: string): Promise<CuttingProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let trap: { text: string; when: Cut } | undefined;
  let brake: { text: string; milliseconds: number } | undefined;
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
        const { when, text } = trap;
        trap = undefined;
        if (when === 'within') {
          upstream.end(bytes.subarray(0, bytes.indexOf(text) + text.length));
          client.destroy();
          return;
        }
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
      if (brake !== undefined && bytes.includes(brake.text)) {
        client.pause();
        setTimeout(() => {
          upstream.write(bytes);
          client.resume();
        }, brake.milliseconds);
        brake = undefined;
        return;
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
    holdAt: (text, milliseconds) => {
      brake = { text, milliseconds };
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
