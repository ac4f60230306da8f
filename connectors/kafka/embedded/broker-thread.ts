import { parentPort, workerData } from 'node:worker_threads';
import { type ListenOptions, listen } from './listen.ts';

/** What the thread tells the one that started it; 'close' is all that it is told itself. */
export type ThreadMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'trouble'; readonly text: string };

const parent = parentPort;
if (parent === null) throw new Error('the embedded broker is started by startEmbeddedBroker');

const tell = (message: ThreadMessage): void => parent.postMessage(message);
const broker = await listen(workerData as ListenOptions, (text) => tell({ kind: 'trouble', text }));
parent.once('message', () => void broker.close());
tell({ kind: 'listening', port: broker.port });
