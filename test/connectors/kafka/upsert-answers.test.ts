import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { registry } from '../../../connectors/index.ts';
import { check, run } from '../../../engine/index.ts';
import { evaluateQuery, rowTexts } from '../../../engine/testing/evaluate.ts';
import { createTopic, need, produce, readTopic } from '../../servers/index.ts';

/**
 * Topics read and written by key, and what Apache Flink's `upsert-kafka` made of them: the changes of each query, and the
 * records of each INSERT over `s` (a file of `rows`) or `c` (a topic of `changes`). What Flink tells one by one is told
 * together here, so the tables are compared; where `exact` is set, the changes and records themselves.
 */
interface Answers {
  readonly sources: readonly {
    readonly title: string;
    readonly columns: string;
    readonly options: string;
    readonly messages: readonly Message[];
    readonly queries: readonly { readonly sql: string; readonly exact?: true; readonly changes: readonly Change[] }[];
  }[];
  readonly rows: readonly string[];
  readonly changes: readonly Message[];
  readonly sinks: readonly {
    readonly title: string;
    readonly columns: string;
    readonly options: string;
    readonly insert: string;
    readonly exact?: true;
    readonly records: readonly Message[];
  }[];
}
type Message = readonly [key: string | null, value: string | null];
type Change = readonly [kind: string, ...values: (string | null)[]];

const answers = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'upsert-answers.json'), 'utf8'),
) as unknown as Answers;
const servers = await need('kafka');
const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-upsert-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kinds = ['+I', '-U', '+U', '-D'];
const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

async function topicOf(messages: readonly Message[]): Promise<string> {
  const topic = await createTopic(servers.kafka, { partitions: 1 });
  await produce(
    servers.kafka,
    topic,
    messages.map(([key, value]) => ({ key, value, partition: 0 })),
  );
  return topic;
}

function table(name: string, columns: string, topic: string, options: string): string {
  return `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'upsert-kafka', 'topic' = '${topic}',
    'properties.bootstrap.servers' = '${servers.kafka}', ${options})`;
}

/** The rows that changes leave. */
function tableOf(changes: readonly Change[]): string[] {
  const rows: string[] = [];
  for (const [kind, ...row] of changes) {
    const line = JSON.stringify(row);
    if (kind === '+I' || kind === '+U') rows.push(line);
    else if (rows.includes(line)) rows.splice(rows.indexOf(line), 1);
    else throw new Error(`${kind} ${line} is not there`);
  }
  return rows.sort();
}

/** The last value of each key. */
function lastOf(records: readonly Message[]): Message[] {
  const last = [...new Map(records.map(([key, value]) => [key, value]))];
  return last.filter(([, value]) => value !== null).sort(([a], [b]) => (a! < b! ? -1 : 1));
}

servers.describe("'upsert-kafka' beside Flink's", () => {
  it.each(answers.sources)('reads: $title', async ({ columns, options, messages, queries }) => {
    const topic = await topicOf(messages);
    const ddl = table('u', columns, topic, `'scan.bounded.mode' = 'latest-offset', ${options}`);
    for (const { sql, exact, changes } of queries) {
      const answer = await evaluateQuery(`${ddl};\n${sql};`, { registry });
      if ('error' in answer) throw new Error(answer.error.message);
      const types = answer.fields.map((field) => field.type);
      const found = answer.rows.map((row, i): Change => [kinds[answer.kinds[i]!]!, ...rowTexts(types, row)]);
      if (exact === true) expect(found, sql).toEqual(changes);
      // A row that a filter lets pass only now is an update here, and new for Flink.
      else expect(tableOf(found), sql).toEqual(tableOf(changes));
    }
  });

  it.each(answers.sinks)('writes: $title', async ({ columns, options, insert, exact, records }) => {
    const rows = path.join(folder, 's.jsonl');
    writeFileSync(rows, answers.rows.map((row) => `${row}\n`).join(''));
    const json = "'key.format' = 'json', 'value.format' = 'json'";
    const read = `'scan.bounded.mode' = 'latest-offset', ${json}`;
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const text = [
      `CREATE TABLE s (id INT, k STRING, v INT, d DECIMAL(10, 2), ts TIMESTAMP(3)) WITH ('connector' = 'filesystem',
        'format' = 'json', 'path' = '${rows}')`,
      table('c', 'id INT, k STRING, v INT, PRIMARY KEY (id) NOT ENFORCED', await topicOf(answers.changes), read),
      table('u', columns, topic, options),
      insert,
    ]
      .map((statement) => `${statement};\n`)
      .join('');
    const job = check(
      { file: 'job.sql', text },
      { registry, variables: () => undefined, settings: new Map([['table.local-time-zone', 'UTC']]) },
    );
    expect(job.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    await run(job, { log, createTables: true, fresh: true, checkpointFolder: path.join(folder, topic) }).done;
    const written = (await readTopic(servers.kafka, topic)).map(({ key, value }): Message => [key, value]);
    if (exact === true) expect(written).toEqual(records);
    else expect(lastOf(written)).toEqual(lastOf(records));
  });
});
