import { expect, it } from 'vitest';
import { registry } from '../../../connectors/index.ts';
import { check } from '../../../engine/job.ts';
import { runQuery } from '../../../engine/query.ts';
import { evaluateQuery } from '../../../engine/testing/evaluate.ts';
import type { Scalar } from '../../../engine/types/data-type.ts';
import { createTopic, need, produce } from '../../servers/index.ts';
import { quiet } from './table.ts';

const servers = await need('kafka');

const job = (topic: string, more = '') => `
CREATE TABLE t (p INT METADATA FROM 'partition', ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${servers.kafka}', 'format' = 'json',
  'scan.startup.mode' = 'earliest-offset'${more});
SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end`;

const second = (n: number, partition: number) => ({
  value: JSON.stringify({ ts: new Date(n * 1000).toISOString().slice(0, 19).replace('T', ' ') }),
  partition,
});

servers.describe('event time of a topic', () => {
  it('is that of the partition which is furthest behind', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 2 });
    // One partition is a whole day ahead; were its time that of all, every row of the other would be late.
    const rows = Array.from({ length: 20_000 }, (_, i) => second(i % 2 === 0 ? 86_400 + i : i, i % 2));
    await produce(servers.kafka, topic, rows);
    const answer = await evaluateQuery(job(topic, ", 'scan.bounded.mode' = 'latest-offset'"), { registry });
    if ('error' in answer) throw new Error(answer.error.message);
    expect(answer.rows.reduce((sum, [n]) => sum + Number(n), 0)).toBe(20_000);
    expect(answer.rows).toHaveLength(4000);
  });

  it('goes on without a partition that gives nothing, after the time that the table says', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 2 });
    await produce(servers.kafka, topic, [second(1, 0), second(2, 0), second(100, 0)]);
    const text = { file: 'q.sql', text: job(topic, ", 'scan.watermark.idle-timeout' = '500 ms'") };
    const checked = check(text, { registry, variables: () => undefined });
    expect(checked.diagnostics).toEqual([]);
    const statement = checked.statements.at(-1)!;
    if (statement.kind !== 'select') throw new Error('no query');
    const counts: Scalar[] = [];
    await runQuery(statement.plan, checked, text, {
      log: quiet().log,
      limit: 1,
      rows: (rows) => counts.push(...rows.map(([n]) => n!)),
    });
    expect(counts).toEqual([2n]);
  });
});
