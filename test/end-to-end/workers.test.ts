import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { crashOnFile } from '../operations/crash.ts';
import { untilLogged } from '../operations/heard.ts';
import { createTopic, need, produce, readTopic, until } from '../servers/index.ts';
import { runBin } from './bin.ts';
import { countRows, createFlowTable, flowJob, startFlow, untilIds } from './flow.ts';
import { setFolder, setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

/** Splits that a worker's log says it gained. */
function gained(log: string): string[] {
  return [...log.matchAll(/"splits":\[([^\]]*)\][^\n]*"event":"splits_gained"/g)].map((m) => m[1]!);
}

/** A job into a table without a key, and messages that flow into the four partitions it reads. */
async function setFlow() {
  const scene = await setScene(servers.postgres);
  await scene.database.query(createFlowTable('without key'));
  const topic = await createTopic(servers.kafka, { partitions: 4 });
  const file = scene.write('flow.sql', flowJob(servers.kafka, topic, scene.database, 'without key'));
  const flow = startFlow(servers.kafka, topic);
  scene.after(() => flow.stop());
  return { scene, file, flow };
}

servers.describe('several workers of one job', () => {
  it('in threads share the splits and write each row once', { timeout: 120_000 }, async () => {
    const { scene, file, flow } = await setFlow();
    const bin = scene.start(['run', file, '--parallelism', '3']);
    const threads = () => [1, 2].filter((n) => new RegExp(`"worker":${n},"event":"splits_gained"`).test(bin.stderr));
    await until('splits of both threads', () => Promise.resolve(threads().length === 2)).catch((error: Error) => {
      throw new Error(`${error.message}\n${bin.stderr}`);
    });
    await sleep(500);
    expect(await bin.end('SIGTERM')).toBe(0);
    const again = scene.start(['run', file, '--parallelism', '2']);
    const sent = await flow.stop();
    expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
    expect(await again.end('SIGTERM')).toBe(0);
  });

  it('go on when one of the threads crashes, and write each row once', { timeout: 120_000 }, async () => {
    const { scene, file, flow } = await setFlow();
    const bin = scene.start(['run', file, '--parallelism', '2'], { NODE_OPTIONS: crashOnFile('worker') });
    for (const crashes of [1, 2]) {
      // Its splits are taken over at once, and given back to the thread that replaces it.
      await until(
        'splits of the thread',
        async () => bin.stderr.split('"worker":1,"event":"splits_gained"').length > crashes,
      );
      await sleep(300);
      scene.write('crash', '');
      await untilLogged(bin, 'worker_crashed');
    }
    const sent = await flow.stop();
    expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
    expect(bin.stderr.split('"event":"worker_crashed"').length - 1).toBe(2);
    expect(await bin.end('SIGTERM')).toBe(0);
  });

  it('in two processes share the splits; who stays takes over from who leaves or is killed', {
    timeout: 120_000,
  }, async () => {
    const { scene, file, flow } = await setFlow();
    const first = scene.start(['run', file]);
    await until('rows', async () => (await countRows(scene.database)).rows > 0);
    const second = scene.start(['run', file]);
    await until('splits of the second', () => Promise.resolve(gained(second.stderr).length > 0));
    expect(first.stderr).toContain('"event":"splits_released"');
    expect(await first.end('SIGTERM')).toBe(0);
    const third = scene.start(['run', file]);
    await until('splits of the third', () => Promise.resolve(gained(third.stderr).length > 0));
    await second.end('SIGKILL');
    const sent = await flow.stop();
    expect(await untilIds(scene.database, sent)).toEqual({ rows: sent, ids: sent });
    expect(await third.end('SIGTERM')).toBe(0);
    expect([first.stderr, second.stderr, third.stderr].join('')).not.toContain('restarting');
  });

  it('in threads read a bounded job to its end, into a topic', { timeout: 120_000 }, async () => {
    const scene = setFolder();
    const [from, to] = [await createTopic(servers.kafka, { partitions: 5 }), await createTopic(servers.kafka)];
    await produce(
      servers.kafka,
      from,
      Array.from({ length: 1000 }, (_, n) => ({ key: String(n), value: `{"n":${n}}` })),
    );
    const table = (name: string, topic: string, more: string) => `
      CREATE TABLE ${name} (n INT) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'format' = 'json',
        'properties.bootstrap.servers' = '${servers.kafka}'${more});`;
    const bounded = ", 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset'";
    const file = scene.write(
      'copy.sql',
      `SET 'parallelism.default' = '3'; ${table('a', from, bounded)} ${table('b', to, '')}
       INSERT INTO b SELECT n FROM a UNION ALL SELECT n FROM (VALUES (1000)) AS t (n);`,
    );
    const { code, stderr } = await runBin(['run', file], { cwd: scene.folder });
    expect(code, stderr).toBe(0);
    const read = (await readTopic(servers.kafka, to)).map((m) => (JSON.parse(m.value!) as { n: number }).n);
    expect(read.sort((a, b) => a - b)).toEqual(Array.from({ length: 1001 }, (_, n) => n));
  });

  it('are refused where their number is none', async () => {
    const { code, stderr } = await runBin(['run', 'jobs/crypto_prices.sql', '--parallelism', 'many']);
    expect(code).toBe(2);
    expect(stderr).toContain("'many' is no number of workers: --parallelism takes 1 to 256");
  });
});
