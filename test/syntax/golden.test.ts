import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../engine/diagnostics/render.ts';
import { parse } from '../../engine/syntax/parse.ts';
import { print } from '../../engine/syntax/print.ts';
import { stripSpans } from './strip-spans.ts';

/**
 * Each file of `testdata` holds cases: `parse` or `error`, the SQL, `----`, and what is expected: the printed tree, or
 * the diagnostics as a user sees them. `REWRITE=1` writes what came out; read the difference before committing it.
 */
interface Case {
  readonly directive: string;
  readonly sql: string;
  readonly expected: string;
  readonly line: number;
}

const folder = new URL('testdata/', import.meta.url);
const END = '\n====\n';

function readCases(text: string): Case[] {
  let line = 1;
  return text.split(END).flatMap((block) => {
    const start = line;
    line += block.split('\n').length;
    const content = block.replace(/^(?:\s*\n|#.*\n)*/, '');
    if (content.trim() === '') return [];
    const [head, expected = ''] = content.split(/\n----(?:\n|$)/, 2) as [string, string?];
    const [directive, ...sql] = head.split('\n');
    return [{ directive: directive!, sql: sql.join('\n'), expected, line: start }];
  });
}

function run({ directive, sql }: Case): string {
  const found = new Diagnostics();
  const script = parse(sql, { report: found });
  if (directive === 'error') {
    expect(found.list.length, 'an error case reports something').toBeGreaterThan(0);
    const statements = script.statements.length;
    const rest = statements === 0 ? '' : `${statements} statement${statements === 1 ? '' : 's'} parsed\n`;
    return `${renderDiagnostics([{ file: 'job.sql', text: sql, diagnostics: found.list }], 'text')}${rest}`.trimEnd();
  }
  expect(directive).toBe('parse');
  expect(found.list.map(({ message }) => message)).toEqual([]);
  const printed = print(script);
  const again = new Diagnostics();
  expect(stripSpans(parse(printed, { report: again })), 'parsed again').toEqual(stripSpans(script));
  expect(again.list).toEqual([]);
  return printed.trimEnd();
}

for (const file of readdirSync(folder).sort()) {
  const url = new URL(file, folder);
  const text = readFileSync(url, 'utf8');
  const cases = readCases(text);
  describe(file, () => {
    test.each(cases)('line $line: $sql', (item) => {
      const actual = run(item);
      if (process.env.REWRITE === undefined) expect(actual).toBe(item.expected);
    });
  });
  if (process.env.REWRITE !== undefined) {
    const header = /^(?:#.*\n)*/.exec(text)![0];
    writeFileSync(
      url,
      header + cases.map((item) => `${item.directive}\n${item.sql}\n----\n${run(item)}`).join(END) + END,
    );
  }
}
