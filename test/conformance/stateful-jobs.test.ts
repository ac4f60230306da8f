import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { evaluateQuery, rowTexts } from '../../engine/testing/evaluate.ts';
import { RowKind } from '../../engine/types/batch.ts';

/**
 * The queries of jobs with state, and the final tables that Apache Flink 2.2.1 gave for them in streaming mode: those of
 * `expected-streaming.jsonl`. Jobs that Flink rejects in streaming mode, or whose answer differs from run to run, have
 * none. What is not supported yet is counted, what answers otherwise fails.
 */
const given =
  process.env.CRYPTOPIPE_CONFORMANCE ?? path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'conformance');
const folder = existsSync(path.join(given, 'jobs')) ? path.join(given, 'jobs') : path.join(import.meta.dirname, 'jobs');
const stateful = readdirSync(folder)
  .sort()
  .filter((name) => existsSync(path.join(folder, name, 'expected-streaming.jsonl')));

const agreed: string[] = [];
const unsupported: string[] = [];
afterAll(() => {
  const told = `${agreed.length} of ${stateful.length} stateful jobs answer what Flink answers`;
  console.info(unsupported.length === 0 ? told : `${told}; not supported yet: ${unsupported.join(', ')}`);
});

test.runIf(stateful.length > 0).each(stateful)('%s', async (name) => {
  const text = readFileSync(path.join(folder, name, 'job.sql'), 'utf8');
  const query = text.replace(/INSERT\s+INTO\s+\w+/i, '');
  const answer = await evaluateQuery(query, {
    registry,
    variables: (key) => (key === 'DIR' ? path.join(folder, name, 'inputs') : '/nowhere'),
  });
  if ('error' in answer) {
    expect(answer.error.message).toMatch(/^unsupported: /);
    unsupported.push(name);
    return;
  }
  const types = answer.fields.map((field) => field.type);
  const table: string[] = [];
  answer.rows.forEach((row, i) => {
    const line = JSON.stringify(rowTexts(types, row));
    const kind = answer.kinds[i]!;
    if (kind === RowKind.insert || kind === RowKind.updateAfter) table.push(line);
    else {
      const at = table.indexOf(line);
      expect(at, `a row is taken back that is not there: ${line}`).toBeGreaterThanOrEqual(0);
      table.splice(at, 1);
    }
  });
  const expected = readFileSync(path.join(folder, name, 'expected-streaming.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.stringify(Object.values(JSON.parse(line) as Readonly<Record<string, unknown>>)));
  expect(table.sort()).toEqual(expected.sort());
  agreed.push(name);
});
