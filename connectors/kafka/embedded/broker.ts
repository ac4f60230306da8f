import { Worker } from 'node:worker_threads';
import type { ThreadMessage } from './broker-thread.ts';
import { host, type ListenOptions, listen } from './listen.ts';

export interface EmbeddedBrokerOptions {
  /** Preferred port of 127.0.0.1; where it is taken, or by default, a free one is used. */
  readonly port?: number;
  /** Topics to create: names, of one partition, or names with a number of partitions. */
  readonly topics?: readonly (string | { readonly name: string; readonly partitions: number })[];
  /** Whether topics are created when clients first ask for them; true as in Kafka. */
  readonly autoCreate?: boolean;
  /** Bytes of memory for records, 256 MiB by default; the oldest records are dropped. */
  readonly maxBytes?: number;
  /** Told what clients did wrong: malformed requests, unsupported versions. */
  readonly report?: (message: string) => void;
}

export interface EmbeddedBroker {
  /** host:port, for `properties.bootstrap.servers`. */
  readonly address: string;
  /** Disconnects all clients and frees the port. What the broker held is gone. */
  close(): Promise<void>;
}

/**
 * Starts a small Kafka broker: one node, in memory, on 127.0.0.1, in a thread of its own. It is for trying things out and
 * for tests, not for production: nothing is replicated, nothing is kept, nobody is authenticated.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const { port = 0, topics = [], autoCreate = true, maxBytes = 256 * 1024 * 1024, report = () => {} } = options;
  const named = topics.map((t): [string, number] => (typeof t === 'string' ? [t, 1] : [t.name, t.partitions]));
  const wanted: ListenOptions = { port, topics: Object.fromEntries(named), autoCreate, maxBytes };
  const running = canRunThread() ? await startThread(wanted, report) : await listen(wanted, report);
  return { address: `${host}:${running.port}`, close: running.close };
}

/** Threads are loaded by Node itself, which before version 22.18 reads JavaScript only: from sources there is none. */
function canRunThread(): boolean {
  return import.meta.url.endsWith('.js') || Boolean((process.features as { typescript?: unknown }).typescript);
}

async function startThread(options: ListenOptions, report: (message: string) => void) {
  const file = import.meta.url.endsWith('.js') ? './broker-thread.js' : './broker-thread.ts';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: options, name: 'embedded-kafka' });
  const port = await new Promise<number>((resolve, reject) => {
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'listening') resolve(message.port);
      else report(message.text);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the embedded Kafka broker ended with code ${code}`)));
  });
  worker.removeAllListeners('error');
  worker.on('error', (error) => report(`the broker failed: ${error.stack ?? error.message}`));
  return {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        worker.once('exit', () => resolve());
        worker.postMessage('close');
      }),
  };
}
