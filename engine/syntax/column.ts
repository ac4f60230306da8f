import type { ColumnDefinition, Identifier, PrimaryKey, StringLiteral, TypeNode, Watermark } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { isName, parseIdentifier, parseIdentifiers } from './name.ts';
import { parseString } from './text.ts';
import { beginsType, parseType } from './type.ts';

/** What stands between the brackets of CREATE TABLE. `names` are columns without type, as CREATE TABLE … AS has them. */
export interface Body {
  readonly columns: ColumnDefinition[];
  readonly watermarks: Watermark[];
  readonly names: Identifier[];
  primaryKey?: PrimaryKey;
}

/** `( column | WATERMARK … | PRIMARY KEY …, … )`; a missing or trailing comma is told and read over. */
export function parseTableBody(p: Cursor): Body {
  const body: Body = { columns: [], watermarks: [], names: [] };
  p.expect('(');
  if (p.is(')')) p.unexpected('a column', { help: 'leave the brackets out for a table without columns of its own' });
  for (;;) {
    parseElement(p, body);
    if (p.is(',')) {
      const comma = p.take();
      if (!p.is(')')) continue;
      const span = { start: comma.start, end: comma.end };
      p.report('this comma is followed by no column', span, { help: 'remove it', fix: { span, text: '' } });
    } else if (missesComma(p)) continue;
    if (!p.is(')')) p.unexpected("',' or ')'", refusal(p));
    p.take();
    return body;
  }
}

/** Whether the next column follows without a comma; reports it. */
function missesComma(p: Cursor): boolean {
  const token = p.peek();
  const begins =
    (isName(token) && (beginsType(p.peek(1)) || p.is('AS', 1))) ||
    (token.key === 'WATERMARK' && p.is('FOR', 1)) ||
    (token.key === 'PRIMARY' && p.is('KEY', 1) && p.is('(', 2));
  if (!begins) return false;
  const at = { start: p.previousEnd, end: p.previousEnd };
  p.report(
    `found '${p.source(token)}', expected ',' before it`,
    { start: token.start, end: token.end },
    {
      label: 'comma missing before this',
      fix: { span: at, text: ',' },
    },
  );
  return true;
}

/** Column options of other databases. */
function refusal(p: Cursor): { help?: string } {
  switch (p.peek().key) {
    case 'DEFAULT':
      return { help: 'Flink SQL has no default values: use COALESCE in the query' };
    case 'CHECK':
      return { help: 'Flink SQL has no CHECK constraints: use WHERE in the query' };
    case 'NOT':
    case 'NULL':
      return { help: 'NOT NULL stands directly after the type' };
    case 'AUTO_INCREMENT':
    case 'IDENTITY':
    case 'REFERENCES':
      return { help: 'Flink SQL has no such column option' };
    case '(':
      return { help: 'this type takes no number in brackets' };
    default:
      return {};
  }
}

function parseElement(p: Cursor, body: Body): void {
  const token = p.peek();
  switch (token.key) {
    case 'WATERMARK': {
      const watermark = parseWatermark(p);
      if (body.watermarks.length > 0) p.fail('a table has one watermark, this is the second', watermark.span);
      body.watermarks.push(watermark);
      return;
    }
    case 'CONSTRAINT':
    case 'PRIMARY':
    case 'UNIQUE': {
      const key = parseTableConstraint(p);
      if (key !== undefined) setPrimaryKey(p, body, key);
      return;
    }
    default:
      parseColumn(p, body);
  }
}

/** `WATERMARK FOR column AS expression`. */
function parseWatermark(p: Cursor): Watermark {
  const start = p.take();
  if (!p.is('FOR')) p.unexpected("'FOR'", { help: 'write WATERMARK FOR column AS expression' });
  p.take();
  const column = [parseIdentifier(p, 'the name of a column')];
  while (p.accept('.')) column.push(parseIdentifier(p, 'a name', true));
  p.expect('AS');
  const expression = parseExpression(p);
  return { column, expression, span: p.span(start) };
}

/** `[CONSTRAINT name] PRIMARY KEY (a, b) [NOT ENFORCED]`; UNIQUE is told and gives nothing. */
function parseTableConstraint(p: Cursor): PrimaryKey | undefined {
  const start = p.peek();
  const constraint = p.accept('CONSTRAINT') ? parseIdentifier(p, 'a name for the constraint') : undefined;
  const unique = skipUnique(p);
  if (!unique) p.expect('PRIMARY', 'KEY');
  if (!p.is('(')) p.unexpected("'(' and names of columns");
  const columns = parseIdentifiers(p);
  const enforced = parseEnforced(p);
  if (unique) return undefined;
  return {
    ...(constraint === undefined ? {} : { constraint }),
    columns,
    enforced,
    ofColumn: false,
    span: p.span(start),
  };
}

/** Takes UNIQUE with a diagnostic. */
function skipUnique(p: Cursor): boolean {
  const token = p.accept('UNIQUE');
  if (token === undefined) return false;
  const span = { start: token.start, end: token.end };
  p.report('UNIQUE is not supported', span, { code: 'unsupported', help: 'use PRIMARY KEY (…) NOT ENFORCED' });
  return true;
}

/** Nothing written means ENFORCED, which analysis refuses. */
function parseEnforced(p: Cursor): boolean {
  if (p.acceptAll('NOT', 'ENFORCED')) return false;
  p.accept('ENFORCED');
  return true;
}

function setPrimaryKey(p: Cursor, body: Body, key: PrimaryKey): void {
  if (body.primaryKey !== undefined) p.fail('a table has one primary key, this is the second', key.span);
  body.primaryKey = key;
}

/**
 *     name type [NULL | NOT NULL] [METADATA [FROM 'key'] [VIRTUAL]] [[CONSTRAINT c] PRIMARY KEY [NOT ENFORCED]] [COMMENT 'c']
 *     name AS expression [COMMENT 'c']
 */
function parseColumn(p: Cursor, body: Body): void {
  const start = p.peek();
  const certain = beginsType(p.peek(1)) || p.is('AS', 1);
  if (!certain && start.kind === 'word' && !isName(start)) {
    p.unexpected('the name of a column', {
      help: `'${p.source(start)}' is a reserved word and needs backticks as a name`,
    });
  }
  const name = parseIdentifier(p, 'the name of a column', certain);
  if (p.is('.'))
    p.unsupported(
      'a column inside a column is',
      { start: start.start, end: p.peek().end },
      'declare a column of type ROW',
    );
  if (p.accept('AS')) {
    const expression = parseExpression(p);
    body.columns.push({ kind: 'computed', name, expression, ...parseComment(p), span: p.span(start) });
    return;
  }
  if (p.is(',') || p.is(')')) {
    body.names.push(name);
    return;
  }
  const type = parseType(p);
  if (p.accept('METADATA')) {
    body.columns.push(parseMetadata(p, name, type));
    return;
  }
  if (p.is('PRIMARY') || p.is('CONSTRAINT') || p.is('UNIQUE')) {
    const key = parseColumnConstraint(p, name);
    if (key !== undefined) setPrimaryKey(p, body, key);
  }
  body.columns.push({ kind: 'physical', name, type, ...parseComment(p), span: p.span(start) });
}

function parseMetadata(p: Cursor, name: Identifier, type: TypeNode): ColumnDefinition {
  const from = p.accept('FROM') ? parseString(p, 'a metadata key in quotes') : undefined;
  const virtual = p.accept('VIRTUAL') !== undefined;
  return {
    kind: 'metadata',
    name,
    type,
    ...(from === undefined ? {} : { from }),
    virtual,
    ...parseComment(p),
    span: p.span(name.span),
  };
}

function parseColumnConstraint(p: Cursor, column: Identifier): PrimaryKey | undefined {
  const start = p.peek();
  if (p.is('PRIMARY') && p.is('KEY', 1) && p.is('(', 2)) {
    const at = { start: p.previousEnd, end: p.previousEnd };
    p.fail(
      "found 'PRIMARY KEY (', expected ',' before it",
      { start: start.start, end: p.peek(1).end },
      { fix: { span: at, text: ',' } },
    );
  }
  const constraint = p.accept('CONSTRAINT') ? parseIdentifier(p, 'a name for the constraint') : undefined;
  const unique = skipUnique(p);
  if (!unique) p.expect('PRIMARY', 'KEY');
  const enforced = parseEnforced(p);
  if (unique) return undefined;
  return {
    ...(constraint === undefined ? {} : { constraint }),
    columns: [column],
    enforced,
    ofColumn: true,
    span: p.span(start),
  };
}

function parseComment(p: Cursor): { comment?: StringLiteral } {
  return p.accept('COMMENT') ? { comment: parseString(p) } : {};
}
