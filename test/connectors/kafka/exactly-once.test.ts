import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import {
  type Child,
  createTopic,
  endOffsets,
  need,
  produce,
  spawnChild,
  uniqueName,
  until,
} from '../../servers/index.ts';
import { readAll } from './table.ts';

const servers = await need('kafka');
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
    const end = async () => [...(await endOffsets(servers.kafka, to)).values()].reduce((sum, offset) => sum + offset);
    try {
      let messages = 0;
      let killing = true;
      const producing = (async () => {
        for (; killing; messages += 500) {
          await produce(
            servers.kafka,
            from,
            Array.from({ length: 500 }, (_, i) => ({ value: String(messages + i), partition: i % 3 })),
          );
          await sleep(50);
        }
      })();
      for (let run = 0; run < 10; run++) {
        const before = await end();
        const child = await start();
        await until('the run to write', async () => (await end()) > before, { timeout: 20_000, every: 20, child, log });
        // In the middle of something else each time.
        await sleep(17 * run);
        await child.end('SIGKILL');
      }
      killing = false;
      await producing;
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
