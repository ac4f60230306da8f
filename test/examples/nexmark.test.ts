import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check, type Log, run } from '../../engine/index.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', 'examples', 'nexmark');
const scratch = mkdtempSync(path.join(tmpdir(), 'cryptopipe-nexmark-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

const queries = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.slice(0, -'.sql'.length));

describe('Nexmark', () => {
  it('has the stateless queries of the benchmark', () => {
    expect(queries.sort()).toEqual(['q0', 'q1', 'q14', 'q2', 'q21', 'q22']);
  });

  it.each(queries)('%s writes what Flink 2.2.1 writes', async (query) => {
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
    const lines = readdirSync(output).flatMap((part) => linesOf(path.join(output, part)));
    expect(lines.sort()).toEqual(linesOf(path.join(folder, 'expected', `${query}.jsonl`)).sort());
  });

  it('generates the same events again', () => {
    const script = path.join(scratch, 'generate.mjs');
    copyFileSync(path.join(folder, 'generate.js'), script);
    execFileSync(process.execPath, [script]);
    const events = readFileSync(path.join(scratch, 'inputs', 'events.jsonl'), 'utf8');
    expect(events).toBe(readFileSync(path.join(folder, 'inputs', 'events.jsonl'), 'utf8'));
  });
});

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}
