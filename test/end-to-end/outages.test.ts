import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTopic, need, type OwnKafka, startKafka, startPostgres, until } from '../servers/index.ts';
import { countRows, createFlowTable, flowJob, startFlow, untilIds } from './flow.ts';
import { setScene } from './scene.ts';

const servers = await need('own-kafka', 'own-postgres', 'postgres');

servers.describe('a job whose servers fail while messages flow', () => {
  let kafka: OwnKafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka.remove());

  it('goes on after PostgreSQL was killed and came back', { timeout: 120_000 }, async () => {
    const postgres = await startPostgres();
    const scene = await setScene(postgres);
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
    const scene = await setScene(servers.postgres);
    const { database } = scene;
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
