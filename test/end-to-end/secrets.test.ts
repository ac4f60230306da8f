import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, it } from 'vitest';
import { crashOnFile } from '../operations/crash.ts';
import { servedUrl } from '../operations/heard.ts';
import { createTopic, freePort, need, produce, until } from '../servers/index.ts';
import { BIN, runBin } from './bin.ts';
import { setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

/** Planted: each stands somewhere in the job, none may ever be printed. */
const planted = {
  jdbc: 'planted-jdbc-password',
  url: 'planted%2Durl%2Dpassword',
  jaas: 'planted-jaas-password',
  key: 'planted-key-passphrase',
  api: 'planted-api-secret',
  variable: 'planted-variable',
};

servers.describe('secrets', () => {
  it('are in nothing that the program prints, whatever goes wrong', { timeout: 300_000 }, async () => {
    const scene = await setScene(servers.postgres);
    const topic = await createTopic(servers.kafka);
    await produce(servers.kafka, topic, [{ value: '{"id":1,"text":"one"}' }, { value: 'no json' }]);
    const strange = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => strange.listen(0, '127.0.0.1', resolve));
    scene.after(async () => strange.close());
    const { port } = strange.address() as { port: number };
    const nobody = await freePort();
    const host = new URL(scene.database.url).host;
    const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="${planted.jaas}";`;

    const job = (kafka: string, postgres: string, more = '') => `
CREATE TABLE ticks (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}',
  'properties.bootstrap.servers' = '${kafka}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json',
  'properties.security.protocol' = 'SASL_PLAINTEXT', 'properties.sasl.mechanism' = 'PLAIN',
  'properties.ssl.key.password' = '${planted.key}', 'properties.sasl.jaas.config' = '${jaas}');
CREATE TABLE prices (symbol STRING, price DOUBLE) WITH ('connector' = 'binance', 'symbols' = 'BTCUSDT',
  'rest-url' = 'http://127.0.0.1:${nobody}', 'api-secret' = '${planted.api}', 'api-key' = '${planted.api}');
CREATE TABLE kept (id BIGINT, text STRING) WITH ('connector' = 'jdbc', 'table-name' = 'kept',
  'url' = 'jdbc:postgresql://${postgres}/nowhere?sslpassword=${planted.url}&password=${planted.url}',
  'username' = 'nobody', 'password' = '${planted.jdbc}');
CREATE TABLE other (id BIGINT, text STRING) WITH ('connector' = 'jdbc', 'table-name' = 'kept',
  'url' = 'jdbc:postgresql://${postgres}/nowhere', 'username' = 'nobody', 'password' = '\${SECRET}');
${more}
INSERT INTO kept SELECT id, text FROM ticks;
INSERT INTO other SELECT id, text FROM ticks;
`;
    const unreachable = `127.0.0.1:${nobody}`;
    const good = scene.write('good.sql', job(unreachable, host));
    const base = job(unreachable, host);
    // On the secret's own line, in the '=' before it, in the comma before it, in the secret itself.
    const wrong = {
      'column.sql': job(unreachable, host, 'INSERT INTO kept SELECT nothing FROM ticks;'),
      'option.sql': base.replace("'username' = 'nobody', 'p", "'usrname' = 'nobody', 'p"),
      'equals.sql': base.replace("'password' = 'planted", "'password' 'planted"),
      'comma.sql': base.replace("'username' = 'nobody', 'p", "'username' = 'nobody' 'p"),
      'jaas.sql': base.replace('required username', 'username'),
      'url.sql': base.replace('jdbc:postgresql:', 'jdbc:postgres:'),
      'module.sql': base.replace('PlainLoginModule', 'ScramLoginModule'),
    };
    const env = { SECRET: planted.variable, XDG_RUNTIME_DIR: scene.folder };
    const printed: { command: string; text: string }[] = [];
    const command = async (...args: string[]) => {
      const { stdout, stderr, code } = await runBin(args, { env, cwd: scene.folder });
      printed.push({ command: args.join(' '), text: `${stdout}\n${stderr}` });
      return code;
    };
    for (const [name, text] of Object.entries(wrong)) scene.write(name, text);
    const files = Object.keys(wrong);
    for (const format of ['text', 'json', 'github', 'sarif']) {
      expect(await command('validate', '--format', format, ...files)).toBe(1);
    }
    expect(await command('validate', '--connect', good)).toBe(1);
    for (const stage of ['raw', 'optimized', 'code']) await command('explain', '--stage', stage, good);
    for (const format of ['json', 'mermaid']) await command('explain', '--format', format, good);
    expect(await command('fmt', '--check', 'equals.sql', 'comma.sql')).toBe(1);
    scene.write(
      'cryptopipe.yaml',
      `variables: { SECRET: "${planted.variable}" }
jobs: { good: { files: [good.sql], tables: { kept: { password: "${planted.jdbc}" } } } }
alerts: { receivers: { ops: { url: "https://hooks.example/${planted.api}" } } }`,
    );
    for (const format of ['text', 'json']) expect(await command('config', '--format', format)).toBe(0);
    expect(await command('run', 'nothing', '--config', 'cryptopipe.yaml')).not.toBe(0);
    rmSync(path.join(scene.folder, 'cryptopipe.yaml'));
    // What an editor is told of each file.
    printed.push({ command: 'lsp', text: await editorHears([base, ...Object.values(wrong)], scene.folder, env) });
    await command('render', good);
    await command('query', '-f', scene.write('query.sql', `${base.split('INSERT')[0]}\nSHOW CREATE TABLE kept;`));
    expect(await command('run', ...files)).toBe(1);
    expect(await command('run', good)).toBe(3); // The login is refused.

    // Servers that are away or speak something else: runs that go on until they are stopped.
    for (const [name, server] of [
      ['away.sql', unreachable],
      ['strange.sql', `127.0.0.1:${port}`],
    ] as const) {
      const bin = scene.start(['run', '--log-level', 'debug', '--port', '0', scene.write(name, job(server, server))], {
        ...env,
        NODE_OPTIONS: crashOnFile('main', `no ${planted.jdbc}`),
      });
      const url = await servedUrl(bin);
      await until('a reason', () => bin.stderr.includes('restarting'));
      for (const what of ['/status', '/metrics', '/readyz', '/dashboard/history', '/dashboard/events']) {
        printed.push({ command: `${name}${what}`, text: await beginning(`${url}${what}`) });
      }
      for (const format of ['text', 'json']) expect(await command('status', '--format', format)).toBe(0);
      if (name === 'away.sql') await bin.end('SIGTERM');
      else {
        // A mistake in the program itself, whose message holds a secret.
        scene.write('crash', '');
        expect(await bin.exited).toBe(3);
        expect(bin.stderr).toContain('"reason":"Error: no ***');
      }
      printed.push({ command: `run ${name}`, text: bin.stdout + bin.stderr });
    }
    for (const { command: what, text } of printed) {
      expect(text.trim(), what).not.toBe('');
      for (const secret of Object.values(planted).flatMap((s) => [s, decodeURIComponent(s)])) {
        expect(text.includes(secret) ? `${what} prints ${secret}:\n${text}` : '').toBe('');
      }
    }
  });
});

/** What an address answers within its first moments: some never end. */
async function beginning(url: string): Promise<string> {
  const response = await fetch(url);
  const reader = response.body!.getReader();
  let text = `${response.status} `;
  const timer = setTimeout(() => void reader.cancel(), 1000);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  clearTimeout(timer);
  return text;
}

/** All that a language server writes about these texts. */
async function editorHears(texts: readonly string[], cwd: string, env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [BIN, 'lsp', '--stdio'], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  let heard = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      heard += part.toString();
    });
  }
  const say = (message: Readonly<Record<string, unknown>>) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  say({ id: 1, method: 'initialize', params: { processId: process.pid, rootUri: null, capabilities: {} } });
  say({ method: 'initialized', params: {} });
  texts.forEach((text, i) => {
    const uri = `file:///job-${i}.sql`;
    say({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'sql', version: 1, text } } });
  });
  await until('a word on each', () => texts.every((_, i) => heard.includes(`file:///job-${i}.sql`)));
  child.kill();
  return heard;
}

servers.describe('names that look like statements', () => {
  it('are names, from CREATE TABLE to the last row', async () => {
    const scene = await setScene(servers.postgres);
    const { jdbcUrl, user, password } = scene.database;
    await scene.database.query('CREATE TABLE x (a int)');
    const table = '"; DROP TABLE x; --';
    const column = `a"b'; --`;
    const option = `fields.${column.replaceAll("'", "''")}`;
    const file = scene.write(
      'names.sql',
      `
CREATE TABLE \`src"; --\` (\`${column}\` BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '3',
  '${option}.kind' = 'sequence', '${option}.start' = '1', '${option}.end' = '3');
CREATE TABLE \`${table}\` (\`${column}\` BIGINT, \`k;y\` STRING, PRIMARY KEY (\`k;y\`) NOT ENFORCED) WITH (
  'connector' = 'jdbc', 'url' = '${jdbcUrl}', 'username' = '${user}', 'password' = '${password}',
  'table-name' = '${table}', 'checkpoint-table' = '"p""; --"');
INSERT INTO \`${table}\` SELECT \`${column}\`, CAST(\`${column}\` AS STRING) FROM \`src"; --\`;`,
    );
    const { code, stderr } = await runBin(['run', '--create-tables', file], { cwd: scene.folder });
    expect(stderr).not.toMatch(/"level":"error"|error\[/);
    expect(code).toBe(0);
    expect(await scene.database.query('SELECT * FROM """; DROP TABLE x; --" ORDER BY 1')).toEqual(
      ['1', '2', '3'].map((n) => ({ [column]: n, 'k;y': n })),
    );
    expect(await scene.database.query('SELECT count(*)::int AS n FROM x')).toEqual([{ n: 0 }]);
    expect(await scene.database.query(`SELECT count(*)::int AS n FROM "p""; --" WHERE source <> ''`)).toEqual([
      { n: 1 },
    ]);
  });
});
