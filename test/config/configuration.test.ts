import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Configuration } from '../../bin/config/configuration.ts';
import { settingsOf } from '../../bin/config/configuration.ts';
import { type ConfigurationFlags, loadConfiguration } from '../../bin/config/load.ts';
import { UsageError } from '../../bin/exit.ts';
import { renderDiagnostics } from '../../engine/index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'configuration-'));
});

const full = `
variables:
  KAFKA: localhost:9092
  PASSWORD: file:secret.txt
  VERSION: 1.10
jobs:
  prices:
    files: [jobs/prices.sql]
    parallelism: 2
    settings: { pipeline.name: prices }
    tables:
      ticks:
        properties.client.id: here
logging: { level: warn }
http: { port: 8080 }
alerts:
  receivers:
    ops: { url: "https://hooks.example/\${TOKEN:-none}", format: slack }
  rules:
    late: { when: lag-time, over: 30 s, under: 10 s, for: 2 min }
profiles:
  prod:
    variables: { KAFKA: kafka.internal:9092 }
    http: { port: 80 }
    jobs:
      prices: { files: [jobs/prices.sql], parallelism: 4 }
`;

function write(text: string): void {
  writeFileSync(path.join(folder, 'cryptopipe.yaml'), text);
  writeFileSync(path.join(folder, 'secret.txt'), 'hunter22\n');
  mkdirSync(path.join(folder, 'jobs'), { recursive: true });
}

async function load(flags: ConfigurationFlags = {}, environment: NodeJS.ProcessEnv = {}): Promise<Configuration> {
  const loaded = await loadConfiguration(flags, [path.join(folder, 'jobs', 'prices.sql')], environment);
  if ('configuration' in loaded) return loaded.configuration;
  throw new Error(renderDiagnostics([loaded], 'text'));
}

async function mistakes(text: string): Promise<string[]> {
  write(text);
  const loaded = await loadConfiguration({}, [path.join(folder, 'jobs', 'prices.sql')], {});
  if ('configuration' in loaded) return [];
  const found = JSON.parse(renderDiagnostics([loaded], 'json')) as {
    line: number;
    column: number;
    message: string;
    help?: string;
  }[];
  return found.map((d) => `${d.line}:${d.column} ${d.message}${d.help === undefined ? '' : ` (${d.help})`}`);
}

test('a file upwards from the job is found; numbers keep their text as variables', async () => {
  write(full);
  const configuration = await load();
  expect(configuration.file).toBe(path.join(folder, 'cryptopipe.yaml'));
  expect(Object.fromEntries(configuration.variables)).toEqual({
    KAFKA: 'localhost:9092',
    PASSWORD: 'hunter22',
    VERSION: '1.10',
  });
  expect(Object.fromEntries(settingsOf(configuration, path.join(folder, 'jobs', 'prices.sql')))).toEqual({
    'pipeline.name': 'prices',
    'parallelism.default': '2',
    'cryptopipe.table.ticks.properties.client.id': 'here',
  });
  expect(settingsOf(configuration, path.join(folder, 'jobs', 'other.sql')).size).toBe(0);
  expect(configuration.alerts.rules).toEqual([
    { name: 'late', when: 'lag-time', over: 30_000, under: 10_000, for: 120_000, to: ['ops'] },
  ]);
});

test('flag beats environment beats profile beats file beats default, and each value names its origin', async () => {
  write(full);
  const origin = async (flags: ConfigurationFlags, environment: NodeJS.ProcessEnv, at: string) => {
    const { value, origin } = (await load(flags, environment)).values.find((v) => v.path === at)!;
    return `${value} ${origin}`;
  };
  const both = { CRYPTOPIPE_PORT: '81' };
  expect(await origin({ profile: 'prod', port: '82' }, both, 'http.port')).toBe('82 --port');
  expect(await origin({ profile: 'prod' }, both, 'http.port')).toBe('81 CRYPTOPIPE_PORT');
  expect(await origin({ profile: 'prod' }, {}, 'http.port')).toBe('80 profile prod (cryptopipe.yaml:24)');
  expect(await origin({}, {}, 'http.port')).toBe('8080 cryptopipe.yaml:15');
  expect(await origin({}, {}, 'http.host')).toBe('127.0.0.1 default');
  expect(await origin({ profile: 'prod' }, {}, 'variables.KAFKA')).toBe(
    'kafka.internal:9092 profile prod (cryptopipe.yaml:23)',
  );
  expect(await origin({ profile: 'prod' }, { KAFKA: 'a:1' }, 'variables.KAFKA')).toBe('a:1 KAFKA');
});

test('contents of files and addresses of receivers are secrets', async () => {
  write(full);
  const { secrets, values } = await load({}, { TOKEN: 't0ken' });
  expect(secrets).toContain('hunter22');
  expect(secrets).toContain('https://hooks.example/t0ken');
  expect(values.filter((v) => v.secret).map((v) => v.path)).toEqual(['alerts.receivers.ops.url', 'variables.PASSWORD']);
});

test('every mistake of a file is told at its place', async () => {
  expect(
    await mistakes(
      [
        'loging: { level: info }',
        'logging: { level: inf }',
        'http: { port: 99999 }',
        'jobs:',
        '  a: { parallelism: many }',
        'variables:',
        '  X: ${NOT_SET}',
        '  Y: file:not-there.txt',
      ].join('\n'),
    ),
  ).toEqual([
    "1:1 the configuration has no key 'loging' (did you mean 'logging'?)",
    "2:19 'logging.level': expected one of 'debug', 'info', 'warn', 'error', found 'inf' (did you mean 'info'?)",
    expect.stringMatching(/^3:15 'http.port': expected a number from 0 to 65535, found/),
    "5:3 'jobs.a' lacks the key 'files'",
    "5:21 'jobs.a.parallelism': expected a whole number, found 'many'",
    "7:6 the environment variable 'NOT_SET' is not set (set it, or give a default: ${NOT_SET:-…})",
    `8:6 the file '${path.join(folder, 'not-there.txt')}' cannot be read: it does not exist`,
  ]);
});

test('alert rules: limits fit their condition and receivers exist, in profiles too', async () => {
  expect(
    await mistakes(
      [
        'alerts:',
        '  receivers: { ops: { url: "http://x" } }',
        '  rules:',
        '    late: { when: lag-time, over: many }',
        '    gone: { when: no-rows, for: soon, to: [opps] }',
      ].join('\n'),
    ),
  ).toEqual([
    "4:35 'alerts.rules.late.over': expected a duration such as '30 s', found 'many'",
    "5:33 'alerts.rules.gone.for': expected a duration such as '500 ms', '10 s' or '5 min', found 'soon'",
    "5:43 'alerts.rules.gone.to': names the receiver 'opps', which is not declared (did you mean 'ops'?)",
  ]);
  expect(
    await mistakes(
      [
        'alerts: { receivers: { ops: { url: "http://x" }, ftp: { url: "ftp://secret/place" } } }',
        'profiles:',
        '  prod:',
        '    alerts:',
        '      receivers: { pager: { url: https } }',
        '      rules: { late: { when: lag-records, over: 10, under: 20, to: [ops, pagr] } }',
      ].join('\n'),
    ),
  ).toEqual([
    "1:62 'alerts.receivers.ftp.url': expected an address that begins with http:// or https://, found ***",
    "5:34 'profiles.prod.alerts.receivers.pager.url': expected an address that begins with http:// or https://, found ***",
    "6:60 'profiles.prod.alerts.rules.late.under': expected no more than 'over', found '20'",
    "6:68 'profiles.prod.alerts.rules.late.to': names the receiver 'pagr', which is not declared (did you mean 'pager'?)",
  ]);
});

test('numbers out of range, components that are none, variables and names that end nowhere', async () => {
  expect(
    await mistakes(
      [
        'jobs: { x: { files: [a.sql], parallelism: 0 } }',
        'logging: { components: { kafak: debug, runtime: info, jdbc: warn } }',
        'http: { port: 70000, host: "${HOST" }',
        'variables: *none',
      ].join('\n'),
    ),
  ).toEqual([
    "1:43 'jobs.x.parallelism': expected a number of at least 1, found '0'",
    "2:33 'logging.components.kafak': there is no such component (did you mean 'kafka'?)",
    "3:15 'http.port': expected a number from 0 to 65535, found '70000'",
    "3:28 a '${' has no '}' (write '$${' for the two characters themselves)",
    "4:12 nothing before this is named '&none'",
  ]);
});

test('what is not YAML is told with its place', async () => {
  const [first] = await mistakes('http:\n  port: [80\n');
  expect(first).toMatch(/^3:1 this is not YAML: /);
});

test('files and profiles that do not exist', async () => {
  write(full);
  await expect(load({ config: path.join(folder, 'none.yaml') })).rejects.toThrow(UsageError);
  await expect(load({ profile: 'prd' })).rejects.toMatchObject({ help: "did you mean 'prod'?" });
  await expect(load({}, { CRYPTOPIPE_LOG_LEVEL: 'loud' })).rejects.toThrow("'loud' is not a log level");
});

/** `npx vitest run test/config --update` accepts what comes out; test/diagnostics/codes.test.ts asks for these files. */
test.each([
  ['config-syntax', 'variables:\n  KAFKA: "localhost:9092\njobs: {}\n'],
  ['config-key', 'variables:\n  KAFKA: localhost:9092\nlogging: { levle: warn }\nhtttp: { port: 8080 }\n'],
  ['config-value', 'logging: { level: loud }\nhttp: { port: many }\n'],
])('%s is told as people read it', async (code, text) => {
  write(text);
  const loaded = await loadConfiguration({}, [path.join(folder, 'jobs', 'prices.sql')], {});
  if ('configuration' in loaded) throw new Error('the configuration is taken for right');
  expect(new Set(loaded.diagnostics.map((d) => d.code))).toEqual(new Set([code]));
  await expect(renderDiagnostics([{ ...loaded, file: 'cryptopipe.yaml' }], 'text')).toMatchFileSnapshot(
    `testdata/${code}.txt`,
  );
});
