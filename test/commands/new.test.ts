import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newJob, newSinks, newSources } from '../../bin/new-job.ts';
import { memory, registry } from '../../connectors/index.ts';
import { check, format, runTestFile } from '../../engine/index.ts';
import { runBin } from '../end-to-end/bin.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-new-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('templates of new jobs', () => {
  it.each(newSources.flatMap((from) => newSinks.map((to) => [from, to] as const)))('%s → %s', async (from, to) => {
    const { sql, test } = newJob('prices', from, to);
    const { diagnostics } = check({ file: 'prices.sql', text: sql }, { registry, variables: () => undefined });
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
    expect(format(sql).text).toBe(sql);
    const { results } = await runTestFile(test, { registry, memory, read: () => sql });
    expect(results.map(({ passed, actual }) => [passed, actual])).toEqual([[true, expect.any(String)]]);
  });
});

describe('cryptopipe new', () => {
  it('writes a job and its test, and never over a file', async () => {
    expect(await runBin(['new', 'first', '--to', 'print'], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: `wrote ${path.join('jobs', 'first.sql')}\nwrote ${path.join('jobs', 'first.test.slt')}\n`,
    });
    const written = readFileSync(path.join(folder, 'jobs/first.sql'), 'utf8');
    expect(await runBin(['new', 'first'], { cwd: folder })).toMatchObject({ code: 2 });
    expect(readFileSync(path.join(folder, 'jobs/first.sql'), 'utf8')).toBe(written);
    expect((await runBin(['test'], { cwd: folder })).stdout).toBe('1 passed, 0 failed\n');
  });

  it('refuses names that are none, and connectors it has no template for', async () => {
    expect((await runBin(['new', '../x'], { cwd: folder })).code).toBe(2);
    const { code, stderr } = await runBin(['new', 'x', '--from', 'kafak'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('kafka');
  });
});

describe('cryptopipe ddl', () => {
  it('prints what the sinks write to', async () => {
    const { code, stdout } = await runBin(['ddl', 'jobs/crypto_prices.sql']);
    expect(code).toBe(0);
    expect(stdout).toContain('CREATE SCHEMA IF NOT EXISTS "machine";');
    expect(stdout).toMatch(/CREATE TABLE IF NOT EXISTS "machine"\."crypto_prices" \(\n {2}"symbol" \w+ NOT NULL,/);
    expect(stdout).toContain('PRIMARY KEY ("symbol", "topic")');
  });

  it('says where there is no such sink', async () => {
    expect(await runBin(['ddl', 'jobs/binance_to_kafka.sql'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('cryptopipe fmt', () => {
  it('formats standard input to standard output', async () => {
    expect(await runBin(['fmt', '-'], { input: 'select 1' })).toMatchObject({ code: 0, stdout: 'SELECT 1;\n' });
  });

  it('only names files with --check', async () => {
    expect(await runBin(['fmt', '--check', 'jobs/crypto_prices.sql'])).toMatchObject({ code: 0, stdout: '' });
    const { code, stdout } = await runBin(['fmt', '--check', '-'], { input: 'select 1' });
    expect([code, stdout]).toEqual([1, '<stdin>: not formatted\n']);
  });

  it('tells mistakes of grammar and writes nothing', async () => {
    const { code, stdout, stderr } = await runBin(['fmt', '-'], { input: 'SELECT FROM' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error[');
  });
});
