import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTopic, freshDatabase, need, startKafka, startPostgres, until } from '../servers/index.ts';
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

    it('loses nothing and writes nothing twice: three times SIGTERM', { timeout: 120_000 }, async () => {
      const { scene, flow, start } = await setUp();
      for (let i = 0; i < 3; i++) {
        const bin = await start();
        await sleep(500);
        expect(await bin.end('SIGTERM')).toBe(0);
      }
      const last = await start();
      const sent = await flow.stop();
      expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
      expect(await last.end('SIGINT')).toBe(0);
    });

    it('loses nothing and writes nothing twice: five times SIGKILL', { timeout: 120_000 }, async () => {
      const { scene, flow, start } = await setUp();
      for (let i = 0; i < 5; i++) {
        const bin = await start();
        await sleep(70 * i);
        expect(await bin.end('SIGKILL')).toBe('SIGKILL');
      }
      const last = await start();
      const sent = await flow.stop();
      expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
      expect(await last.end('SIGTERM')).toBe(0);
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

const own = await need('own-kafka', 'own-postgres');

own.describe('a job whose servers fail while messages flow', () => {
  it('goes on after PostgreSQL was killed and came back', { timeout: 120_000 }, async () => {
    const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
    const scene = await setScene(postgres);
    scene.after(() => kafka.remove());
    await scene.database.query(createFlowTable('without key'));
    const topic = await createTopic(kafka.address);
    const file = scene.write('flow.sql', flowJob(kafka.address, topic, scene.database, 'without key'));
    const flow = startFlow(kafka.address, topic);
    const bin = scene.start(['run', file]);
    await until('rows', async () => (await countRows(scene.database)).rows > 0);
    await postgres.kill();
    await sleep(1500);
    await postgres.restart();
    await sleep(500);
    const sent = await flow.stop();
    expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
    expect(bin.stderr).toContain(new URL(scene.database.url).host);
    expect(await bin.end('SIGTERM')).toBe(0);
  });

  it('goes on after Kafka was stopped, and later killed, and came back', { timeout: 120_000 }, async () => {
    const kafka = await startKafka();
    const scene = await setScene(servers.postgres);
    scene.after(() => kafka.remove());
    const database = await freshDatabase(servers.postgres);
    scene.after(() => database.drop());
    await database.query(createFlowTable('without key'));
    const topic = await createTopic(kafka.address);
    const file = scene.write('flow.sql', flowJob(kafka.address, topic, database, 'without key'));
    const bin = scene.start(['run', file]);
    let sent = 0;
    for (const fail of [kafka.stop, kafka.kill]) {
      // Between failures, so that no message is sent twice by a producer that never saw its acknowledgement.
      const flow = startFlow(kafka.address, topic, sent);
      await until('rows', async () => (await countRows(database)).rows > sent);
      sent = await flow.stop();
      await untilIds(database, sent);
      await fail();
      await sleep(1500);
      await kafka.restart();
    }
    const flow = startFlow(kafka.address, topic, sent);
    await sleep(500);
    sent = await flow.stop();
    expect(await untilIds(database, sent)).toEqual({ rows: sent, ids: sent });
    expect(bin.stderr).toContain(kafka.address);
    expect(await bin.end('SIGTERM')).toBe(0);
  });
});
