import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BIN } from '../end-to-end/bin.ts';
import { outputPattern, readPage } from './examples.ts';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'engine/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const root = mkdtempSync(path.join(tmpdir(), 'cryptopipe-docs-'));
const bin = path.join(root, 'bin');
mkdirSync(bin);
writeFileSync(path.join(bin, 'cryptopipe'), `#!/bin/sh\nexec ${process.execPath} ${BIN} "$@"\n`);
chmodSync(path.join(bin, 'cryptopipe'), 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(pages)('%s', (file) => {
  const page = readPage(file);
  const folder = path.join(root, file.replaceAll('/', '-'));
  mkdirSync(folder);
  for (const { name, text } of page.files) writeFileSync(path.join(folder, name), text);

  for (const session of page.sessions) {
    it(`line ${session.line}: prints what it says`, async () => {
      for (const { command, output } of session.commands) {
        expect(await shell(command, folder), `$ ${command}`).toMatch(outputPattern(output));
      }
    });
  }

  it('leads to files that are there', () => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(path.join(path.dirname(file), link)))).toEqual([]);
  });
});

describe('README.md', () => {
  it('names commands that package.json has', () => {
    const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;
    const named = ['README.md', 'CONTRIBUTING.md'].flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(/npm (?:run )?(start|test|build|format|typecheck|lint|benchmark)\b/g),
      ].map((match) => match[1]!),
    );
    expect(new Set(named)).toContain('start');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

/** What a command prints; what it logs, on standard error, only where it fails. */
function shell(command: string, cwd: string): Promise<string> {
  const env = { PATH: `${bin}${path.delimiter}${process.env.PATH}`, HOME: root, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(error === null ? stdout : stdout + stderr);
    });
  });
}
