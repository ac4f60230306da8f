import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
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
import { loadConfiguration } from '../../bin/config/load.ts';
import { createProgram } from '../../bin/program.ts';
import { registry } from '../../connectors/index.ts';
import { check, renderDiagnostics } from '../../engine/index.ts';
import { BIN, runBin, startBin } from '../end-to-end/bin.ts';
import { freePort, until } from '../servers/index.ts';
import { type Block, readBlocks, shellCommands } from './examples.ts';

const pages = ['.', 'docs', 'engine', 'examples', 'jobs', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: folder !== '.', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => path.join(folder, name)),
);
const blocks = pages.flatMap(readBlocks);
const commands = blocks.flatMap((block) => (block.language === 'sh' ? shellCommands(block) : []));

const root = mkdtempSync(path.join(tmpdir(), 'cryptopipe-commands-'));
const project = path.join(root, 'project');
for (const name of ['jobs', 'examples/nexmark']) cpSync(name, path.join(project, name), { recursive: true });
mkdirSync(path.join(root, 'bin'));
writeFileSync(path.join(root, 'bin/cryptopipe'), `#!/bin/sh\nexec ${process.execPath} ${BIN} "$@"\n`);
chmodSync(path.join(root, 'bin/cryptopipe'), 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Commands that are run as they stand, in a folder with the jobs and examples, and what they print among other things. */
const run: Readonly<Record<string, string>> = {
  'cryptopipe validate jobs/*.sql': 'files checked, nothing found\n',
  'cryptopipe test': ' passed, 0 failed\n',
  'cryptopipe render --with-secrets jobs/crypto_prices.sql': "'connector' = 'jdbc'",
  'cryptopipe run --fresh examples/nexmark/q1.sql': '',
  'cat examples/nexmark/output/q1/*': '"auction":',
};

/** Commands of one session on the embedded servers, which stand in for those of the reader. */
const session = [
  'cryptopipe run --embedded jobs/*.sql',
  'cryptopipe run jobs/crypto_prices.sql',
  'cryptopipe run --port 8080 jobs/*.sql',
  'cryptopipe run --port 8080 jobs/crypto_prices.sql',
  'cryptopipe status',
  'cryptopipe stop crypto_prices',
];

const CI = 'this is what CI runs, and this test with it';
const VSCODE = 'npm install asks the registry; test/examples/vscode.test.ts builds the extension and asks it';

/** Commands that cannot run inside a test, with the reason. */
const notRun: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'installs this very folder and runs until stopped; test/end-to-end/demo.test.ts runs the demo',
  'npm ci && npm test': CI,
  'npm ci': CI,
  'npm run build': CI,
  'npm test': CI,
  'npx vitest run test/connectors': CI,
  'npm run format && npm run typecheck': 'writes into this very folder',
  'npm run benchmark -- first-row': 'measures for minutes',
  'cd examples/editor/vscode': VSCODE,
  'npm install': VSCODE,
  'ln -s "$PWD" ~/.vscode/extensions/cryptopipe': VSCODE,
  'KAFKA_BOOTSTRAP_SERVERS=kafka:9092 JDBC_URL=jdbc:postgresql://db:5432/prices JDBC_USER=me JDBC_PASSWORD=… cryptopipe run --create-tables jobs/crypto_prices.sql':
    'needs Kafka and PostgreSQL; test/end-to-end/crypto-prices.test.ts runs this job on them',
};

describe('blocks of Markdown', () => {
  it('are of languages that a test knows', () => {
    const known = ['console', 'sh', 'sql', 'text', 'yaml', 'lua', 'toml', 'json', 'mermaid', ''];
    expect(blocks.filter(({ language }) => !known.includes(language)).map(where)).toEqual([]);
  });

  it.each(blocks.filter(({ language }) => language === 'sh').map((block) => [where(block), block] as const))(
    '%s is shell',
    (_, { text }) => {
      execFileSync('bash', ['-n'], { input: text });
    },
  );

  it.each(
    blocks
      .filter(({ language, title }) => language === 'sql' && title === undefined)
      .map((block) => [where(block), block] as const),
  )('%s is SQL without mistakes', (_, { text }) => {
    const job = { file: 'job.sql', text };
    const { diagnostics } = check(job, { registry, variables: () => undefined });
    expect(renderDiagnostics([{ ...job, diagnostics }], 'text')).toBe('');
  });

  it.each(blocks.filter(({ language }) => language === 'yaml').map((block) => [where(block), block] as const))(
    '%s is a configuration without mistakes, in each of its profiles',
    async (_, { text }) => {
      const secret = path.join(root, 'secret');
      writeFileSync(secret, 'hunter2\n');
      const config = path.join(root, 'cryptopipe.yaml');
      writeFileSync(config, text.replaceAll('file:/run/secrets/postgres', `file:${secret}`));
      for (const profile of [undefined, ...[...text.matchAll(/^ {2}(\w+):(?=\n {4}variables)/gm)].map((m) => m[1]!)]) {
        const loaded = await loadConfiguration(profile === undefined ? { config } : { config, profile }, [], {});
        expect('configuration' in loaded ? [] : loaded.diagnostics).toEqual([]);
      }
    },
  );
});

describe('shell commands of Markdown', () => {
  it('are each run, or listed with the reason why not', () => {
    const known = [...Object.keys(run), ...session, ...Object.keys(notRun)];
    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
    expect(known.filter((command) => !commands.includes(command))).toEqual([]);
  });

  it.each(Object.entries(run))('%s', { timeout: 120_000 }, async (command, output) => {
    const env = { ...process.env, PATH: `${root}/bin${path.delimiter}${process.env.PATH}`, HOME: root, NO_COLOR: '1' };
    const said = await new Promise<string>((resolve, reject) => {
      execFile('sh', ['-c', command], { cwd: project, env, timeout: 110_000 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout + stderr);
        else reject(new Error(`${command}: ${error.message}\n${stdout}${stderr}`));
      });
    });
    expect(said).toContain(output);
  });

  it('that run, watch and stop a job do so on the embedded servers', { timeout: 120_000 }, async () => {
    const env = { HOME: root, XDG_RUNTIME_DIR: root };
    const port = await freePort();
    const jobs = readdirSync('jobs')
      .filter((name) => name.endsWith('.sql'))
      .map((name) => `jobs/${name}`);
    const job = startBin(['run', '--embedded', '--port', String(port), ...jobs], { cwd: project, env });
    try {
      await until(
        'the jobs to run',
        async () => (await runBin(['status'], { env })).stdout.includes('crypto_prices') || undefined,
        { timeout: 100_000, every: 1000 },
      );
      const { stdout } = await runBin(['status'], { env });
      for (const name of jobs) expect(stdout).toContain(path.basename(name, '.sql'));
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
      expect(await runBin(['stop', 'crypto_prices'], { env })).toMatchObject({ code: 0 });
      expect(await job.exited).toBe(0);
    } finally {
      await job.end('SIGKILL').catch(() => {});
    }
  });
});

describe('command lines of cryptopipe', () => {
  // The reference of commands is made from the program itself.
  const inText = pages
    .filter((page) => page !== 'docs/reference/commands.md')
    .flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/`(cryptopipe [a-z][^`\n]*)`/g)].map((found) => found[1]!),
    );
  const written = [...commands, ...blocks.flatMap(consoleCommands), ...inText].flatMap((line) => {
    const found = /(?:^|\s)cryptopipe ([^|>&]*)/.exec(line);
    return found === null ? [] : [found[1]!.replaceAll('…', '').replaceAll(' CONNECTOR', ' kafka').trim()];
  });

  it.each([...new Set(written)])('%s has commands and flags that there are', (line) => {
    const words = [...line.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map((found) => found[0].replaceAll(/^["']|["']$/g, ''));
    const program = createProgram();
    program.configureOutput({ writeErr: () => {}, writeOut: () => {} });
    for (const command of program.commands) {
      command.action(() => {}).configureOutput({ writeErr: () => {}, writeOut: () => {} });
      // Of a command that is only named, or shortened by '…', the flags count.
      for (const argument of command.registeredArguments) argument.argOptional();
    }
    program.parse(words, { from: 'user' });
  });
});

function where({ file, line }: Block): string {
  return `${file}:${line}`;
}

function consoleCommands({ language, text }: Block): string[] {
  return language !== 'console'
    ? []
    : text.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []));
}

it('the example of an editor starts the language server by its command', () => {
  const editors = blocks.filter(({ language }) => language === 'lua' || language === 'toml');
  expect(editors.length).toBe(2);
  for (const { text } of editors) expect(text).toMatch(/'cryptopipe', 'lsp'|command = "cryptopipe"\nargs = \["lsp"\]/);
  expect(existsSync('examples/editor/vscode/package.json')).toBe(true);
});
