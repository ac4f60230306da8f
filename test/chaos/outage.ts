import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { countRows, createFlowTable, flowJob, startFlow, untilIds } from '../end-to-end/flow.ts';
import { setScene } from '../end-to-end/scene.ts';
import { createTopic, need, startPostgres, until } from '../servers/index.ts';

// npm run outage: PostgreSQL is away while 5 000 messages a second come in; prints memory and log lines.
const AWAY = Number(process.env.OUTAGE_SECONDS ?? 120);
const servers = await need('kafka', 'own-postgres');

servers.describe(`PostgreSQL away for ${AWAY} s`, () => {
  it('keeps memory flat, loses nothing and says little', async () => {
    const postgres = await startPostgres();
    const scene = await setScene(postgres);
    await scene.database.query(createFlowTable('without key'));
    const topic = await createTopic(servers.kafka, { partitions: 4 });
    const file = scene.write('flow.sql', flowJob(servers.kafka, topic, scene.database, 'without key'));
    const flow = startFlow(servers.kafka, topic);
    scene.after(() => flow.stop());
    const bin = scene.start(['run', file, '--log-format', 'json']);
    await until('rows', async () => (await countRows(scene.database)).rows > 20_000);
    const before = bin.memory();
    await postgres.stop();
    let most = 0;
    for (let second = 0; second < AWAY; second++) {
      await sleep(1000);
      most = Math.max(most, bin.memory());
    }
    const lines = bin.stderr.split('\n').length;
    const away = flow.sent;
    await postgres.restart();
    const sent = await flow.stop();
    const arrived = await untilIds(scene.database, sent);
    const figures = { before, most, after: bin.memory(), lines, away, sent, arrived };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect(arrived).toEqual({ rows: sent, ids: sent });
    expect(lines).toBeLessThan(50);
    expect(most).toBeLessThan(before * 1.25);
    expect(await bin.end('SIGTERM')).toBe(0);
  });
});
