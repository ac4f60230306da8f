import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { createTopic, need, produce, readTopic, type TestMessage, until } from '../servers/index.ts';
import { setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

const owners = ['ann', 'bob', 'eve', 'tom'];

/** What `count` changes of 40 accounts look like as messages, and which accounts there are after them. */
function changes(accounts: Map<number, { owner: string; cents: number }>, count: number, seed: number): TestMessage[] {
  let state = seed;
  const next = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * n);
  };
  return Array.from({ length: count }, (): TestMessage => {
    const id = next(40);
    const key = JSON.stringify({ id });
    if (next(4) === 0) {
      accounts.delete(id);
      return { key, value: null };
    }
    const account = { owner: owners[next(owners.length)]!, cents: next(100_000) };
    accounts.set(id, account);
    return { key, value: JSON.stringify({ id, owner: account.owner, balance: account.cents / 100 }) };
  });
}

servers.describe('a topic read by key', () => {
  it('gives its table to PostgreSQL and another topic, killed in between: deletions, changed groups and keys', {
    timeout: 180_000,
  }, async () => {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    await database.query('CREATE TABLE totals (owner TEXT PRIMARY KEY, n BIGINT, balance NUMERIC(38, 2))');
    await database.query('CREATE TABLE named (owner TEXT PRIMARY KEY, balance NUMERIC(10, 2))');
    const topic = await createTopic(servers.kafka, { partitions: 3 });
    const copy = await createTopic(servers.kafka, { partitions: 2 });
    const kafka = `'connector' = 'upsert-kafka', 'properties.bootstrap.servers' = '${servers.kafka}',
      'key.format' = 'json', 'value.format' = 'json'`;
    const jdbc = `'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'username' = '${database.user}',
      'password' = '${database.password}'`;
    const file = scene.write(
      'accounts.sql',
      `SET 'pipeline.name' = '${topic}';
CREATE TABLE accounts (id INT, owner STRING NOT NULL, balance DECIMAL(10, 2), PRIMARY KEY (id) NOT ENFORCED)
  WITH (${kafka}, 'topic' = '${topic}');
CREATE TABLE totals (owner STRING, n BIGINT, balance DECIMAL(38, 2), PRIMARY KEY (owner) NOT ENFORCED)
  WITH (${jdbc}, 'table-name' = 'totals');
-- Several accounts have one owner: the newest is written, and the one before it comes back when that goes.
CREATE TABLE named (owner STRING, balance DECIMAL(10, 2), PRIMARY KEY (owner) NOT ENFORCED)
  WITH (${jdbc}, 'table-name' = 'named');
CREATE TABLE copy (id INT, owner STRING NOT NULL, balance DECIMAL(10, 2), PRIMARY KEY (id) NOT ENFORCED)
  WITH (${kafka}, 'topic' = '${copy}');
INSERT INTO totals SELECT owner, COUNT(*), SUM(balance) FROM accounts GROUP BY owner;
INSERT INTO named SELECT owner, balance FROM accounts WHERE id < 4;
INSERT INTO copy SELECT id, owner, balance FROM accounts WHERE balance > 100;`,
    );
    const accounts = new Map<number, { owner: string; cents: number }>();
    const totals = () => {
      const sums = new Map<string, { owner: string; n: string; cents: number }>();
      for (const { owner, cents } of accounts.values()) {
        const sum = sums.get(owner) ?? { owner, n: '0', cents: 0 };
        sums.set(owner, { owner, n: String(Number(sum.n) + 1), cents: sum.cents + cents });
      }
      return [...sums.values()]
        .map(({ owner, n, cents }) => ({ owner, n, balance: (cents / 100).toFixed(2) }))
        .sort((a, b) => (a.owner < b.owner ? -1 : 1));
    };
    const copied = () =>
      Object.fromEntries(
        [...accounts].flatMap(([id, { owner, cents }]) =>
          cents > 10_000 ? [[id, { id, owner, balance: cents / 100 }]] : [],
        ),
      );
    const written = () => database.query('SELECT owner, n::text, balance::text FROM totals ORDER BY owner');
    const inTopic = async () => {
      const last: Record<number, unknown> = {};
      let deletions = 0;
      for (const { key, value } of await readTopic(servers.kafka, copy)) {
        const { id } = JSON.parse(key!) as { id: number };
        if (value === null) deletions++;
        if (value === null) delete last[id];
        else last[id] = JSON.parse(value);
      }
      return { last, deletions };
    };
    for (let piece = 0; piece < 3; piece++) {
      await produce(servers.kafka, topic, changes(accounts, 300, piece + 1));
      const bin = scene.start(['run', file]);
      await until(
        'the table of the piece',
        async () => isDeepStrictEqual(await written(), totals()) && isDeepStrictEqual((await inTopic()).last, copied()),
        { timeout: 40_000 },
      ).catch(async (error: Error) => {
        expect([await written(), (await inTopic()).last]).toEqual([totals(), copied()]);
        throw new Error(`${error.message}\n${bin.stdout}\n${bin.stderr}`);
      });
      await bin.end('SIGKILL');
    }
    expect(await written()).toEqual(totals());
    const { last, deletions } = await inTopic();
    expect(last).toEqual(copied());
    expect(deletions).toBeGreaterThan(10);
    const few = [...accounts].filter(([id]) => id < 4).map(([, { owner }]) => owner);
    const named = await database.query('SELECT owner FROM named ORDER BY owner');
    expect(named).toEqual([...new Set(few)].sort().map((owner) => ({ owner })));
  });
});
