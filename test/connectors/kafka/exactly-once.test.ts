import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { type Child, createTopic, need, produce, spawnChild, uniqueName, until } from '../../servers/index.ts';
import { readAll } from './table.ts';

const servers = await need('kafka');
const messages = 30_000;

servers.describe('a job that is killed again and again', () => {
  it('writes each row once, for those who read committed rows', async () => {
    // Inside of the project, so that the program finds its packages.
    const folder = mkdtempSync(path.join(process.cwd(), 'node_modules', '.copier-'));
    const program = path.join(folder, 'copier.mjs');
    await build({
      entryPoints: ['test/connectors/kafka/copier.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile: program,
      logLevel: 'error',
    });
    const from = await createTopic(servers.kafka, { partitions: 3 });
    const to = await createTopic(servers.kafka, { partitions: 2 });
    const log = path.join(folder, 'log');
    const env = { ...process.env, KAFKA: servers.kafka, FROM: from, TO: to, JOB: uniqueName('copy'), FOLDER: folder };
    const start = (): Promise<Child> => spawnChild(process.execPath, [program], { env, log });
    const written = () =>
      readAll(['v'], {
        topic: to,
        'properties.bootstrap.servers': servers.kafka,
        'scan.startup.mode': 'earliest-offset',
        'scan.bounded.mode': 'latest-offset',
      });
    try {
      const producing = (async () => {
        for (let at = 0; at < messages; at += 500) {
          await produce(
            servers.kafka,
            from,
            Array.from({ length: 500 }, (_, i) => ({ value: String(at + i), partition: (at + i) % 3 })),
          );
          await sleep(20);
        }
      })();
      for (let run = 0; run < 10; run++) {
        const child = await start();
        // Long enough to start and to be in the middle of something else each time.
        await sleep(700 + 77 * run);
        await child.end('SIGKILL');
      }
      await producing;
      // The killed runs did write: otherwise nothing was put to the test.
      expect((await written()).length).toBeGreaterThan(500);
      const last = await start();
      await until('all rows', async () => (await written()).length >= messages, { timeout: 60_000, every: 500 });
      await sleep(500);
      expect(await last.end('SIGTERM'), readFileSync(log, 'utf8')).toBe(0);
      const rows = (await written()).map(([v]) => Number(v)).sort((a, b) => a - b);
      expect(rows).toEqual(Array.from({ length: messages }, (_, i) => i));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
