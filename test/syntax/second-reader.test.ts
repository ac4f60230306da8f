import nodeSqlParser from 'node-sql-parser';
import { expect, test } from 'vitest';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { parse } from '../../engine/syntax/parse.ts';

/** node-sql-parser reads a part of Flink SQL; where it does, it must see the same tables and columns. */

const reader = new nodeSqlParser.Parser();

function tablesOf(sql: string): string[] {
  const found = new Diagnostics();
  const script = parse(sql, { report: found });
  expect(found.list).toEqual([]);
  const names = new Set<string>();
  visit(script.statements, (node) => {
    if (node.kind === 'table')
      names.add((node.name as { parts: { name: string }[] }).parts.map((part) => part.name).join('.'));
    if (node.kind === 'insert')
      names.add((node.target as { parts: { name: string }[] }).parts.map((part) => part.name).join('.'));
  });
  return [...names].sort();
}

function columnsOf(sql: string): string[] {
  const names = new Set<string>();
  visit(parse(sql, { report: new Diagnostics() }).statements, (node) => {
    if (node.kind !== 'reference') return;
    const { parts, star } = node as unknown as { parts: { name: string }[]; star: boolean };
    if (!star) names.add(parts.at(-1)!.name);
  });
  return [...names].sort();
}

function visit(value: unknown, see: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  else if (typeof value === 'object' && value !== null) {
    see(value as Record<string, unknown>);
    for (const child of Object.values(value)) visit(child, see);
  }
}

/** `select::null::t` → `t`, `select::db::t` → `db.t`. */
function theirTables(sql: string): string[] {
  const list = reader.tableList(sql, { database: 'flinksql' }).map((entry) => {
    const [, database, table] = entry.split('::');
    return database === 'null' ? table! : `${database}.${table}`;
  });
  return [...new Set(list)].sort();
}

function theirColumns(sql: string): string[] {
  const list = reader.columnList(sql, { database: 'flinksql' }).map((entry) => entry.split('::')[2]!);
  return [...new Set(list)].filter((column) => column !== '(.*)').sort();
}

test.each([
  'SELECT a, b AS c FROM t',
  'SELECT t.a, u.b FROM t JOIN u ON t.id = u.id WHERE t.a > 1 AND u.b <> 2',
  'SELECT a FROM db.t LEFT JOIN u ON t.x = u.y',
  "SELECT symbol, price FROM btc WHERE symbol LIKE 'B%' AND price BETWEEN 1 AND 2 OR NOT active IS NULL",
  'SELECT a, COUNT(*) FROM t GROUP BY a HAVING COUNT(*) > 1 ORDER BY a DESC LIMIT 10',
  'SELECT a FROM (SELECT b AS a, d FROM inner_t WHERE c = 1) AS s',
  'SELECT a FROM x UNION ALL SELECT b FROM y UNION ALL SELECT c FROM z',
  'SELECT CASE WHEN a > 1 THEN b ELSE c END FROM t',
  'SELECT CAST(a AS DOUBLE), COALESCE(b, c) FROM t WHERE d IN (1, 2, 3)',
  'SELECT a FROM t WHERE id IN (SELECT uid FROM u)',
  'INSERT INTO prices SELECT symbol, price, 1 FROM btc WHERE event_time_ms > 1000000000000',
  'SELECT `value`, `a b` FROM `my table`',
])('agrees on %s', (sql) => {
  expect(tablesOf(sql)).toEqual(theirTables(sql));
  expect(columnsOf(sql)).toEqual(theirColumns(sql));
});

test('agrees on the columns of a table', () => {
  const sql =
    "CREATE TABLE t (a INT, b STRING, c DECIMAL(10, 2), d TIMESTAMP(3)) WITH ('connector' = 'kafka', 'topic' = 'x')";
  const theirs = reader.astify(sql, { database: 'flinksql' });
  const [create] = (Array.isArray(theirs) ? theirs : [theirs]) as unknown as {
    create_definitions: { column: { column: unknown } }[];
  }[];
  const columns = create!.create_definitions.map(({ column }) => JSON.stringify(column.column));
  const [ours] = parse(sql, { report: new Diagnostics() }).statements;
  if (ours?.kind !== 'create-table') throw new Error('not a table');
  expect(ours.columns.length).toBe(columns.length);
  ours.columns.forEach(({ name }, i) => {
    expect(columns[i]).toContain(`"${name.name}"`);
  });
});

test.each(['SELECT a FROM t WHERE', 'SELECT FROM t', 'INSERT INTO', 'SELECT (a FROM t'])('both reject %s', (sql) => {
  const found = new Diagnostics();
  parse(sql, { report: found });
  expect(found.list).toHaveLength(1);
  expect(() => reader.astify(sql, { database: 'flinksql' })).toThrow();
});
