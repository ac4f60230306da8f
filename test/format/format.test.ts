import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { format } from '../../engine/index.ts';
import { Lexer } from '../../engine/syntax/lexer.ts';
import { print } from '../../engine/syntax/print.ts';
import { script } from '../syntax/arbitrary.ts';

/** The comments of a text, without the blanks that end their lines. */
function commentsOf(text: string): string[] {
  const lexer = new Lexer(text);
  while (lexer.next().kind !== 'end');
  return lexer.comments.map(({ start, end }) => text.slice(start, end).replace(/[ \t\r]+$/gm, ''));
}

function formatted(text: string): string {
  const result = format(text);
  expect(result.diagnostics.map(({ message }) => message)).toEqual([]);
  return result.text!;
}

/** Comments and line breaks between tokens, wherever blanks may be. */
function disturb(text: string, choices: readonly number[]): string {
  const lexer = new Lexer(text);
  let result = '';
  let at = 0;
  for (let i = 0; ; i++) {
    const token = lexer.next();
    const between = ['', '\n', ` -- c${i}\n`, `\n-- c${i}\n`, ` /* c${i} */ `, `\n\n/* c${i}\n x */\n`, '\n\n', '  '];
    result +=
      text.slice(at, token.start) + (between[choices[i % choices.length]!] ?? '') + text.slice(token.start, token.end);
    at = token.end;
    if (token.kind === 'end') return result;
  }
}

const repository = path.resolve(import.meta.dirname, '../..');
const sqlFiles = readdirSync(repository, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.sql') && !/node_modules|^dist/.test(name),
);

describe('formatting', () => {
  it('keeps the meaning of every statement, and changes nothing when done again', () => {
    fc.assert(
      fc.property(script, (tree) => {
        const once = formatted(print(tree));
        expect(formatted(once)).toBe(once);
      }),
      { numRuns: 60, seed: 20260229 },
    );
  });

  it('keeps every comment, wherever it stands', () => {
    fc.assert(
      fc.property(script, fc.array(fc.nat(11), { minLength: 5, maxLength: 40 }), (tree, choices) => {
        const client = tree.statements.some((s) => s.kind === 'alter' || ('quoted' in s && !s.quoted));
        fc.pre(!client);
        const disturbed = disturb(print(tree), choices);
        const once = formatted(disturbed);
        expect(commentsOf(once).sort()).toEqual(commentsOf(disturbed).sort());
        expect(formatted(once)).toBe(once);
      }),
      { numRuns: 60, seed: 20260301 },
    );
  });

  it.each(sqlFiles)('%s: done again, changes nothing', (file) => {
    const text = readFileSync(path.join(repository, file), 'utf8');
    const once = format(text).text;
    if (once === undefined) return expect(file).toMatch(/test/);
    expect(commentsOf(once).sort()).toEqual(commentsOf(text).sort());
    expect(formatted(once)).toBe(once);
  });

  it.each(sqlFiles.filter((file) => /^(jobs|examples)/.test(file)))('%s: is formatted', (file) => {
    const text = readFileSync(path.join(repository, file), 'utf8');
    expect(format(text).text).toBe(text);
  });

  it('writes keywords and functions in upper case, names and literals as they are', () => {
    expect(formatted("select Symbol,count(*) as n from Prices where symbol<>'btc' and price>-1 group by Symbol")).toBe(
      "SELECT Symbol, COUNT(*) AS n FROM Prices WHERE symbol <> 'btc' AND price > -1 GROUP BY Symbol;\n",
    );
  });

  it('puts a clause on each line where the author did for one, or where they do not fit', () => {
    expect(formatted('INSERT INTO s SELECT a, b FROM t\nWHERE a > 1 UNION ALL SELECT c, d FROM u;')).toBe(
      'INSERT INTO s\nSELECT a, b\nFROM t\nWHERE a > 1\nUNION ALL\nSELECT c, d\nFROM u;\n',
    );
  });

  it('aligns the types of columns, and keeps comments at their columns', () => {
    expect(
      formatted(
        "create table t (id bigint, -- the key\n  -- what it costs\n  price decimal(10,2), primary key(id) not enforced)with(\n'connector'='print')",
      ),
    ).toBe(
      [
        'CREATE TABLE t (',
        '  id    BIGINT,  -- the key',
        '  -- what it costs',
        '  price DECIMAL(10, 2),',
        '  PRIMARY KEY (id) NOT ENFORCED',
        ') WITH (',
        "  'connector' = 'print'",
        ');\n',
      ].join('\n'),
    );
  });

  it('gives mistakes of grammar instead of a text', () => {
    const { text, diagnostics } = format('SELECT a,, b FROM t;');
    expect(text).toBeUndefined();
    expect(diagnostics.length).toBe(1);
  });

  it.each([
    ['SELECT id -- trailing', 'SELECT id;  -- trailing\n'],
    ['SELECT id -- trailing\n;', 'SELECT id;  -- trailing\n'],
    ['SELECT id -- trailing\n-- below\n', 'SELECT id;  -- trailing\n-- below\n'],
    ['SELECT id /* a */\n', 'SELECT id;  /* a */\n'],
  ])('writes a missing semicolon before the comment that ends the line: %j', (text, formatted) => {
    expect(format(text).text).toBe(formatted);
    expect(format(formatted).text).toBe(formatted);
  });

  it('keeps the meaning of the statements of the conformance suite', () => {
    const folder = path.join(repository, 'test/conformance');
    const shared = path.resolve(repository, '../shared/conformance');
    const lists = [folder, shared]
      .map((each) => path.join(each, 'statements.jsonl'))
      .filter((each) => existsSync(each));
    const statements = lists.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
    let count = 0;
    for (const line of statements) {
      const { sql } = JSON.parse(line) as { sql: string };
      const once = format(sql).text;
      if (once === undefined) continue;
      count++;
      expect(format(once).text).toBe(once);
    }
    expect(count).toBeGreaterThan(20);
  });
});
