import { expect, it } from 'vitest';
import {
  committedOffsets,
  createTopic,
  endOffsets,
  freshDatabase,
  need,
  produce,
  query,
  readTopic,
  startKafka,
  startPostgres,
} from './index.ts';

const servers = await need('kafka', 'postgres');

servers.describe('the shared servers', () => {
  it('keep what was produced to a topic, by partition', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 3 });
    await produce(servers.kafka, topic, [
      { partition: 2, key: 'k', value: 'one', timestamp: 1_700_000_000_123, headers: { h: 'v' } },
      { partition: 0, value: null },
      { partition: 2, value: 'two' },
    ]);
    expect(await endOffsets(servers.kafka, topic)).toEqual(
      new Map([
        [0, 1],
        [1, 0],
        [2, 2],
      ]),
    );
    const read = await readTopic(servers.kafka, topic);
    expect(read.map((m) => [m.partition, m.key, m.value])).toEqual([
      [0, null, null],
      [2, 'k', 'one'],
      [2, null, 'two'],
    ]);
    expect(read[1]!.timestamp).toBe('1700000000123');
    expect(await committedOffsets(servers.kafka, 'nobody', topic)).toEqual(new Map());
  });

  it('give each test a database of its own', async () => {
    const [a, b] = [await freshDatabase(servers.postgres), await freshDatabase(servers.postgres)];
    await a.query('CREATE TABLE t (a INT)');
    await a.query('INSERT INTO t VALUES ($1)', [7]);
    expect(await a.query('SELECT a FROM t')).toEqual([{ a: 7 }]);
    await expect(b.query('SELECT a FROM t')).rejects.toThrow(/relation "t" does not exist/);
    await Promise.all([a.drop(), b.drop()]);
    await expect(query(a.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });
});

const own = await need('own-kafka', 'own-postgres');

own.describe('servers of a test', () => {
  it('keep data and port over a kill and a restart: Kafka', { timeout: 90_000 }, async () => {
    const kafka = await startKafka();
    try {
      const topic = await createTopic(kafka.address, { partitions: 1 });
      await produce(kafka.address, topic, [{ value: 'kept' }]);
      await kafka.stop();
      await kafka.restart();
      expect((await readTopic(kafka.address, topic)).map((m) => m.value)).toEqual(['kept']);
    } finally {
      await kafka.remove();
    }
  });

  it('keep data and port over a kill and a restart: PostgreSQL', async () => {
    const postgres = await startPostgres();
    try {
      await query(postgres.url, 'CREATE TABLE t AS SELECT 1 AS a');
      await postgres.kill();
      await expect(query(postgres.url, 'SELECT a FROM t')).rejects.toThrow();
      await postgres.restart();
      expect(await query(postgres.url, 'SELECT a FROM t')).toEqual([{ a: 1 }]);
      await expect(query(postgres.url.replace('secret', 'wrong'), 'SELECT 1')).rejects.toThrow(
        /password authentication/,
      );
    } finally {
      await postgres.remove();
    }
  });
});
