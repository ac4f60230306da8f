import { execFile, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../servers/index.ts';

const run = promisify(execFile);

const JOB = `
CREATE TABLE ticks (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '3',
  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '3');
CREATE TABLE printed (id BIGINT) WITH ('connector' = 'print');
INSERT INTO printed SELECT id * 10 FROM ticks;
`;

describe('the package, installed in an empty folder', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'cryptopipe-package-'));
  const empty = path.join(root, 'empty');
  let packed: { filename: string; size: number; unpackedSize: number; files: { path: string }[] };
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  beforeAll(async () => {
    // Without scripts: dist/ is what this test run was built from, and other tests are running it.
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', root]);
    const answer = JSON.parse(stdout) as (typeof packed)[] | Record<string, typeof packed>;
    packed = Object.values(answer)[0]!;
    await run(
      'npm',
      ['install', '--prefix', empty, '--prefer-offline', '--omit=dev', path.join(root, packed.filename)],
      {
        cwd: root,
      },
    );
    writeFileSync(path.join(empty, 'job.sql'), JOB);
    writeFileSync(path.join(empty, 'wrong.sql'), JOB.replace("'connector' = 'print'", "'connector' = 'prin'"));
  });

  const npx = (...args: string[]) => run('npx', ['--no-install', 'cryptopipe', ...args], { cwd: empty });

  it('holds what is needed to run and to read, and nothing else', () => {
    const tops = new Set(packed.files.map((file) => file.path.split('/')[0]));
    expect([...tops].sort()).toEqual(['LICENSE', 'README.md', 'dist', 'jobs', 'package.json']);
    expect(packed.files.filter((file) => /\.(ts|map|tsbuildinfo)$|test/.test(file.path))).toEqual([]);
    expect(packed.files.map((file) => file.path).filter((name) => /^dist\/(?!bin\/)/.test(name))).toEqual([]);
  });

  it('is small', () => {
    expect(packed.size).toBeLessThan(1_000_000);
    expect(packed.unpackedSize).toBeLessThan(4_000_000);
  });

  it('tells its version', async () => {
    expect((await npx('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('validates', async () => {
    await expect(npx('validate', 'job.sql')).resolves.toBeDefined();
    await expect(npx('validate', 'wrong.sql')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'prin'") as unknown,
    });
  });

  it('validates and renders the jobs it ships with', async () => {
    const jobs = path.join(empty, 'node_modules/cryptopipe/jobs');
    const files = readdirSync(jobs).filter((name) => name.endsWith('.sql'));
    expect(files).toContain('crypto_prices.sql');
    await expect(npx('validate', ...files.map((name) => path.join(jobs, name)))).resolves.toBeDefined();
    const rendered = await npx('render', '--with-secrets', path.join(jobs, 'crypto_prices.sql'));
    expect(rendered.stdout).toContain("'properties.bootstrap.servers' = 'localhost:9092'");
  });

  it('runs a bounded job to its end', async () => {
    expect((await npx('run', 'job.sql')).stdout).toBe('+I[10]\n+I[20]\n+I[30]\n');
  });

  it('runs the demo: its embedded servers live in threads with files of their own', { timeout: 60_000 }, async () => {
    const demo = spawn(process.execPath, [path.join(empty, 'node_modules/.bin/cryptopipe'), 'demo'], { cwd: empty });
    let said = '';
    for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const exited = new Promise((resolve) => demo.once('exit', (code, signal) => resolve(signal ?? code)));
    await until('a price', () => /BTC [\d,]+\.\d+/.test(said), { timeout: 40_000 })
      .catch((error: Error) => {
        throw new Error(`${error.message}\n${said}`);
      })
      .finally(() => demo.kill('SIGINT'));
    expect(await exited).toBe(0);
  });

  it.runIf(process.getuid?.() === 0)('runs for an ordinary user in a folder that is not theirs to write', async () => {
    const nobody = 65_534;
    chownSync(root, nobody, nobody); // mkdtemp's folder is for its owner alone: passing through is all that is given
    const bin = path.join(empty, 'node_modules/.bin/cryptopipe');
    const ran = await run(process.execPath, [bin, 'run', 'job.sql'], { cwd: empty, uid: nobody, gid: nobody });
    expect(ran.stdout).toBe('+I[10]\n+I[20]\n+I[30]\n');
  });
});
