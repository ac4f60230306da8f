import { describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check } from '../../engine/job.ts';

function unused(text: string): string[] {
  const { diagnostics } = check({ file: 'job.sql', text }, { registry, variables: () => undefined });
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return diagnostics.flatMap((d) => (d.code === 'unused-table' ? [text.slice(d.span.start, d.span.end)] : []));
}

const table = (name: string) => `CREATE TABLE ${name} (a INT) WITH ('connector' = 'datagen');\n`;
const sink = (name: string) => `CREATE TABLE ${name} (a INT) WITH ('connector' = 'blackhole');\n`;

describe('unused tables', () => {
  it('are those that nothing reads, writes, copies or describes', () => {
    expect(
      unused(
        `${table('read_')}${table('viewed')}${table('copied')}${table('described')}${table('alone')}${sink('written')}
CREATE VIEW v AS SELECT a FROM viewed;
CREATE VIEW unseen AS SELECT 1 AS x;
CREATE TABLE copy_ LIKE copied;
DESCRIBE described;
INSERT INTO written SELECT a FROM read_ UNION ALL SELECT a FROM v;`,
      ),
    ).toEqual(['alone', 'unseen', 'copy_']);
  });

  it('are not told in a file of declarations', () => {
    expect(unused(table('t'))).toEqual([]);
  });

  it('do not include the table of dead letters', () => {
    const letters = `CREATE TABLE letters (record_value BYTES, error_message STRING) WITH ('connector' = 'blackhole');
SET 'cryptopipe.dead-letter.table' = 'letters';\n`;
    expect(unused(`${letters}${table('t')}${sink('s')}INSERT INTO s SELECT a FROM t;`)).toEqual([]);
  });
});

describe('secrets', () => {
  it('of dropped tables, of other databases and of hints are known too', () => {
    const options = (password: string) =>
      `'connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost/db', 'table-name' = 's', 'username' = 'u', 'password' = '${password}'`;
    const { secrets } = check(
      {
        file: 'job.sql',
        text: `CREATE TABLE gone (a INT) WITH (${options('first')});
DROP TABLE gone;
CREATE DATABASE d;
CREATE TABLE d.other (a INT) WITH (${options('second')});
INSERT INTO d.other /*+ OPTIONS('password' = 'third') */ SELECT 1;`,
      },
      { registry, variables: () => undefined },
    );
    expect([...secrets].sort()).toEqual(['first', 'second', 'third']);
  });
});
