import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { BIN } from '../end-to-end/bin.ts';

const root = mkdtempSync(path.join(tmpdir(), 'cryptopipe-ci-'));
const bin = path.join(root, 'bin');
const project = path.join(root, 'project');
mkdirSync(bin);
// What `npx` does in a project that has the package.
writeFileSync(path.join(bin, 'npx'), `#!/bin/sh\nshift\nexec ${process.execPath} ${BIN} "$@"\n`);
chmodSync(path.join(bin, 'npx'), 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project);
  cpSync('jobs', path.join(project, 'jobs'), { recursive: true });
});

function shell(command: string): Promise<{ code: number; output: string }> {
  const env = { PATH: `${bin}${path.delimiter}${process.env.PATH}`, HOME: root };
  return new Promise((resolve) => {
    execFile('sh', ['-e', '-c', command], { cwd: project, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

const spoil = () => {
  const file = path.join(project, 'jobs/crypto_prices.sql');
  writeFileSync(file, readFileSync(file, 'utf8').replace('SELECT symbol, price', 'select symbol, prise'));
};

/** The values of a key, in the order of the file: these files are flat enough to be read line by line. */
function valuesOf(file: string, key: string): string[] {
  const lines = readFileSync(path.join('examples/ci', file), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const found = new RegExp(`^\\s*(?:- )?${key}: (.*)$`).exec(line);
    return found === null ? [] : [found[1]!];
  });
}

describe('examples/ci/github-actions.yml', () => {
  const steps = valuesOf('github-actions.yml', 'run').filter((command) => command.startsWith('npx'));
  const [validate, fmt, test, sarif] = steps;

  it('has steps that pass for good jobs', async () => {
    expect(steps.length).toBe(4);
    for (const step of steps) expect({ step, ...(await shell(step)) }).toMatchObject({ step, code: 0 });
    expect(readFileSync(path.join(project, 'results.xml'), 'utf8')).toContain('failures="0"');
    expect(JSON.parse(readFileSync(path.join(project, 'cryptopipe.sarif'), 'utf8'))).toMatchObject({
      version: '2.1.0',
    });
  });

  it('has steps that fail for a wrong one, with the mistake at its line', async () => {
    spoil();
    const checked = await shell(validate!);
    expect(checked.code).toBe(1);
    expect(checked.output).toMatch(/^::error file=jobs\/crypto_prices\.sql,line=\d+/m);
    expect((await shell(fmt!)).code).toBe(1);
    expect((await shell(test!)).code).toBe(1);
    expect((await shell(sarif!)).code).toBe(0);
    expect(readFileSync(path.join(project, 'cryptopipe.sarif'), 'utf8')).toContain('unknown-column');
  });
});

describe('examples/ci/pre-commit-config.yaml', () => {
  const entries = valuesOf('pre-commit-config.yaml', 'entry');
  const files = valuesOf('pre-commit-config.yaml', 'files');
  const hook = (i: number) =>
    entries[i]!.endsWith('test jobs') ? entries[i]! : `${entries[i]} jobs/crypto_prices.sql`;

  it('has hooks that see the job files and pass for good ones', async () => {
    expect(entries.length).toBe(3);
    for (const [i, pattern] of files.entries()) {
      expect(new RegExp(pattern).test('jobs/crypto_prices.sql')).toBe(true);
      expect(await shell(hook(i))).toMatchObject({ code: 0 });
    }
  });

  it('has hooks that stop a wrong one', async () => {
    spoil();
    expect((await shell(hook(0))).code).toBe(1);
    expect((await shell(hook(2))).code).toBe(1);
  });
});
