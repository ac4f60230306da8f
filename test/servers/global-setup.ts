import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { createFinder } from './find.ts';
import type { Need } from './need.ts';

const needs: readonly string[] = [
  'kafka',
  'postgres',
  'own-kafka',
  'own-postgres',
  'pgbouncer',
  'flink',
] satisfies Need[];

/**
 * Runs once per vitest run, in its main process: answers the test files' questions for servers on a loopback port and
 * starts each server at the first question, so that tests that need none wait for none. Returns how to end them all.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const finder = createFinder();
  const server = createServer((request, response) => {
    const need = request.url?.slice(1) ?? '';
    if (!needs.includes(need)) {
      response.writeHead(404).end();
      return;
    }
    void finder.find(need as Need).then((found) => response.end(JSON.stringify(found)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('servers', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    await finder.endAll();
  };
}
