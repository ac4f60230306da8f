import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { metricDeclarations } from '../../bin/serve/metrics.ts';
import type { ProcessReport } from '../../bin/serve/report.ts';
import { BIN, type RunningBin, runBin, startBin } from '../end-to-end/bin.ts';

const job = `
SET 'pipeline.name' = 'serve-test';
CREATE TABLE numbers (id BIGINT, name STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '200');
CREATE TABLE nothing (id BIGINT, name STRING) WITH ('connector' = 'blackhole');
INSERT INTO nothing SELECT id, name FROM numbers;
`;

let running: RunningBin | undefined;

afterEach(async () => {
  await running?.end('SIGTERM');
  running = undefined;
});

function write(): { folder: string; file: string; env: Record<string, string> } {
  const folder = mkdtempSync(path.join(tmpdir(), 'serve-'));
  const file = path.join(folder, 'job.sql');
  writeFileSync(file, job);
  return { folder, file, env: { XDG_RUNTIME_DIR: folder } };
}

/** Starts the job with a server; its address is the one that the log tells. */
async function start(args: readonly string[], env: Record<string, string>, cwd: string): Promise<string> {
  running = startBin(['run', ...args, '--port', '0'], { env, cwd });
  for (;;) {
    const url = /"url":"([^"]+)"/.exec(running.stderr)?.[1];
    if (url !== undefined) return url;
    await sleep(20);
  }
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await check()) return;
    await sleep(25);
  }
  throw new Error('it never came true');
}

test('health, readiness and metrics of a running job', async () => {
  const { folder, file, env } = write();
  const url = await start([file], env, folder);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await eventually(async () => (await fetch(`${url}/readyz`)).status === 200);
  const read = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^cryptopipe_rows_read_total\{.*table="numbers".*\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  const before = await read();
  await eventually(async () => (await read()) > before + 20);
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toContain('# TYPE cryptopipe_commit_duration_seconds histogram');
  expect(text).toMatch(/^cryptopipe_commit_duration_seconds_bucket\{.*le="\+Inf".*\} \d+$/m);
  expect(text).toMatch(/^cryptopipe_pipeline_state\{.*state="running".*\} 1$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  // Of those that need a server to have samples, at least the declaration is there.
  for (const { name, help } of metricDeclarations) expect(text).toContain(`# HELP ${name} ${help}`);
  const missing = await fetch(`${url}/nothing-here`);
  expect(missing.status).toBe(404);
  expect((await fetch(`${url}/status`, { method: 'POST' })).status).toBe(405);
});

test('a token is demanded from everybody but the probe of life', async () => {
  const { folder, file, env } = write();
  const token = 'a-token-of-16-characters';
  const url = await start([file], { ...env, CRYPTOPIPE_TOKEN: token }, folder);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  expect((await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  expect((await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  expect((await fetch(`${url}/metrics?token=${token}`)).status).toBe(200);
  const basic = Buffer.from(`any:${token}`).toString('base64');
  expect((await fetch(`${url}/metrics`, { headers: { authorization: `Basic ${basic}` } })).status).toBe(200);
  expect(running!.stderr).not.toContain(token);
});

test('without a token only loopback names are answered, so that no page of others can read along', async () => {
  const { folder, file, env } = write();
  const { port } = new URL(await start([file], env, folder));
  const ask = async (host: string) => {
    const request = get({ host: '127.0.0.1', port, path: '/status', headers: { host } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  expect(await ask(`localhost:${port}`)).toBe(200);
  expect(await ask(`127.0.0.1:${port}`)).toBe(200);
  expect(await ask(`rebound.example:${port}`)).toBe(403);
  expect(await ask(`127.example:${port}`)).toBe(403);
});

test('an open address without a token and a taken port are refused before anything runs', async () => {
  const { folder, file, env } = write();
  const open = await runBin(['run', file, '--port', '0', '--host', '0.0.0.0'], { env, cwd: folder });
  expect(open.code).toBe(2);
  expect(open.stderr).toContain("refusing to serve on '0.0.0.0' without a token");
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const taken = await runBin(['run', file, '--port', String(port)], { env, cwd: folder });
  other.close();
  expect(taken.code).toBe(2);
  expect(taken.stderr).toContain(`127.0.0.1:${port} is taken by another program`);
});

test('status shows a running job, stop ends it', async () => {
  const { folder, file, env } = write();
  const none = await runBin(['status'], { env, cwd: folder });
  expect(none).toMatchObject({ code: 1, stderr: 'no job is running\n' });
  await start([file], env, folder);
  const shown = await runBin(['status', 'serve-test'], { env, cwd: folder });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/serve-test → nothing {2}running/);
  const [report] = JSON.parse((await runBin(['status', '--format', 'json'], { env, cwd: folder })).stdout) as [
    { pid: number },
  ];
  expect(report.pid).toBe(running!.pid);
  expect((await runBin(['stop', 'serve-tst'], { env, cwd: folder })).stderr).toContain("running: 'serve-test'");
  const stopped = await runBin(['stop', 'serve-test'], { env, cwd: folder });
  expect(stopped.code).toBe(0);
  expect(await running!.exited).toBe(0);
  running = undefined;
  expect((await runBin(['status'], { env, cwd: folder })).code).toBe(1);
});

test('a wrong configuration file stops a run with everything that is wrong in it', async () => {
  const { folder, file, env } = write();
  writeFileSync(path.join(folder, 'cryptopipe.yaml'), 'logging: { levl: info }\nhttp: { port: high }\n');
  const result = await runBin(['run', file], { env, cwd: folder });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("'logging' has no key 'levl'");
  expect(result.stderr).toContain("'http.port': expected a whole number, found 'high'");
});

test('run without files runs the jobs of the configuration; config shows where values come from', async () => {
  const { folder, env } = write();
  writeFileSync(
    path.join(folder, 'cryptopipe.yaml'),
    'jobs:\n  one:\n    files: [job.sql]\n    tables: { numbers: { number-of-rows: 7 } }\n',
  );
  const result = await runBin(['run'], { env, cwd: folder });
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('"rows":7');
  const shown = await runBin(['config', '--log-level', 'warn'], { env, cwd: folder });
  expect(shown.stdout).toMatch(/^logging\.level = warn +# --log-level$/m);
  expect(shown.stdout).toMatch(/^jobs\.one\.tables\.numbers\.number-of-rows = 7 +# cryptopipe\.yaml:4$/m);
});

test('options for a table that is not there stop a run before it begins', async () => {
  const { folder, env } = write();
  writeFileSync(
    path.join(folder, 'cryptopipe.yaml'),
    'jobs:\n  one:\n    files: [job.sql]\n    tables: { numbrs: { number-of-rows: 7 } }\n',
  );
  const { code, stderr } = await runBin(['run'], { env, cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toContain(
    "cryptopipe.yaml:4: 'jobs.one.tables' names the table 'numbrs', which its files do not declare",
  );
  expect(stderr).toContain("did you mean 'numbers'?");
});

test('status and stop of several jobs; a process that was killed is forgotten', async () => {
  const { folder, file, env } = write();
  const other = path.join(folder, 'other.sql');
  writeFileSync(other, job.replace('serve-test', 'other-test'));
  const bins = [startBin(['run', file], { env, cwd: folder }), startBin(['run', file, other], { env, cwd: folder })];
  const killed = startBin(['run', file], { env, cwd: folder });
  const status = async () =>
    JSON.parse((await runBin(['status', '--format', 'json'], { env, cwd: folder })).stdout) as ProcessReport[];
  await eventually(async () => (await status()).length === 3);
  await killed.end('SIGKILL');
  const sockets = () => readdirSync(path.join(folder, 'cryptopipe'));
  expect(sockets()).toContain(`${killed.pid}.sock`);
  expect((await status()).map(({ pid }) => pid).sort()).toEqual(bins.map(({ pid }) => pid).sort());
  expect(sockets()).not.toContain(`${killed.pid}.sock`);
  const named = await runBin(['status', 'other-test'], { env, cwd: folder });
  expect(named.stdout.match(/^pid \d+/gm)).toEqual([`pid ${bins[1]!.pid}`]);
  // A process runs all its jobs or none.
  const stopped = await runBin(['stop', 'other-test'], { env, cwd: folder });
  expect(stopped.stderr).toBe(`stopped other-test (pid ${bins[1]!.pid})\n`);
  expect(await bins[1]!.exited).toBe(0);
  expect((await runBin(['stop', String(bins[0]!.pid)], { env, cwd: folder })).code).toBe(0);
  expect(await bins[0]!.exited).toBe(0);
  expect(await runBin(['stop', 'serve-test'], { env, cwd: folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no job 'serve-test' is running"),
  });
});

test('the log is for people on a terminal and JSON elsewhere; components have levels of their own', async (context) => {
  if (!existsSync('/usr/bin/script')) context.skip('needs script of util-linux, which gives programs a terminal');
  const { folder, file, env } = write();
  const bounded = ['--set', 'cryptopipe.table.numbers.number-of-rows=5'];
  const plain = await runBin(['run', file, ...bounded], { env, cwd: folder });
  expect(JSON.parse(plain.stderr.trim())).toMatchObject({ level: 'info', event: 'job_ended', rows: 5 });
  const command = [process.execPath, BIN, 'run', file, ...bounded].join(' ');
  const terminal = execFileSync('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', NO_COLOR: '1', ...env },
    cwd: folder,
    encoding: 'utf8',
  });
  expect(terminal).toMatch(/^\[?\d\d:\d\d:\d\d\.\d{3}\]? INFO: job_ended/m);
  expect(terminal).not.toContain('{"level"');
  writeFileSync(path.join(folder, 'cryptopipe.yaml'), 'logging: { level: info, components: { runtime: warn } }\n');
  expect((await runBin(['run', file, ...bounded], { env, cwd: folder })).stderr).toBe('');
});

test('alerts test says which receivers took the message and why others did not, never where they are', async () => {
  const { folder, env } = write();
  const bodies: string[] = [];
  const hook = createHttpServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    if (request.url === '/broken') response.statusCode = 500;
    else bodies.push(body);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const { port } = hook.address() as AddressInfo;
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const nobody = (gone.address() as AddressInfo).port;
  gone.close();
  writeFileSync(
    path.join(folder, 'cryptopipe.yaml'),
    `alerts:
  receivers:
    good: { url: "http://127.0.0.1:${port}/s3cret", format: slack }
    broken: { url: "http://127.0.0.1:${port}/broken" }
    gone: { url: "http://127.0.0.1:${nobody}/" }
`,
  );
  const { code, stdout, stderr } = await runBin(['alerts', 'test'], { env, cwd: folder });
  hook.close();
  expect(code, stderr).toBe(1);
  expect(stdout).toBe(
    [
      'good: sent',
      'broken: failed, answered 500 Internal Server Error',
      'gone: failed, no connection: nobody listens there (ECONNREFUSED)',
      '',
    ].join('\n'),
  );
  expect(bodies.map((body) => (JSON.parse(body) as { text: string }).text)).toEqual([
    ':red_circle: *test* a test fails and is being repeated',
    ':large_green_circle: *test* resolved: test of a test',
  ]);
});
