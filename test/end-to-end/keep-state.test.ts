import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check, run } from '../../engine/index.ts';
import { context, type LogLine } from '../runtime/fakes.ts';
import { createTopic, need, produce, until } from '../servers/index.ts';
import { type Scene, setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

/** Folders of JSON rows (k, v, t) → tables of PostgreSQL; each run reads the files that are new. */
class Folders {
  readonly #scene: Scene;
  #files = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** A file for a table: a row for each [k, v, second]. */
  write(table: string, ...rows: readonly (readonly [string, number, number?])[]): void {
    const lines = rows.map(([k, v, second = 0]) => JSON.stringify({ k, v, t: timestamp(second) }));
    mkdirSync(path.join(this.#scene.folder, table), { recursive: true });
    writeFileSync(path.join(this.#scene.folder, table, `${++this.#files}.json`), `${lines.join('\n')}\n`);
  }

  /** Runs a job over tables a and b to the end of what is there; the lines of its log that tell of state. */
  async run(
    query: string,
    options: { keep?: boolean; watermark?: string; key?: string; name?: string } = {},
  ): Promise<LogLine[]> {
    const { database, folder } = this.#scene;
    const { watermark = `t - INTERVAL '5' SECOND`, key = 'k' } = options;
    const read = (table: string) => `CREATE TABLE ${table} (k STRING, v BIGINT, t TIMESTAMP(3),
      WATERMARK FOR t AS ${watermark}) WITH (
      'connector' = 'filesystem', 'path' = '${path.join(folder, table)}', 'format' = 'json');`;
    const written = (table: string, columns: string, constraint: string) => `CREATE TABLE ${table} (${columns}
      ${constraint}) WITH ('connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = '${table}',
      'username' = '${database.user}', 'password' = '${database.password}');`;
    const text = `SET 'pipeline.name' = 'folders';
      ${read('a')} ${read('b')}
      ${written('totals', 'k STRING, n BIGINT, m BIGINT', `, PRIMARY KEY (${key}) NOT ENFORCED`)}
      ${written('others', 'k STRING, n BIGINT', ', PRIMARY KEY (k) NOT ENFORCED')}
      ${written('minutes', 'k STRING, start_time TIMESTAMP(3), n BIGINT', '')}
      ${query}`;
    const checked = check({ file: 'folders.sql', text }, { registry, variables: () => undefined });
    expect(checked.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const { context: surroundings, lines } = context();
    const job = run(checked, {
      log: surroundings.log,
      createTables: true,
      fresh: false,
      keepMatchingState: options.keep ?? false,
      checkpointFolder: path.join(folder, 'checkpoints'),
    });
    await job.done;
    return lines.filter(({ event }) => /^state_|^source_/.test(event));
  }

  query(text: string): Promise<unknown[]> {
    return this.#scene.database.query(text);
  }

  rows(table: string): Promise<unknown[]> {
    return this.query(`SELECT * FROM ${table} ORDER BY 1, 2`);
  }
}

function timestamp(second: number): string {
  return new Date(Date.UTC(2024, 0, 1) + second * 1000).toISOString().replace('T', ' ').replace('Z', '');
}

const folders = async () => new Folders(await setScene(servers.postgres));

/** What a list says of each node: the event, and the first word and the tables of the node. */
const told = (lines: readonly LogLine[]) =>
  lines.map(({ event, fields }) => [event, String(fields.node).split('(')[0], fields.reads]);

const counts = 'SELECT k, COUNT(*) AS n FROM a GROUP BY k';
const sums = 'SELECT k, SUM(v) AS m FROM b GROUP BY k';
const joined = (a: string, b: string) =>
  `INSERT INTO totals SELECT x.k, x.n, y.m FROM (${a}) AS x JOIN (${b}) AS y ON x.k = y.k;`;

servers.describe('a changed query with --keep-matching-state', () => {
  it('keeps the nodes that are what they were, lets the others begin empty, and needs the flag once', async () => {
    const job = await folders();
    job.write('a', ['x', 1], ['x', 1]);
    job.write('b', ['x', 10]);
    expect(await job.run(joined(counts, sums))).toEqual([]);
    expect(await job.rows('totals')).toMatchObject([{ k: 'x', n: '2', m: '10' }]);

    job.write('a', ['x', 1]);
    job.write('b', ['x', 5], ['x', 7]);
    const largest = 'SELECT k, MAX(v) AS m FROM b GROUP BY k';
    await expect(job.run(joined(counts, largest))).rejects.toThrow(/does not fit GroupAggregate.*MAX\(v\)/);
    const lines = await job.run(joined(counts, largest), { keep: true });
    expect(told(lines)).toEqual([
      ['state_kept', 'GroupAggregate', 'a'],
      ['state_empty', 'GroupAggregate', 'b'],
      ['state_empty', 'Join', 'a, b'],
      ['state_dropped', 'GroupAggregate', 'b'],
      ['state_dropped', 'Join', 'a, b'],
    ]);
    // Three rows were counted, two of them before; of b what came now.
    expect(await job.rows('totals')).toMatchObject([{ k: 'x', n: '3', m: '7' }]);

    job.write('a', ['x', 1]);
    expect(await job.run(joined(counts, largest))).toEqual([]);
    expect(await job.rows('totals')).toMatchObject([{ k: 'x', n: '4', m: '7' }]);
  });

  it('keeps what moved to disk', async () => {
    const job = await folders();
    const few = `SET 'cryptopipe.state.memory' = '1 kb';`;
    const keys = Array.from({ length: 500 }, (_, i) => [`k${i}`, 1] as const);
    job.write('a', ...keys);
    job.write('b', ...keys);
    await job.run(few + joined(counts, sums));
    job.write('a', ...keys);
    job.write('b', ...keys);
    // The places of nodes change too: the second becomes the first.
    const changed = `INSERT INTO totals SELECT x.k, y.n, x.m FROM (SELECT k, MIN(v) AS m FROM b GROUP BY k) AS x
      JOIN (${counts}) AS y ON x.k = y.k;`;
    await job.run(few + changed, { keep: true });
    const rows = (await job.rows('totals')) as { n: string; m: string }[];
    expect(rows).toHaveLength(500);
    expect(rows.every(({ n, m }) => n === '2' && m === '1')).toBe(true);
  });

  it('does not count on what would take back rows that nobody knows', async () => {
    const job = await folders();
    const byCount = (more: string) =>
      `INSERT INTO totals SELECT CAST(n AS STRING), COUNT(*), ${more} FROM (${counts}) AS c GROUP BY n;`;
    job.write('a', ['x', 1], ['y', 1], ['z', 1]);
    await job.run(byCount('CAST(0 AS BIGINT)'));
    expect(await job.rows('totals')).toMatchObject([{ k: '1', n: '3' }]);
    job.write('a', ['x', 1], ['x', 1], ['y', 1]);
    const lines = await job.run(byCount('COUNT(DISTINCT k)'), { keep: true });
    expect(told(lines).filter(([event]) => event === 'state_kept')).toEqual([]);
    expect(lines.map(({ fields }) => fields.reason).filter(Boolean)).toEqual([
      expect.stringContaining('could not take back'),
      expect.stringContaining('changed'),
      expect.stringContaining('changed'),
    ]);
    // Two groups of one and two rows since: not, as if the old ones were taken back, of three and two.
    expect(await job.rows('totals')).toMatchObject([
      { k: '1', n: '1', m: '1' },
      { k: '2', n: '1', m: '1' },
    ]);
  });

  const minutes = (counted: string) => `INSERT INTO minutes SELECT k, window_start, ${counted}
    FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(t), INTERVAL '1' MINUTE)) GROUP BY k, window_start, window_end;`;

  it('keeps event time where another column is read, so that windows which were written stay closed', async () => {
    const job = await folders();
    job.write('a', ['x', 1, 10], ['x', 1, 20], ['x', 1, 130]);
    await job.run(minutes('COUNT(*)'));
    expect(await job.rows('minutes')).toHaveLength(2);
    job.write('a', ['x', 5, 30], ['x', 6, 200]);
    const lines = await job.run(minutes('SUM(v)'), { keep: true });
    expect(told(lines)).toEqual([
      ['state_kept', 'WatermarkAssigner', 'a'],
      ['state_empty', 'WindowAggregate', 'a'],
      ['state_dropped', 'WindowAggregate', 'a'],
    ]);
    expect(await job.rows('minutes')).toHaveLength(3);
  });

  it.each([
    ['TUMBLE', `TUMBLE(TABLE a, DESCRIPTOR(t), INTERVAL '1' MINUTE)`, 1],
    ['HOP', `HOP(TABLE a, DESCRIPTOR(t), INTERVAL '30' SECOND, INTERVAL '1' MINUTE)`, 2],
    ['SESSION', `SESSION(TABLE a PARTITION BY k, DESCRIPTOR(t), INTERVAL '10' SECOND)`, 1],
  ])('goes on with new files after the end of all tables: %s', async (_, window, windowsOfRow) => {
    const job = await folders();
    const query = `INSERT INTO minutes SELECT k, window_start, COUNT(*) FROM TABLE(${window})
      GROUP BY k, window_start, window_end;`;
    job.write('a', ['x', 1, 0], ['x', 1, 120]);
    await job.run(query);
    expect(await job.rows('minutes')).toHaveLength(2 * windowsOfRow);
    expect(await job.run(query)).toEqual([]);
    // The end closed all windows. Event time came to 115 s: what is before it is late, all else is not.
    job.write('a', ['x', 1, 1], ['x', 1, 240], ['x', 1, 360]);
    await job.run(query);
    expect(await job.rows('minutes')).toHaveLength(4 * windowsOfRow);
  });

  it('goes on with new files after the end of all tables: a join near in time', async () => {
    const job = await folders();
    const query = `INSERT INTO minutes SELECT a.k, a.t, b.v FROM a JOIN b ON a.k = b.k
      AND a.t BETWEEN b.t - INTERVAL '5' SECOND AND b.t + INTERVAL '5' SECOND;`;
    job.write('a', ['x', 1, 0]);
    job.write('b', ['x', 7, 1]);
    await job.run(query);
    expect(await job.rows('minutes')).toMatchObject([{ n: '7' }]);
    job.write('a', ['x', 1, 240]);
    job.write('b', ['x', 8, 241]);
    await job.run(query);
    expect(await job.rows('minutes')).toMatchObject([{ n: '7' }, { n: '8' }]);
  });

  it('refuses another event time, and another key of the sink', async () => {
    const job = await folders();
    job.write('a', ['x', 1, 10]);
    await job.run(minutes('COUNT(*)'));
    await expect(
      job.run(minutes('COUNT(*)'), { keep: true, watermark: `t - INTERVAL '1' SECOND` }),
    ).rejects.toMatchObject({
      code: 'state-mismatch',
      message: expect.stringMatching(
        /^event time of table 'a' changed to Watermark.*:01\.000.*it was Watermark.*:05\.000/,
      ),
      help: expect.stringContaining('--fresh'),
    });
    const other = await folders();
    other.write('a', ['x', 1]);
    const numbered = `INSERT INTO totals SELECT k, COUNT(*), MAX(v) FROM a GROUP BY k;`;
    await other.run(numbered);
    await other.query('ALTER TABLE totals DROP CONSTRAINT totals_pkey, ADD PRIMARY KEY (k, n)');
    await expect(other.run(numbered, { keep: true, key: 'k, n' })).rejects.toMatchObject({
      code: 'state-mismatch',
      message: expect.stringMatching(/key=\[k, n\].*key=\[k\]/),
    });
  });

  it('goes on where an INSERT before it is gone, at its own positions', async () => {
    const job = await folders();
    const others = `INSERT INTO others ${counts};`;
    const totals = `INSERT INTO totals SELECT k, COUNT(*), MAX(v) FROM a GROUP BY k;`;
    job.write('a', ['x', 1], ['x', 2]);
    await job.run(others + totals);
    job.write('a', ['x', 3]);
    expect(await job.run(totals)).toEqual([]);
    expect(await job.rows('totals')).toMatchObject([{ k: 'x', n: '3', m: '3' }]);
  });

  it('says so where a query begins to remember, or ends to', async () => {
    const job = await folders();
    const plain = `INSERT INTO totals SELECT k, v, v FROM a;`;
    const counting = `INSERT INTO totals SELECT k, COUNT(*), MAX(v) FROM a GROUP BY k;`;
    job.write('a', ['x', 1]);
    await job.run(plain);
    job.write('a', ['x', 2]);
    await expect(job.run(counting)).rejects.toThrow(/nothing is remembered for GroupAggregate.*, which is new/);
    expect(told(await job.run(counting, { keep: true }))).toEqual([['state_empty', 'GroupAggregate', 'a']]);
    expect(await job.rows('totals')).toMatchObject([{ k: 'x', n: '1', m: '2' }]);
    job.write('a', ['x', 3]);
    await expect(job.run(plain)).rejects.toThrow(/it had GroupAggregate.*, which is gone/);
    expect(told(await job.run(plain, { keep: true }))).toEqual([['state_dropped', 'GroupAggregate', 'a']]);
    // What was counted before the row that nobody counted must not count again.
    job.write('a', ['x', 4]);
    await expect(job.run(counting)).rejects.toThrow(/nothing is remembered/);
    await job.run(counting, { keep: true });
    expect(await job.rows('totals')).toMatchObject([{ k: 'x', n: '1', m: '4' }]);
  });

  it('counts every message once, killed while it changes over', { timeout: 120_000 }, async () => {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    const topic = await createTopic(servers.kafka, { partitions: 2 });
    const read = (table: string) => `CREATE TABLE ${table} (id BIGINT) WITH ('connector' = 'kafka',
      'topic' = '${topic}', 'properties.bootstrap.servers' = '${servers.kafka}',
      'scan.startup.mode' = 'earliest-offset', 'format' = 'json');`;
    const job = (changed: string) => `SET 'pipeline.name' = '${topic}'; ${read('a')} ${read('b')}
      CREATE TABLE counts (what STRING, n BIGINT, PRIMARY KEY (what) NOT ENFORCED) WITH ('connector' = 'jdbc',
      'url' = '${database.jdbcUrl}', 'table-name' = 'counts', 'username' = '${database.user}',
      'password' = '${database.password}');
      INSERT INTO counts SELECT 'kept', COUNT(*) FROM a UNION ALL SELECT 'changed', ${changed} FROM b;`;
    let total = 0;
    const send = async () => {
      const messages = Array.from({ length: 1000 }, (_, i) => ({ partition: i % 2, value: `{"id":${i}}` }));
      await produce(servers.kafka, topic, messages);
      total += messages.length;
    };
    const count = async (what: string) =>
      (await database.query(`SELECT n::int FROM counts WHERE what = '${what}'`))[0]?.n as number | undefined;

    await send();
    const before = scene.start(['run', '--create-tables', scene.write('job.sql', job('COUNT(*)'))]);
    await until('the first messages', async () => (await count('changed')) === 1000, { timeout: 30_000 });
    await send();
    await before.end('SIGKILL');
    const counted = (await count('changed'))!;

    const file = scene.write('job.sql', job('SUM(1)'));
    const args = ['run', '--keep-matching-state', file];
    for (const moment of ['state_dropped', 'state_dropped', '']) {
      await send();
      const killed = scene.start(args);
      if (moment === '') await until('a commit', async () => (await count('changed')) !== counted, { timeout: 30_000 });
      else await until(moment, async () => killed.stderr.includes(moment), { timeout: 30_000 });
      await killed.end('SIGKILL');
    }
    await send();
    const last = scene.start(['run', file]);
    await until('all messages', async () => (await count('kept')) === total, { timeout: 30_000 });
    await last.end('SIGTERM');
    expect(await count('changed')).toBe(total - counted);
  });
});
