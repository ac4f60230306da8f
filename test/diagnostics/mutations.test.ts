import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import type { Diagnostic } from '../../engine/diagnostics/diagnostic.ts';
import { check } from '../../engine/job.ts';

/** A statement that Flink 2.2.1 takes, after one change to `sql.slice(from, to)`; and what Flink says of it. */
interface Mutation {
  readonly how: string;
  readonly sql: string;
  readonly from: number;
  readonly to: number;
  readonly flink: string;
}

const read = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8');
const context = read('rejected-context.sql');
const mutations = read('rejected.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Mutation);

/** The errors, with spans in `text`; the text stands behind the tables of the context. */
function errorsOf(text: string): Diagnostic[] {
  const job = { file: 'job.sql', text: context + text };
  const { diagnostics } = check(job, { registry, variables: () => undefined });
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((d) => ({ ...d, span: { start: d.span.start - context.length, end: d.span.end - context.length } }));
}

/** What a statement creates is read behind it: the reader must not be told. */
function withReader(sql: string): string {
  const created = /^CREATE (?:TABLE|VIEW) ([tv]1)\b/.exec(sql)?.[1];
  return created === undefined ? sql : `${sql};\nSELECT * FROM ${created}`;
}

/** From the token before the change to the second one behind it. */
function around({ sql, from, to }: Mutation): { readonly start: number; readonly end: number } {
  const tokens = [...sql.matchAll(/'(?:[^']|'')*'|`[^`]*`|\w+|\S/g)].map((m) => [m.index, m.index + m[0].length]);
  const before = tokens.filter(([, end]) => end! <= from).at(-1);
  const behind = tokens.filter(([start]) => start! >= to);
  return { start: before?.[0] ?? 0, end: behind[1]?.[1] ?? sql.length };
}

describe.each([...new Set(mutations.map(({ how }) => how))])('a change of one place that Flink rejects: %s', (how) => {
  const cases = mutations.filter((each) => each.how === how);

  it(`is told once (${cases.length} statements)`, () => {
    const several = cases.flatMap(({ sql, flink }) => {
      const messages = errorsOf(withReader(sql)).map(({ message }) => message);
      return messages.length === 1 ? [] : [{ sql, flink, messages }];
    });
    expect(several).toEqual([]);
  });

  it('is told at its place, or directly after it', () => {
    const far = cases.flatMap((each) => {
      const [{ span, message }] = errorsOf(withReader(each.sql)) as [Diagnostic];
      const { start, end } = around(each);
      return span.end >= start && span.start <= end ? [] : [{ sql: each.sql, span, message }];
    });
    expect(far).toEqual([]);
  });
});

describe('several mistakes', () => {
  const told = (text: string) => errorsOf(text).map(({ code, span }) => [code, text.slice(span.start, span.end)]);

  it('of different statements are all told, and what uses a broken table is not', () => {
    const text = `CREATE TABLE t (a INT b STRING) WITH ('connector' = 'datagen');
CREATE TABLE s (a INT, b STRING WITH ('connector' = 'blackhole');
CREATE VIEW v AS SELECT a FROM t WHRE a > 1 AND b;
CREATE TABLE w (x INT) WITH ('connector' = 'printt');
INSERT INTO s SELECT a, b FROM t;
INSERT INTO w SELECT a FROM v;
INSERT INTO sink1 SELECT idd, product, price FROM orders;
SELECT qty FROM ordres;`;
    expect(told(text)).toEqual([
      ['syntax', 'b'],
      ['syntax', 'WITH'],
      ['syntax', 'a'],
      ['unknown-connector', "'printt'"],
      ['unknown-column', 'idd'],
      ['unknown-table', 'ordres'],
    ]);
  });

  it('of one SELECT list are all told', () => {
    expect(told('SELECT idd, UPPR(product), price + product, CAST(qty AS INTT), value FROM orders')).toEqual([
      ['unknown-column', 'idd'],
      ['unknown-function', 'UPPR'],
      ['invalid-argument', 'product'],
      ['invalid-type', 'INTT'],
      ['reserved-word', 'value'],
    ]);
  });

  it('of one WITH clause are all told', () => {
    const options = "'connector' = 'kafka', 'topik' = 'x', 'scan.startup.mode' = 'earlyest-offset', 'format' = 'jsn'";
    expect(told(`CREATE TABLE k (a INT) WITH (${options}); SELECT a FROM k`)).toEqual([
      // Without servers; that there is no 'topic' follows from 'topik'.
      ['missing-option', 'k'],
      ['unknown-option', "'topik'"],
      ['bad-option', "'earlyest-offset'"],
      ['unknown-format', "'jsn'"],
    ]);
  });

  it('are not made of one: whatever asks a table that cannot be read stays silent', () => {
    const text = `CREATE TABLE lost (a INT, b INT WITH ('connector' = 'datagen');
SELECT a, COUNT(*) FROM lost GROUP BY a HAVING SUM(b) > 1;
SELECT window_start, SUM(b) FROM TABLE(TUMBLE(TABLE lost, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start;
SELECT l.c, o.idd FROM lost AS l JOIN orders AS o ON l.a = o.id;
INSERT INTO lost SELECT qty, qty FROM orders;
DESCRIBE lost;
DROP TABLE lost;`;
    expect(told(text)).toEqual([
      ['syntax', 'WITH'],
      ['unknown-column', 'idd'],
    ]);
  });

  it('that a missing comma makes are one, where it is missing', () => {
    expect(told('SELECT id, price FROM (SELECT id, product price FROM orders) WHERE product > 1')).toEqual([
      ['unknown-column', 'price'],
    ]);
    const [only] = errorsOf('INSERT INTO sink1 SELECT id, product price FROM orders');
    const at = context.length + 36;
    expect(only).toMatchObject({ code: 'column-count', fix: { span: { start: at, end: at }, text: ',' } });
  });

  it('of one name are told once, with how often it stands there', () => {
    const [only, ...others] = errorsOf('SELECT prise, prise * 2 FROM orders WHERE prise > 1');
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      code: 'unknown-column',
      span: { start: 7 },
      label: 'and 2 times more in this statement',
    });
  });
});
