import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTopic, need, produce, until } from '../servers/index.ts';
import { type Scene, setScene } from './scene.ts';
import { seeded } from './ticks.ts';

const servers = await need('kafka', 'postgres');

servers.describe('a job with bad messages', () => {
  it.each([
    ['once', 'in the database of the rows'],
    ['at least once', 'in another database'],
  ])(
    'that is killed again and again keeps each row once and each letter %s, %s',
    { timeout: 180_000 },
    async (often) => {
      const scene = await setScene(servers.postgres);
      const another = often === 'once' ? scene : await setScene(servers.postgres);
      const topic = await createTopic(servers.kafka, { partitions: 2 });
      const jdbc = ({ database: { jdbcUrl, user, password } }: Scene) =>
        `'connector' = 'jdbc', 'url' = '${jdbcUrl}', 'username' = '${user}', 'password' = '${password}'`;
      // Neither table has a key: what came twice would stand there twice.
      const file = scene.write(
        'job.sql',
        `SET 'pipeline.name' = 'killed';
SET 'cryptopipe.dead-letter.table' = 'letters';
CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'kafka', 'topic' = '${topic}',
  'properties.bootstrap.servers' = '${servers.kafka}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json',
  'on-error' = 'dead-letter');
CREATE TABLE numbers (n BIGINT) WITH (${jdbc(scene)}, 'table-name' = 'numbers');
CREATE TABLE letters (record_value STRING) WITH (${jdbc(another)}, 'table-name' = 'letters');
INSERT INTO numbers SELECT n FROM ticks;`,
      );
      await scene.database.query('CREATE TABLE numbers (n bigint)');
      await another.database.query('CREATE TABLE letters (record_value text)');
      const random = seeded(7);
      const total = 4000;
      let sent = 0;
      const send = async (end: number) => {
        while (sent < end) {
          const next = Array.from({ length: 40 }, (_, i) => sent + i);
          await produce(
            servers.kafka,
            topic,
            next.map((n) => ({ value: n % 5 === 0 ? `bad ${n}` : `{"n": ${n}}`, partition: n % 2 })),
          );
          sent += next.length;
        }
      };
      const written = async () => {
        const [numbers] = await scene.database.query('SELECT count(*)::int AS count FROM numbers');
        const [letters] = await another.database.query(
          'SELECT count(DISTINCT record_value)::int AS count FROM letters',
        );
        return { numbers: numbers!.count as number, letters: letters!.count as number };
      };
      for (let kill = 0; kill < 4; kill++) {
        const { numbers } = await written();
        const bin = scene.start(['run', file]);
        const sending = send((total / 5) * (kill + 1));
        await until('progress', async () => (await written()).numbers > numbers, { timeout: 60_000 });
        await sleep(random() * 200);
        expect(await bin.end('SIGKILL')).toBe('SIGKILL');
        await sending;
      }
      const bin = scene.start(['run', file]);
      await send(total);
      await until(
        'everything',
        async () => {
          const { numbers, letters } = await written();
          return numbers >= total * 0.8 && letters >= total * 0.2;
        },
        { timeout: 60_000 },
      );
      expect(await bin.end('SIGTERM')).toBe(0);
      const all = Array.from({ length: total }, (_, n) => n);
      const [numbers] = await scene.database.query('SELECT array_agg(n::int ORDER BY n) AS all FROM numbers');
      expect(numbers?.all).toEqual(all.filter((n) => n % 5 !== 0));
      const letters = (await another.database.query('SELECT record_value AS text FROM letters')).map(
        ({ text }) => text,
      );
      const bad = all.filter((n) => n % 5 === 0).map((n) => `bad ${n}`);
      expect([...new Set(letters)].sort()).toEqual([...bad].sort());
      if (often === 'once') expect(letters.length).toBe(bad.length);
    },
  );
});
