import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBin, startBin } from '../end-to-end/bin.ts';
import { until } from '../servers/index.ts';

const JOB = `CREATE TABLE t (id INT, name STRING) WITH ('connector' = 'kafka', 'topic' = 't',
  'properties.bootstrap.servers' = '\${SERVERS:?say where}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
CREATE TABLE s (id INT, name STRING, seen TIMESTAMP(3), PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost/x', 'table-name' = 's');
INSERT INTO s SELECT id, name, CAST(CURRENT_TIMESTAMP AS TIMESTAMP(3)) FROM t;
`;

const HEAD = `variable SERVERS localhost:1

time 2020-02-29 12:00:00.5

job j.sql

input t messages
{"id": 1, "name": "old"}
{"id": 1, "name": "new"}

input t hex
7b226964223a322c226e616d65223a22746f7767227d

`;
const COLUMNS = 'id INT NOT NULL, name STRING, seen TIMESTAMP(3)';
const GOOD = `${HEAD}output s
----
${COLUMNS}
1 | new | 2020-02-29 12:00:00.500
2 | towg | 2020-02-29 12:00:00.500

output s changelog
----
${COLUMNS}
+I 1 | old | 2020-02-29 12:00:00.500
+I 1 | new | 2020-02-29 12:00:00.500
+I 2 | towg | 2020-02-29 12:00:00.500
`;

describe('cryptopipe test', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-test-'));
  const file = path.join(folder, 'j.test.slt');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(() => writeFileSync(path.join(folder, 'j.sql'), JOB));

  it('passes where rows, changes, time and variables are as expected', async () => {
    writeFileSync(file, GOOD);
    expect(await runBin(['test', folder])).toMatchObject({ code: 0, stdout: '2 passed, 0 failed\n' });
  });

  it('names the row and the column that differ', async () => {
    writeFileSync(file, GOOD.replace('2 | towg | 2020', '2 | town | 2020'));
    const { code, stdout } = await runBin(['test', folder]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}:14: output s failed\n`);
    expect(stdout).toContain("  row 2, column 'name': expected town, found towg\n");
    expect(stdout).toContain('1 passed, 1 failed\n');
  });

  it('writes JUnit results', async () => {
    const { code, stdout } = await runBin(['test', '--format', 'junit', file]);
    expect(code).toBe(1);
    expect(stdout).toContain('tests="2" failures="1"');
    expect(stdout).toContain('name="line 20: output s changelog"/>');
    expect(stdout).toContain('<failure message="- 2 | town');
  });

  it('runs only what the filter names', async () => {
    expect(await runBin(['test', '--filter', 'changelog', folder])).toMatchObject({
      code: 0,
      stdout: '1 passed, 0 failed\n',
    });
  });

  it('accepts what comes out', async () => {
    await runBin(['test', '--rewrite', folder]);
    expect(readFileSync(file, 'utf8')).toBe(GOOD);
  });

  it('tells mistakes of a test file with their line, and paths that are not there', async () => {
    writeFileSync(file, 'jbo j.sql\n');
    const wrong = await runBin(['test', file]);
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain("line 1: unknown directive 'jbo'");
    expect(await runBin(['test', path.join(folder, 'nope')])).toMatchObject({ code: 2 });
  });

  it('runs again when a file changes', async () => {
    writeFileSync(file, GOOD);
    const watching = startBin(['test', '--watch', folder]);
    await until('the results', () => watching.stdout.includes('2 passed, 0 failed'));
    writeFileSync(path.join(folder, 'j.sql'), JOB.replace('SELECT id, name', "SELECT id, name || '!'"));
    await until('the results', () => watching.stdout.includes('0 passed, 2 failed'));
    await watching.end('SIGTERM');
    writeFileSync(path.join(folder, 'j.sql'), JOB);
  });
});
