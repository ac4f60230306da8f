import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Diagnostics, type Span } from '../../engine/diagnostics/diagnostic.ts';
import type { QueryBody } from '../../engine/syntax/ast.ts';
import { Lexer } from '../../engine/syntax/lexer.ts';
import { parse } from '../../engine/syntax/parse.ts';
import { printStatement } from '../../engine/syntax/print.ts';
import { stripSpans } from './strip-spans.ts';

const folder = new URL('testdata/', import.meta.url);
const texts = readdirSync(folder).flatMap((file) =>
  readFileSync(new URL(file, folder), 'utf8')
    .split('\n====\n')
    .map((block) => block.replace(/^(?:\s*\n|#.*\n)*/, ''))
    .filter((block) => block.startsWith('parse\n'))
    .map((block) => block.slice('parse\n'.length).split(/\n----(?:\n|$)/)[0]!),
);

function parseGood(text: string) {
  const found = new Diagnostics();
  const script = parse(text, { report: found });
  expect(found.list).toEqual([]);
  return script;
}

type Visit = (node: Record<string, unknown> & { span: Span }, parent: Span | undefined) => void;

function walk(value: unknown, visit: Visit, parent?: Span): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit, parent);
  else if (typeof value === 'object' && value !== null) {
    const node = value as Record<string, unknown> & { span: Span };
    if (node.span !== undefined) visit(node, parent);
    for (const [key, child] of Object.entries(node)) {
      // A key written at its column names the column, which stands before it.
      if (node.ofColumn === true && key === 'columns') continue;
      if (!/^(span|operatorSpan|optionsSpan|distribution)$/.test(key)) walk(child, visit, node.span ?? parent);
    }
  }
}

test('every node lies inside the node around it and is not empty', () => {
  for (const text of texts) {
    walk(parseGood(text).statements, (node, parent) => {
      const { span } = node;
      expect(span.end, `${text}: ${node.kind}`).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(text.length);
      if (parent !== undefined) {
        expect(span.start, `${node.kind} in ${text}`).toBeGreaterThanOrEqual(parent.start);
        expect(span.end, `${node.kind} in ${text}`).toBeLessThanOrEqual(parent.end);
      }
    });
  }
});

test('the place of a name holds the name', () => {
  for (const text of texts) {
    walk(parseGood(text).statements, (node) => {
      if (node.kind !== 'identifier') return;
      const written = text.slice(node.span.start, node.span.end);
      expect(node.quoted ? written.slice(1, -1).replaceAll('``', '`') : written).toBe(node.name);
    });
  }
});

test('a statement is its text without the semicolon', () => {
  for (const text of texts) {
    for (const statement of parseGood(text).statements) {
      const written = text.slice(statement.span.start, statement.span.end);
      const again = parseGood(written);
      expect(again.statements).toHaveLength(1);
      expect(printStatement(again.statements[0]!)).toBe(printStatement(statement));
    }
  }
});

type Select = Extract<QueryBody, { kind: 'select' }>;

test('the text at the place of a selected expression is that expression', () => {
  let count = 0;
  for (const text of texts) {
    walk(parseGood(text).statements, (node) => {
      if (node.kind !== 'select') return;
      for (const { expression } of (node as unknown as Select).items) {
        const written = text.slice(expression.span.start, expression.span.end);
        if (expression.kind === 'reference' && expression.star) continue;
        const [statement] = parseGood(`SELECT ${written}`).statements;
        if (statement?.kind !== 'select-statement' || statement.query.body.kind !== 'select') throw new Error(written);
        expect(stripSpans(statement.query.body.items[0]!.expression), written).toEqual(stripSpans(expression));
        count++;
      }
    });
  }
  expect(count).toBeGreaterThan(150);
});

test('the lexer gives the comments, and tokens and comments cover all but blanks', () => {
  const text = "\ufeffSELECT a -- one ; '\r\n, /* two */ '--' // three\n FROM `/*` /*+ X */";
  const lexer = new Lexer(text);
  const spans: Span[] = [];
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) spans.push(token);
  expect(lexer.comments.map((c) => [text.slice(c.start, c.end), c.block])).toEqual([
    ["-- one ; '", false],
    ['/* two */', true],
    ['// three', false],
  ]);
  const all = [...spans, ...lexer.comments].sort((a, b) => a.start - b.start);
  let rest = '';
  let at = 0;
  for (const { start, end } of all) {
    rest += text.slice(at, start);
    at = end;
  }
  expect(rest.replace('\ufeff', '').trim()).toBe('');
});
