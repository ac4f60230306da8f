import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBin } from '../end-to-end/bin.ts';

const run = promisify(execFile);

function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** In bash and zsh, what the completion function offers for these words, the last one unfinished. */
const ask = (words: readonly string[]) =>
  `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _cryptopipe; printf '%s\\n' "\${COMPREPLY[@]}"`;

const shells = {
  bash: { args: ['--norc', '-c'], load: (file: string) => `source ${file}`, ask },
  zsh: {
    args: ['-f', '-c'],
    load: (file: string) => `source ${file}; setopt ksharrays shwordsplit`,
    ask,
  },
  fish: {
    args: ['--no-config', '-c'],
    load: (file: string) => `source ${file}`,
    ask: (words: readonly string[]) => `complete -C '${words.join(' ')}' | string split -f1 \\t; true`,
  },
} as const;

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-completion-'));
  const file = path.join(folder, `completion.${shell}`);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    writeFileSync(file, (await runBin(['completion', shell])).stdout);
  });

  const here = has(shell);
  if (!here) console.info(`${shell} is not installed: its completion is not tested`);
  const offers = async (...words: string[]) => {
    const { args, load, ask: question } = shells[shell];
    const { stdout } = await run(shell, [...args, `${load(file)}\n${question(words)}`], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    });
    // zsh itself leaves out what does not begin with the unfinished word.
    return stdout.split('\n').filter((line) => line !== '' && line.startsWith(words.at(-1)!));
  };

  it.runIf(here)('completes commands', async () => {
    expect(await offers('cryptopipe', 'va')).toEqual(['validate']);
    expect(await offers('cryptopipe', '')).toContain('completion');
  });

  it.runIf(here)('completes the flags of a command', async () => {
    expect(await offers('cryptopipe', 'fmt', '--c')).toEqual(['--check']);
    expect(await offers('cryptopipe', 'validate', '--')).not.toContain('--check');
  });

  it.runIf(here)('completes the values of a flag and of an argument', async () => {
    expect(await offers('cryptopipe', 'explain', '--format', 'm')).toEqual(['mermaid']);
    expect(await offers('cryptopipe', 'completion', 'f')).toEqual(['fish']);
  });
});
