import { expect, test } from 'vitest';
import { codes } from '../../engine/diagnostics/codes.ts';
import type { Diagnostic } from '../../engine/diagnostics/diagnostic.ts';
import { indexLines, lineSpan, placeOf, positionAt } from '../../engine/diagnostics/line-index.ts';
import { diagnosticFormats, renderDiagnostics } from '../../engine/diagnostics/render.ts';

/** A diagnostic on the first occurrence of `at` in `text`. */
function on(text: string, at: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf(at);
  expect(start, at).toBeGreaterThanOrEqual(0);
  return {
    code: 'unknown-column',
    severity: 'error',
    message: 'no such column',
    span: { start, end: start + at.length },
    ...more,
  };
}

function text(source: string, ...diagnostics: Diagnostic[]): string[] {
  return renderDiagnostics([{ file: 'jobs/a.sql', text: source, diagnostics }], 'text').split('\n');
}

test('lines end at \\n and \\r\\n, and a byte order mark takes no column', () => {
  const index = indexLines('\ufeffab\r\ncd\n\nx');
  expect(positionAt(index, 1)).toEqual({ line: 1, column: 1 });
  expect(positionAt(index, 2)).toEqual({ line: 1, column: 2 });
  expect(positionAt(index, 5)).toEqual({ line: 2, column: 1 });
  expect(positionAt(index, 9)).toEqual({ line: 4, column: 1 });
  expect(positionAt(index, 10)).toEqual({ line: 4, column: 2 });
  expect([1, 2, 3, 4].map((line) => lineSpan(index, line))).toEqual([
    { start: 1, end: 3 },
    { start: 5, end: 7 },
    { start: 8, end: 8 },
    { start: 9, end: 10 },
  ]);
  expect(placeOf(index, { start: 2, end: 6 })).toEqual({ line: 1, column: 2, endLine: 2, endColumn: 2 });
});

test('text shows the place, the line, the label under its carets, and help', () => {
  const source = 'SELECT a,\n       pric\nFROM t';
  expect(text(source, on(source, 'pric', { label: 'here', help: "did you mean 'price'?" }))).toEqual([
    'error[unknown-column]: no such column',
    ' --> jobs/a.sql:2:8',
    '  |',
    '2 |        pric',
    '  |        ^^^^ here',
    '  |',
    "  = help: did you mean 'price'?",
    '',
    '1 error',
    '',
  ]);
});

test('a fix is shown as the line before and after', () => {
  const source = 'SELECT a\nWHERE b == c';
  const lines = text(source, on(source, '==', { fix: { span: { start: 17, end: 19 }, text: '=' } }));
  expect(lines).toContain('2 - WHERE b == c');
  expect(lines).toContain('2 + WHERE b = c');
});

test('the gutter is as wide as the largest line number', () => {
  const source = `${'\n'.repeat(99)}SELECT x`;
  const lines = text(source, on(source, 'x'));
  expect(lines.slice(1, 5)).toEqual(['   --> jobs/a.sql:100:8', '    |', '100 | SELECT x', '    |        ^']);
});

test('carets stand under their code behind tabs, wide and combining characters', () => {
  for (const before of ['\t', 'ab\t', '价格', '😀', 'e\u0301', 'ｘ', "'价'\t"]) {
    const source = `${before}BAD c`;
    const lines = text(source, on(source, 'BAD'));
    const width = { '\t': 4, 'ab\t': 4, 价格: 4, '😀': 2, 'e\u0301': 1, ｘ: 2, "'价'\t": 8 }[before]!;
    expect(lines[4], before).toBe(`  | ${' '.repeat(width)}^^^`);
  }
});

test('a wide character has a caret for each of its columns', () => {
  const source = 'SELECT 价格';
  expect(text(source, on(source, '价格'))[4]).toBe('  |        ^^^^');
});

test('an empty place has one caret, also at the end of the file', () => {
  const source = 'SELECT';
  expect(text(source, on(source, 'SELECT', { span: { start: 6, end: 6 } }))[4]).toBe('  |       ^');
});

test('of a place over several lines the first and the last are shown', () => {
  const source = 'SELECT (a\n  b\n  c)\nFROM t';
  expect(text(source, on(source, '(a\n  b\n  c)', { label: 'this' })).slice(3, 8)).toEqual([
    '1 | SELECT (a',
    '  |        ^^',
    '...',
    '3 |   c)',
    '  |   ^^ this',
  ]);
});

test('long lines are cut around the place', () => {
  const source = `SELECT ${'a, '.repeat(5000)}BAD, ${'b, '.repeat(5000)}c`;
  const lines = text(source, on(source, 'BAD'));
  expect(lines[3]!.length).toBeLessThan(130);
  expect(lines[3]).toMatch(/^1 \| ….*BAD.*…$/);
  const column = lines[3]!.indexOf('BAD');
  expect(lines[4]!.indexOf('^^^')).toBe(column);
});

test('nothing of the file or a message can move the cursor or turn the text round', () => {
  const source = 'SELECT \u001b[31mx\u202e y\u0007';
  const output = renderDiagnostics(
    [{ file: 'a\u001b.sql', text: source, diagnostics: [on(source, 'x', { message: 'found \u001b[2J\n\u0000' })] }],
    'text',
  );
  expect([...output].filter((c) => c !== '\n' && (c < ' ' || c === '\u202e'))).toEqual([]);
});

test('colours are only there when asked for', () => {
  const source = 'SELECT x';
  const file = { file: 'a.sql', text: source, diagnostics: [on(source, 'x')] };
  expect(renderDiagnostics([file], 'text')).not.toContain('\u001b');
  const colored = renderDiagnostics([file], 'text', { colors: true });
  expect(colored).toContain('\u001b[31m');
  const plain = colored.split('\u001b').map((part, i) => (i === 0 ? part : part.replace(/^\[\d+m/, '')));
  expect(plain.join('')).toBe(renderDiagnostics([file], 'text'));
});

test('diagnostics are shown in the order of their places, with a count of each severity', () => {
  const source = 'SELECT a, b, c';
  const lines = text(
    source,
    on(source, 'c', { severity: 'warning', message: 'third' }),
    on(source, 'a', { message: 'first' }),
    on(source, 'b', { severity: 'hint', message: 'second' }),
  );
  expect(lines.filter((line) => line.includes('['))).toEqual([
    'error[unknown-column]: first',
    'hint[unknown-column]: second',
    'warning[unknown-column]: third',
  ]);
  expect(lines.at(-2)).toBe('1 error, 1 warning, 1 hint');
});

test('json is an array with places from 1', () => {
  const source = 'SELECT\r\n  x';
  const diagnostic = on(source, 'x', { help: 'h', fix: { span: { start: 10, end: 11 }, text: 'y' } });
  expect(JSON.parse(renderDiagnostics([{ file: 'a.sql', text: source, diagnostics: [diagnostic] }], 'json'))).toEqual([
    {
      file: 'a.sql',
      code: 'unknown-column',
      severity: 'error',
      message: 'no such column',
      line: 2,
      column: 3,
      endLine: 2,
      endColumn: 4,
      help: 'h',
      fix: { line: 2, column: 3, endLine: 2, endColumn: 4, text: 'y' },
    },
  ]);
});

test('github annotations escape what has a meaning in them', () => {
  const source = 'x';
  const found = on(source, 'x', { severity: 'hint', message: '50%\nnext: a, b', help: 'do it' });
  expect(renderDiagnostics([{ file: 'a,b:c.sql', text: source, diagnostics: [found] }], 'github')).toBe(
    '::notice file=a%2Cb%3Ac.sql,line=1,col=1,endLine=1,endColumn=2,title=hint[unknown-column]::50%25%0Anext: a, b%0Ahelp: do it\n',
  );
});

test('sarif names rule, level, region and fix', () => {
  const source = 'SELECT x';
  const found = on(source, 'x', { severity: 'warning', fix: { span: { start: 7, end: 8 }, text: 'y' } });
  const log = JSON.parse(renderDiagnostics([{ file: 'my jobs/a.sql', text: source, diagnostics: [found] }], 'sarif'));
  expect(log.version).toBe('2.1.0');
  expect(log.runs[0].tool.driver.rules).toEqual([
    { id: 'unknown-column', shortDescription: { text: codes['unknown-column'] } },
  ]);
  expect(log.runs[0].results).toEqual([
    {
      ruleId: 'unknown-column',
      ruleIndex: 0,
      level: 'warning',
      message: { text: 'no such column' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'my%20jobs/a.sql' },
            region: { startLine: 1, startColumn: 8, endLine: 1, endColumn: 9 },
          },
        },
      ],
      partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{16}:1$/) },
      fixes: [
        {
          description: { text: 'no such column' },
          artifactChanges: [
            {
              artifactLocation: { uri: 'my%20jobs/a.sql' },
              replacements: [
                {
                  deletedRegion: { startLine: 1, startColumn: 8, endLine: 1, endColumn: 9 },
                  insertedContent: { text: 'y' },
                },
              ],
            },
          ],
        },
      ],
    },
  ]);
});

test('without diagnostics text and github say nothing, json and sarif are empty', () => {
  const empty = diagnosticFormats.map((format) =>
    renderDiagnostics([{ file: 'a', text: '', diagnostics: [] }], format),
  );
  expect(empty[0]).toBe('');
  expect(JSON.parse(empty[1]!)).toEqual([]);
  expect(empty[2]).toBe('');
  expect(JSON.parse(empty[3]!).runs[0].results).toEqual([]);
});
