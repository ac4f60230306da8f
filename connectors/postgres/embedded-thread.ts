import { parentPort, workerData } from 'node:worker_threads';
import { type EmbeddedServerOptions, serve } from './embedded-server.ts';

/** The thread of an embedded PostgreSQL: says its port, serves until it is told to close. */
const server = await serve(workerData as EmbeddedServerOptions);
parentPort?.once('message', () => {
  void server.close().finally(() => process.exit());
});
parentPort?.postMessage(server.port);
