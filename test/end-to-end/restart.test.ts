import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTopic, need, until } from '../servers/index.ts';
import { countRows, createFlowTable, flowJob, startFlow, untilIds } from './flow.ts';
import { setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

servers.describe('a job that is stopped and started while messages flow', () => {
  describe.each(['with key', 'without key'] as const)('into a table %s', (key) => {
    async function setUp() {
      const scene = await setScene(servers.postgres);
      await scene.database.query(createFlowTable(key));
      const topic = await createTopic(servers.kafka, { partitions: 3 });
      const file = scene.write('flow.sql', flowJob(servers.kafka, topic, scene.database, key));
      const flow = startFlow(servers.kafka, topic);
      scene.after(() => flow.stop());
      const start = async () => {
        const before = (await countRows(scene.database)).rows;
        const bin = scene.start(['run', file]);
        await until(`more than ${before} rows`, async () => (await countRows(scene.database)).rows > before).catch(
          (error: Error) => {
            throw new Error(`${error.message}\n${bin.stderr}`);
          },
        );
        return bin;
      };
      return { scene, flow, start };
    }

    it('loses nothing and writes nothing twice: three times SIGTERM, three times SIGKILL', {
      timeout: 120_000,
    }, async () => {
      const { scene, flow, start } = await setUp();
      for (let i = 0; i < 3; i++) {
        const stopped = await start();
        await sleep(300);
        expect(await stopped.end('SIGTERM')).toBe(0);
        const killed = await start();
        await sleep(100 * i);
        expect(await killed.end('SIGKILL')).toBe('SIGKILL');
      }
      const last = await start();
      const sent = await flow.stop();
      expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
      expect(await last.end('SIGINT')).toBe(0);
    });
  });

  it('two of them at once: neither writes what the other wrote', { timeout: 120_000 }, async () => {
    const scene = await setScene(servers.postgres);
    await scene.database.query(createFlowTable('without key'));
    const topic = await createTopic(servers.kafka, { partitions: 2 });
    const file = scene.write('flow.sql', flowJob(servers.kafka, topic, scene.database, 'without key'));
    const flow = startFlow(servers.kafka, topic);
    scene.after(() => flow.stop());
    scene.start(['run', file]);
    scene.start(['run', file]);
    await sleep(4000);
    const sent = await flow.stop();
    expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
  });
});
