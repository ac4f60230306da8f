import { expect, it } from 'vitest';
import { createTopic, freePort, need, uniqueName } from '../servers/index.ts';
import { runBin } from './bin.ts';
import { setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly help?: string;
}

servers.describe('validate --connect', () => {
  async function validate(job: (names: { topic: string; kafka: string; url: string; login: string }) => string) {
    const scene = await setScene(servers.postgres);
    const topic = await createTopic(servers.kafka, { name: uniqueName('ticks'), partitions: 2 });
    const { jdbcUrl, user, password } = scene.database;
    const login = `'username' = '${user}', 'password' = '${password}'`;
    const text = job({ topic, kafka: servers.kafka, url: jdbcUrl, login });
    const file = scene.write('job.sql', text);
    const run = async () => {
      const { stdout, code } = await runBin(['validate', '--connect', '--format', 'json', file]);
      // Warnings of the file itself, such as the password in it, are not what is asked here.
      const found = (JSON.parse(stdout || '[]') as Found[]).filter((d) => d.severity === 'error');
      return { code, found };
    };
    return { scene, topic, text, run };
  }

  it('finds nothing where all is well, and leaves nothing behind', async () => {
    const { scene, run } = await validate(
      ({ topic, kafka, url, login }) => `
CREATE TABLE ticks (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}',
  'properties.bootstrap.servers' = '${kafka}', 'properties.group.id' = 'g', 'format' = 'json');
CREATE TABLE kept (id BIGINT, text STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc',
  'url' = '${url}', 'table-name' = 'kept', ${login});
INSERT INTO kept SELECT id, text FROM ticks;`,
    );
    await scene.database.query('CREATE TABLE kept (id bigint PRIMARY KEY, text text)');
    expect(await run()).toEqual({ code: 0, found: [] });
    expect(
      await scene.database.query("SELECT relname FROM pg_class WHERE relname LIKE 'cryptopipe%' AND relkind = 'r'"),
    ).toEqual([]);
  });

  it('reports everything in one go, at its option', async () => {
    const nobody = await freePort();
    const { scene, topic, text, run } = await validate(
      ({ topic, kafka, url, login }) => `
CREATE TABLE ticks (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '${kafka}',
  'topic' = '${topic};${topic}x', 'scan.startup.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE parts (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}',
  'properties.bootstrap.servers' = '${kafka}', 'format' = 'json', 'scan.startup.mode' = 'specific-offsets',
  'scan.startup.specific-offsets' = 'partition:0,offset:0;partition:7,offset:1');
CREATE TABLE away (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'topic' = 'any',
  'properties.bootstrap.servers' = '127.0.0.1:${nobody}', 'scan.startup.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE wrong (id BIGINT, text STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc',
  'url' = '${url}',
  'table-name' = 'wrong', ${login});
CREATE TABLE missing (id BIGINT) WITH ('connector' = 'jdbc', 'url' = '${url}',
  'table-name' = 'misssing', ${login});
CREATE TABLE locked (id BIGINT) WITH ('connector' = 'jdbc', 'url' = '${url}', 'table-name' = 'wrong',
  'username' = 'nobody of ours', 'password' = 'nothing');
INSERT INTO wrong SELECT id, text FROM ticks UNION ALL SELECT id, text FROM parts;
INSERT INTO missing SELECT id FROM away;
INSERT INTO locked SELECT id FROM away;`,
    );
    await scene.database.query('CREATE TABLE wrong (id date, other text)');
    await scene.database.query('CREATE TABLE missing (id bigint)');
    const { code, found } = await run();
    expect(code).toBe(1);
    const lines = text.split('\n');
    const shown = found.map((d) => [d.code, lines[d.line - 1]!.slice(d.column - 1).split("'")[1]]);
    expect(shown).toEqual([
      ['missing-target', `${topic};${topic}x`],
      ['missing-target', 'partition:0,offset:0;partition:7,offset:1'],
      ['unreachable', `127.0.0.1:${nobody}`],
      ['unfit-target', 'wrong'],
      ['unfit-target', 'wrong'],
      ['unfit-target', 'wrong'],
      ['missing-target', 'misssing'],
      ['unreachable', 'nothing'],
    ]);
    const messages = found.map((d) => d.message).join('\n');
    expect(messages).toContain(`topic '${topic}x' does not exist`);
    expect(messages).toContain(`topic '${topic}' has no partition 7, it has 2`);
    expect(messages).toMatch(/column 'id' of public.wrong is date, which does not hold BIGINT/);
    expect(messages).toMatch(/public.wrong has no column 'text'/);
    expect(messages).toMatch(/no unique constraint on exactly \(id\)/);
    expect(found.find((d) => d.message.includes('misssing'))?.help).toContain("did you mean 'public.missing'");
  });

  it('shows each code as people read it', async () => {
    const scene = await setScene(servers.postgres);
    const { jdbcUrl, user, password } = scene.database;
    scene.write(
      'job.sql',
      `CREATE TABLE away (id BIGINT) WITH (
  'connector' = 'kafka',
  'topic' = 'ticks',
  'properties.bootstrap.servers' = '127.0.0.1:1',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);
CREATE TABLE missing (id BIGINT) WITH (
  'connector' = 'jdbc',
  'url' = '\${URL}',
  'table-name' = 'misssing',
  'username' = '\${LOGIN}',
  'password' = '\${PASSWORD}'
);
CREATE TABLE unfit (id BIGINT, seen TIMESTAMP(3), PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'jdbc',
  'url' = '\${URL}',
  'table-name' = 'unfit',
  'username' = '\${LOGIN}',
  'password' = '\${PASSWORD}',
  'newer-than' = 'seen'
);
INSERT INTO missing SELECT id FROM away;
INSERT INTO unfit SELECT id, CAST(NULL AS TIMESTAMP(3)) FROM away;
`,
    );
    await scene.database.query('CREATE TABLE missing (id bigint)');
    await scene.database.query('CREATE TABLE unfit (id bigint PRIMARY KEY, seen date)');
    const { stderr, code } = await runBin(['validate', '--connect', 'job.sql'], {
      cwd: scene.folder,
      env: { URL: jdbcUrl, LOGIN: user, PASSWORD: password },
    });
    expect(code).toBe(1);
    await expect(stderr).toMatchFileSnapshot('validate-connect.txt');
  });

  it('names privileges that are missing', async () => {
    const user = uniqueName('reader').replaceAll('-', '_');
    const { scene, run } = await validate(
      ({ topic, kafka, url }) => `
CREATE TABLE ticks (id BIGINT) WITH ('connector' = 'kafka', 'topic' = '${topic}',
  'properties.bootstrap.servers' = '${kafka}', 'scan.startup.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE kept (id BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc', 'url' = '${url}',
  'table-name' = 'kept', 'username' = '${user}', 'password' = 'p');
INSERT INTO kept SELECT id FROM ticks;`,
    );
    await scene.database.query('CREATE TABLE kept (id bigint PRIMARY KEY)');
    await scene.database.query(`CREATE USER ${user} PASSWORD 'p'`);
    scene.after(async () => scene.database.query(`DROP OWNED BY ${user}; DROP USER ${user}`));
    await scene.database.query(`GRANT SELECT ON kept TO ${user}`);
    const { found, code } = await run();
    expect(found.map((d) => d.message)).toEqual([
      `user '${user}' has no INSERT on public.kept`,
      `user '${user}' may not create public.cryptopipe_checkpoint, where the job keeps its positions`,
    ]);
    expect(code).toBe(1);
  });
});
