import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Diagnostic, Diagnostics, type Fix } from '../../engine/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../engine/diagnostics/render.ts';
import { parse } from '../../engine/syntax/parse.ts';

const folder = new URL('testdata/', import.meta.url);

/** The SQL of every golden case with this directive. */
function casesOf(directive: 'parse' | 'error'): string[] {
  return readdirSync(folder).flatMap((file) =>
    readFileSync(new URL(file, folder), 'utf8')
      .split('\n====\n')
      .map((block) => block.replace(/^(?:\s*\n|#.*\n)*/, ''))
      .filter((block) => block.startsWith(`${directive}\n`))
      .map((block) => block.slice(directive.length + 1).split(/\n----(?:\n|$)/)[0]!),
  );
}

function diagnose(sql: string): readonly Diagnostic[] {
  const found = new Diagnostics();
  parse(sql, { report: found });
  return found.list;
}

function apply(sql: string, fixes: readonly Fix[]): string {
  return [...fixes]
    .sort((a, b) => b.span.start - a.span.start)
    .reduce((text, { span, text: by }) => text.slice(0, span.start) + by + text.slice(span.end), sql);
}

test('applying the fixes of a text leaves fewer mistakes', () => {
  const fixable = casesOf('error').filter((sql) => diagnose(sql).some(({ fix }) => fix !== undefined));
  expect(fixable.length).toBeGreaterThan(50);
  for (const sql of fixable) {
    const before = diagnose(sql);
    const fixed = apply(
      sql,
      before.flatMap(({ fix }) => fix ?? []),
    );
    const left = diagnose(fixed).map(({ message }) => message);
    expect(left.length, `${sql}\nbecame\n${fixed}\nwith ${left.join('; ')}`).toBeLessThan(before.length);
  }
});

test('each broken statement has one diagnostic, and the others are parsed', () => {
  const broken = ['SELECT FROM t', 'CREATE TABLE t (a', 'INSERT t SELECT 1', 'SELECT (1', 'DROP a', "SET 'a'"];
  const good = ['SELECT 1', "SET 'a' = ';'", 'SELECT a -- ; comment', 'INSERT INTO `;` SELECT 1', 'SELECT /* ; */ 1'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...broken, ...good), { minLength: 1 }), (statements) => {
      const found = new Diagnostics();
      const script = parse(statements.map((s) => `${s}\n;\n`).join(''), { report: found });
      expect(found.list.length).toBe(statements.filter((s) => broken.includes(s)).length);
      expect(script.statements.length).toBe(statements.filter((s) => good.includes(s)).length);
    }),
    { seed: 5 },
  );
});

const nestings: readonly [string, string, string, string][] = [
  ['SELECT ', '(', '1', ')'],
  ['SELECT ', '(SELECT ', '1', ')'],
  ['SELECT * FROM ', '(SELECT * FROM ', 't', ')'],
  ['SELECT ', 'CASE WHEN ', 'a', ' THEN 1 END'],
  ['SELECT ', 'NOT ', 'a', ''],
  ['SELECT ', '- ', 'a', ''],
  ['SELECT ', 'f(', 'a', ')'],
  ['SELECT a', '[1]', '', ''],
  ['SELECT (a)', '.b', '', ''],
  ['SELECT a', ' OR a', '', ''],
  ['SELECT a', ' BETWEEN a', '', ''],
  ['SELECT a', ' IS NULL', '', ''],
  ['SELECT 1', ' UNION ALL SELECT 1', '', ''],
  ['SELECT 1 FROM a', ' JOIN a ON TRUE', '', ''],
  ['SELECT 1 FROM a', ', a', '', ''],
  ['CREATE TABLE t (a ', 'ARRAY<', 'INT', '>)'],
  ['', 'WITH a AS (', 'SELECT 1', ')'],
];

test.each(nestings)('%s%s… 10 000 deep is one diagnostic', (head, open, middle, close) => {
  const found = diagnose(head + open.repeat(10_000) + middle + close.repeat(10_000));
  expect(found.map(({ code }) => code)).toEqual(['too-deep']);
});

test('what is nested 100 levels deep is parsed', () => {
  expect(diagnose(`SELECT ${'('.repeat(100)}1${')'.repeat(100)}`)).toEqual([]);
  expect(diagnose(`SELECT ${'(SELECT '.repeat(100)}1${')'.repeat(100)}`)).toEqual([]);
  expect(diagnose(`SELECT 1${' UNION ALL SELECT 1'.repeat(500)}`)).toEqual([]);
});

/** Places inside the text, and a rendering that does not fail. */
function expectSound(sql: string): void {
  const found = diagnose(sql);
  for (const { span, fix } of found) {
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(sql.length);
    if (fix !== undefined) expect(fix.span.end).toBeLessThanOrEqual(sql.length);
  }
  for (const format of ['text', 'json', 'github', 'sarif'] as const) {
    renderDiagnostics([{ file: 'a.sql', text: sql, diagnostics: found }], format);
  }
}

test('garbage never throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), expectSound), { numRuns: 400, seed: 3 });
});

const pieces = [
  'SELECT',
  'FROM',
  'WHERE',
  'CREATE TABLE',
  'WITH',
  'INSERT INTO',
  'AS',
  'CASE',
  'END',
  'BEGIN STATEMENT SET',
  'JSON_VALUE',
  'INTERVAL',
  'DATE',
  'OVER',
  'NOT',
  'BETWEEN',
  'IN',
  'LIKE',
  'EXTRACT',
  'ROW',
  'ARRAY',
  'a',
  '`b`',
  "'c'",
  '"d"',
  '1',
  '1.5e3',
  '(',
  ')',
  '[',
  ']',
  ',',
  ';',
  '.',
  '*',
  '+',
  '-',
  '/',
  '/*',
  '*/',
  '/*+',
  '--',
  '\n',
  '=',
  '<',
  '>',
  '=>',
  '!=',
  '::',
  "'",
  '`',
  '$' + '{x}',
  '，',
  '😀',
  'U&',
  "X'0",
  'SET',
  'EXPLAIN',
  'UNION ALL',
  'ORDER BY',
  'Flink SQL>',
] as const; // prettier-ignore

test('any row of tokens is parsed without throwing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (list) => expectSound(list.join(' '))),
    { numRuns: 1500, seed: 4 },
  );
});

test('a good text with one token removed, doubled or swapped is parsed without throwing', () => {
  const texts = casesOf('parse');
  expect(texts.length).toBeGreaterThan(50);
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.constantFrom('remove', 'double', 'swap'),
      (text, place, how) => {
        const tokens = text.split(/(\s+|[(),;.=<>])/);
        const at = place % tokens.length;
        if (how === 'remove') tokens.splice(at, 1);
        else if (how === 'double') tokens.splice(at, 0, tokens[at]!);
        else tokens.push(...tokens.splice(at, 1));
        expectSound(tokens.join(''));
      },
    ),
    { numRuns: 600, seed: 6 },
  );
});
