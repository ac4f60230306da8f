import { describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { compilePlan } from '../../engine/compile/plan.ts';
import { check, explainJob } from '../../engine/index.ts';
import { insertsOf } from '../../engine/job.ts';
import type { SpillPlace } from '../../engine/operators/spill.ts';
import { optimizeSink } from '../../engine/plan/optimize.ts';
import { statesOf } from '../../engine/plan/state.ts';

const TABLES = `
CREATE TABLE t (id BIGINT, k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'datagen');
CREATE TABLE u (id BIGINT, k STRING, w INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
CREATE TABLE ver (k STRING, r INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'datagen');
CREATE TABLE ups (k STRING, v INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'ups',
  'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json');
CREATE TABLE s (k STRING, n BIGINT) WITH ('connector' = 'print');
`;

function explained(query: string, settings = '') {
  const job = check(
    { file: 'job.sql', text: `${settings}${TABLES}INSERT INTO s ${query};` },
    { registry, variables: () => undefined },
  );
  expect(job.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const plan = optimizeSink(job.statements.flatMap(insertsOf)[0]!).input;
  const text = explainJob(job, 'optimized')[0]!.text;
  return {
    plan,
    state:
      /State:\n((?: {2}.*\n)+)/
        .exec(`${text}\n`)?.[1]
        ?.trimEnd()
        .split('\n')
        .map((line) => line.trim()) ?? [],
  };
}

const minute = (table: string) => `TABLE(TUMBLE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '1' MINUTE))`;
const event = 'WatermarkAssigner(rowtime=[ts]): event time of each split, while the split is read; in memory';

const queries: readonly (readonly [what: string, query: string, ...state: string[]])[] = [
  ['a filter', 'SELECT k, id FROM t WHERE v > 1'],
  [
    'groups',
    'SELECT k, COUNT(*) FROM t GROUP BY k',
    'GroupAggregate(groupBy=[k]): each group, for ever; in memory, may move to disk',
  ],
  ['one group', `SELECT 'all', COUNT(*) FROM t`, 'GroupAggregate: one group, for ever; in memory, may move to disk'],
  [
    'windows',
    `SELECT k, COUNT(*) FROM ${minute('t')} GROUP BY k, window_start, window_end`,
    'WindowAggregate(groupBy=[k, window_start, window_end]): each group, until the window ends; in memory',
    event,
  ],
  [
    'sessions',
    `SELECT k, COUNT(*) FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY k, window_start, window_end`,
    'WindowAggregate(groupBy=[k, window_start, window_end]): each group, until the window ends; in memory',
    'WindowTableFunction(window=[SESSION(time_col=[ts], gap=[60000 ms], partition keys=[k])]): rows, until their session ends; in memory',
    event,
  ],
  [
    'a join',
    'SELECT t.k, u.id FROM t JOIN u ON t.k = u.k',
    'Join(where=[(k = k0)]): the rows of both sides, for ever; in memory, may move to disk',
  ],
  [
    'a join bounded in time',
    `SELECT t.k, u.id FROM t JOIN u ON t.k = u.k AND t.ts BETWEEN u.ts - INTERVAL '1' HOUR AND u.ts`,
    expect.stringMatching(/^IntervalJoin\(where=.*: the rows of both sides, until none can meet them; in memory$/),
    event,
    event,
  ],
  [
    'a join of windows',
    `SELECT l.k, r.id FROM ${minute('t')} AS l JOIN ${minute('u')} AS r ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end`,
    expect.stringMatching(/^WindowJoin\(where=.*: the rows of both sides, until the window ends; in memory$/),
    event,
    event,
  ],
  [
    'versions',
    'SELECT t.k, t.id FROM t LEFT JOIN ver FOR SYSTEM_TIME AS OF t.ts AS ver ON t.k = ver.k',
    expect.stringMatching(
      /^TemporalJoin\(.*: waiting rows, versions that can be asked for, the last of each key, for ever; in memory$/,
    ),
    event,
    event,
  ],
  [
    'IN',
    'SELECT k, id FROM t WHERE k IN (SELECT k FROM u)',
    expect.stringMatching(/^Join\(.*keys or rows on the right, for ever; in memory, may move to disk$/),
  ],
  [
    'NOT IN',
    'SELECT k, id FROM t WHERE k NOT IN (SELECT k FROM u)',
    expect.stringMatching(/^Join\(.*keys or rows on the right, for ever; in memory$/),
  ],
  [
    'the top three',
    'SELECT k, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC) AS n FROM t) WHERE n <= 3',
    'Rank(partitionBy=[k]): the first 3 rows of each partition, for ever; in memory, may move to disk',
  ],
  [
    'the top of groups, which change',
    'SELECT k, c FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY c DESC) AS n FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k)) WHERE n <= 3',
    'Rank: all rows of each partition, for ever; in memory, may move to disk',
    'GroupAggregate(groupBy=[k]): each group, for ever; in memory, may move to disk',
  ],
  [
    'the first by event time',
    'SELECT k, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS n FROM t) WHERE n = 1',
    'Rank(partitionBy=[k]): the keys of partitions, for ever; in memory',
    event,
  ],
  [
    'OVER from the beginning',
    'SELECT k, SUM(id) OVER (PARTITION BY k ORDER BY ts) FROM t',
    'OverAggregate(partitionBy=[k]): the aggregates of each partition, for ever; in memory',
    event,
  ],
  [
    'OVER a span',
    `SELECT k, SUM(id) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) FROM t`,
    'OverAggregate(partitionBy=[k]): rows, as long as the frame reaches back; in memory',
    event,
  ],
  [
    'OVER by a number',
    'SELECT k, SUM(id) OVER (PARTITION BY k ORDER BY v) FROM t',
    'OverAggregate(partitionBy=[k]): all rows of each partition, for ever; in memory',
  ],
  [
    'OVER rows',
    'SELECT k, SUM(id) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM t',
    'OverAggregate(partitionBy=[k]): the last 3 rows of each partition, for ever; in memory',
    event,
  ],
  [
    'a table read by key',
    'SELECT k, v FROM ups',
    'ChangelogNormalize(key=[k]): the last row of each key, for ever; in memory, may move to disk',
  ],
];

describe('the state of a plan', () => {
  it.each(queries)('of %s is told, and is what its operators have', (_, query, ...expected) => {
    const { plan, state } = explained(query);
    expect(state).toEqual(expected);
    const opened: string[] = [];
    const spill = {
      memory: 1000,
      open: (name: string) => {
        opened.push(name);
        throw new Error('nothing is moved here');
      },
    } as unknown as SpillPlace;
    const running = compilePlan(plan).instantiate(() => undefined, {});
    // Operators that leave out late rows know event time, nothing else.
    const states = running.states.filter(
      ({ id }) => !/ (project|filter|window)$/.test(id) || /SESSION/.test(state.join()),
    );
    expect(states.map(({ text }) => text.split('(')[0]).sort()).toEqual(
      statesOf(plan)
        .map(({ node }) => node.split('(')[0])
        .sort(),
    );
    const moves = statesOf(plan).some(({ spills }) => spills);
    if (moves) expect(() => compilePlan(plan).instantiate(() => undefined, { spill })).toThrow('nothing is moved');
    else compilePlan(plan).instantiate(() => undefined, { spill });
  });

  it('says when it is forgotten, and that it is on disk', () => {
    const settings = `SET 'table.exec.state.ttl' = '36 h'; SET 'cryptopipe.state.memory' = '64 mb';`;
    expect(explained('SELECT k, COUNT(*) FROM t GROUP BY k', settings).state).toEqual([
      'GroupAggregate(groupBy=[k]): each group, until it was not written for 36 h; in memory and on disk',
    ]);
    const hinted = (hint: string) => explained(`SELECT /*+ STATE_TTL(${hint}) */ t.k, u.id FROM t JOIN u ON t.k = u.k`);
    const join = 'Join(where=[(k = k0)]): the rows of both sides,';
    expect(hinted(`'t' = '2 d', 'u' = '2 d'`).state).toEqual([
      `${join} until it was not written for 2 d; in memory, may move to disk`,
    ]);
    expect(hinted(`'t' = '90 s'`).state).toEqual([
      `${join} the left until it was not written for 90 s, the right for ever; in memory, may move to disk`,
    ]);
  });
});
