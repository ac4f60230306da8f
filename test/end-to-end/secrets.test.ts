import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { createTopic, freePort, need, produce, until } from '../servers/index.ts';
import { runBin } from './bin.ts';
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
  it('are in nothing that the program prints, whatever goes wrong', { timeout: 180_000 }, async () => {
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
    const env = { SECRET: planted.variable };
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
    await command('explain', '--stage', 'raw', good);
    await command('explain', '--format', 'json', good);
    await command('render', good);
    await command('query', '-f', scene.write('query.sql', `${base.split('INSERT')[0]}\nSHOW CREATE TABLE kept;`));
    expect(await command('run', ...files)).toBe(1);
    expect(await command('run', good)).toBe(3); // The login is refused.

    // Servers that are away or speak something else: runs that go on until they are stopped.
    for (const [name, server] of [
      ['away.sql', unreachable],
      ['strange.sql', `127.0.0.1:${port}`],
    ] as const) {
      const bin = scene.start(['run', '--log-level', 'debug', scene.write(name, job(server, server))], env);
      await until('a reason', () => bin.stderr.includes('restarting') || bin.stderr.includes('job_failed'));
      await bin.end('SIGTERM');
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
