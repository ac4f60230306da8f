import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
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

interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly { readonly run?: string; readonly uses?: string; readonly with?: object }[] }
    >
  >;
}

interface PreCommit {
  readonly repos: readonly {
    readonly repo: string;
    readonly hooks: readonly {
      readonly id: string;
      readonly name: string;
      readonly entry: string;
      readonly language: string;
      readonly files: string;
      readonly pass_filenames?: boolean;
    }[];
  }[];
}

const read = (file: string): unknown => parse(readFileSync(path.join('examples/ci', file), 'utf8'), { strict: true });

describe('examples/ci/github-actions.yml', () => {
  const workflow = read('github-actions.yml') as Workflow;
  const all = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const steps = all.flatMap(({ run }) => (run?.startsWith('npx') ? [run] : []));
  const [validate, fmt, test, sarif] = steps;

  it('is a workflow whose every step runs something, and that may upload what is found', () => {
    expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'jobs']);
    expect(workflow.permissions['security-events']).toBe('write');
    for (const step of all) expect([step.run, step.uses].filter((each) => each !== undefined)).toHaveLength(1);
    const upload = all.find(({ uses }) => uses?.startsWith('github/codeql-action/upload-sarif@'));
    expect(upload?.with).toEqual({ sarif_file: 'cryptopipe.sarif' });
    expect(steps.at(-1)).toContain('> cryptopipe.sarif');
  });

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
  const { repos } = read('pre-commit-config.yaml') as PreCommit;
  const hooks = repos.flatMap((each) => each.hooks);
  /** What pre-commit runs for a change of one job file. */
  const hook = (i: number) =>
    hooks[i]!.pass_filenames === false ? hooks[i]!.entry : `${hooks[i]!.entry} jobs/crypto_prices.sql`;

  it('has hooks that see the job files and pass for good ones', async () => {
    expect(repos.map(({ repo }) => repo)).toEqual(['local']);
    expect(hooks.map(({ language }) => language)).toEqual(['system', 'system', 'system']);
    for (const [i, { files }] of hooks.entries()) {
      expect(new RegExp(files).test('jobs/crypto_prices.sql')).toBe(true);
      expect(await shell(hook(i))).toMatchObject({ code: 0 });
    }
  });

  it('has hooks that stop a wrong one', async () => {
    spoil();
    expect((await shell(hook(0))).code).toBe(1);
    expect((await shell(hook(2))).code).toBe(1);
  });
});
