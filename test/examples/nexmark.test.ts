import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { isRetraction } from '../../engine/functions/aggregate.ts';
import { check, type Log, run } from '../../engine/index.ts';
import { evaluateQuery, rowTexts } from '../../engine/testing/evaluate.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', 'examples', 'nexmark');
const scratch = mkdtempSync(path.join(tmpdir(), 'cryptopipe-nexmark-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

const queries = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.slice(0, -'.sql'.length));
const stateless = ['q0', 'q1', 'q2', 'q10', 'q14', 'q21', 'q22'];
/** By the clock, and beside a table of PostgreSQL: their tests are q12.test.slt and q13.test.slt. */
const beside = ['q12', 'q13'];
const stateful = queries.filter((name) => ![...stateless, ...beside].includes(name));

describe('Nexmark', () => {
  it('has these queries of the benchmark', () => {
    const numbers = queries.map((name) => Number(name.slice(1))).sort((a, b) => a - b);
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]);
  });

  it.each(stateless)('%s writes what Flink 2.2.1 writes', async (query) => {
    const places: Readonly<Record<string, string>> = { DIR: path.join(folder, 'inputs'), OUT: scratch };
    const file = path.join(folder, `${query}.sql`);
    const job = check(
      { file, text: readFileSync(file, 'utf8') },
      { registry, variables: (name) => places[name], settings: new Map([['table.local-time-zone', 'UTC']]) },
    );
    expect(job.diagnostics).toEqual([]);
    const checkpointFolder = path.join(scratch, 'checkpoints');
    await run(job, { log, createTables: false, fresh: true, checkpointFolder }).done;

    const output = path.join(scratch, query);
    const lines = filesBelow(output).flatMap((file) => {
      const partition = path.dirname(file);
      return linesOf(path.join(output, file)).map((line) => (partition === '.' ? line : `${partition} ${line}`));
    });
    expect(lines.sort()).toEqual(linesOf(path.join(folder, 'expected', `${query}.jsonl`)).sort());
  });

  it.each(stateful)('%s leaves the table that Flink 2.2.1 leaves in streaming mode', async (query) => {
    const file = path.join(folder, `${query}.sql`);
    const text = readFileSync(file, 'utf8');
    const variables = (name: string) => (name === 'DIR' ? path.join(folder, 'inputs') : undefined);
    expect(check({ file, text }, { registry, variables, settings: new Map() }).diagnostics).toEqual([]);
    const answer = await evaluateQuery(text.replace(/INSERT INTO q\d+/, ''), { registry, variables });
    if ('error' in answer) throw new Error(answer.error.message);
    const types = answer.fields.map((field) => field.type);
    const table: string[] = [];
    answer.rows.forEach((row, i) => {
      const line = JSON.stringify(rowTexts(types, row));
      if (!isRetraction(answer.kinds[i]!)) {
        table.push(line);
        return;
      }
      expect(table, 'taken back without being there').toContain(line);
      table.splice(table.indexOf(line), 1);
    });
    expect(table.sort()).toEqual(linesOf(path.join(folder, 'expected', `${query}.jsonl`)).sort());
  });

  it('q12 counts each bid once, in whichever windows of the clock', async () => {
    const text = readFileSync(path.join(folder, 'q12.sql'), 'utf8').replace('INSERT INTO q12', '');
    const variables = (name: string) => (name === 'DIR' ? path.join(folder, 'inputs') : undefined);
    const answer = await evaluateQuery(text, { registry, variables });
    if ('error' in answer) throw new Error(answer.error.message);
    const told = new Map<string, number>();
    for (const [bidder, count] of answer.rows) {
      told.set(String(bidder), (told.get(String(bidder)) ?? 0) + Number(count));
    }
    const bids = new Map<string, number>();
    for (const line of linesOf(path.join(folder, 'inputs', 'events.jsonl'))) {
      const { bid } = JSON.parse(line) as { readonly bid?: { readonly bidder: number } };
      if (bid !== undefined) bids.set(`${bid.bidder}`, (bids.get(`${bid.bidder}`) ?? 0) + 1);
    }
    expect([...told].sort()).toEqual([...bids].sort());
  });

  it('generates the same events again', () => {
    const script = path.join(scratch, 'generate.mjs');
    copyFileSync(path.join(folder, 'generate.js'), script);
    execFileSync(process.execPath, [script]);
    const events = readFileSync(path.join(scratch, 'inputs', 'events.jsonl'), 'utf8');
    expect(events).toBe(readFileSync(path.join(folder, 'inputs', 'events.jsonl'), 'utf8'));
  });
});

/** Paths below a folder. */
function filesBelow(output: string): string[] {
  return readdirSync(output, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(output, path.join(entry.parentPath, entry.name)));
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}
