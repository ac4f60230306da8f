import type { Span } from '../diagnostics/diagnostic.ts';
import type { CommonTable, Expression, OrderItem, Query, QueryBody, SetOperation, Values } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseIdentifier, parseIdentifiers, parseName } from './name.ts';
import { parseSelect } from './select.ts';

/** `[WITH …] body [ORDER BY …] [LIMIT …]`. */
export function parseQuery(p: Cursor): Query {
  const start = p.peek();
  const tables = p.is('WITH') ? parseWith(p) : [];
  return finishQuery(p, start, tables, parseBody(p));
}

/** Goes on behind a bracketed query: a set operation or an order; undefined where neither follows. */
export function continueQuery(p: Cursor, left: Query): Query | undefined {
  const follows = ['UNION', 'INTERSECT', 'EXCEPT', 'MINUS', 'ORDER', 'LIMIT', 'OFFSET', 'FETCH'].some((key) =>
    p.is(key),
  );
  return follows ? finishQuery(p, left.span, [], parseBody(p, 0, left)) : undefined;
}

/** A query as part of another, with the brackets in its span. */
export function wrapQuery(query: Query, span: Span): Query {
  return { ...query, span };
}

function finishQuery(p: Cursor, start: Span, tables: CommonTable[], body: QueryBody): Query {
  const orderBy = p.is('ORDER') ? parseOrderBy(p) : [];
  const { limit, offset } = parseLimit(p);
  if (
    body.kind === 'query' &&
    tables.length === 0 &&
    orderBy.length === 0 &&
    limit === undefined &&
    offset === undefined
  ) {
    return body;
  }
  return {
    kind: 'query',
    with: tables,
    body,
    orderBy,
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
    span: p.span(start),
  };
}

function parseWith(p: Cursor): CommonTable[] {
  p.take();
  if (p.is('RECURSIVE')) p.unsupported('WITH RECURSIVE is', { start: p.peek().start, end: p.peek().end });
  const tables: CommonTable[] = [];
  do {
    const name = parseIdentifier(p, 'a name for the query');
    const columns = p.is('(') ? parseIdentifiers(p) : [];
    p.expect('AS');
    if (!p.is('(')) p.unexpected("'(' and a query");
    p.take();
    const query = p.nested(() => parseQuery(p));
    p.expect(')');
    tables.push({ name, columns, query, span: p.span(name.span) });
  } while (p.accept(','));
  return tables;
}

const strength = { UNION: 1, EXCEPT: 1, INTERSECT: 2 } as const;

/** Queries joined by set operations; INTERSECT binds tighter than the others. */
function parseBody(p: Cursor, least = 0, first?: Query): QueryBody {
  const outer = p.height;
  p.height = 0;
  let left = first ?? parseLeaf(p);
  let { height } = p;
  for (;;) {
    const operator = (['UNION', 'EXCEPT', 'INTERSECT'] as const).find((key) => p.is(key));
    if (operator === undefined) {
      if (p.is('MINUS')) refuseMinus(p);
      break;
    }
    if (strength[operator] < least) break;
    p.take();
    const all = p.accept('ALL') !== undefined;
    if (!all) p.accept('DISTINCT');
    p.height = 0;
    const right: QueryBody = parseBody(p, strength[operator] + 1);
    left = { kind: 'set-operation', operator, all, left, right, span: p.span(left.span) } satisfies SetOperation;
    height = Math.max(height, p.height) + 1;
    p.grown(height, left.span);
  }
  p.height = Math.max(outer, height);
  return left;
}

function refuseMinus(p: Cursor): never {
  const { start, end } = p.peek();
  return p.fail(
    "found 'MINUS', which Flink SQL does not have",
    { start, end },
    {
      help: "the difference of two queries is written 'EXCEPT'",
      fix: { span: { start, end }, text: 'EXCEPT' },
    },
  );
}

function parseLeaf(p: Cursor): QueryBody {
  const token = p.peek();
  switch (token.key) {
    case 'SELECT':
      return parseSelect(p);
    case 'VALUES':
      return parseValues(p);
    case 'TABLE':
      return parseExplicitTable(p);
    case '(': {
      p.take();
      const query = p.nested(() => parseQuery(p));
      if (!p.is(')')) p.unexpected("')'");
      p.take();
      return wrapQuery(query, p.span(token));
    }
    case 'WITH':
      return p.unexpected('SELECT or VALUES', { help: 'put the query that begins with WITH in brackets' });
    default:
      return p.unexpected('a query');
  }
}

/** `TABLE t`, short for `SELECT * FROM t`. */
function parseExplicitTable(p: Cursor): QueryBody {
  const start = p.take();
  const name = parseName(p, 'the name of a table');
  const span = p.span(start);
  return {
    kind: 'select',
    distinct: false,
    items: [{ expression: { kind: 'reference', parts: [], star: true, span }, span }],
    from: { kind: 'table', name, hints: [], span: name.span },
    windows: [],
    span,
  };
}

function parseValues(p: Cursor): Values {
  const start = p.take();
  const rows: (readonly Expression[])[] = [];
  do {
    if (p.is(')') || p.is(';')) p.unexpected('a row of values');
    const row = parseExpression(p);
    rows.push(row.kind === 'row' ? row.items : [row]);
  } while (p.accept(','));
  return { kind: 'values', rows, span: p.span(start) };
}

/** `ORDER BY a DESC NULLS LAST, b`; as an argument it is one item, or several in brackets. */
export function parseOrderBy(p: Cursor, asArgument = false): OrderItem[] {
  p.expect('ORDER');
  if (!p.is('BY')) p.unexpected("'BY'");
  p.take();
  const bracketed = asArgument && p.accept('(') !== undefined;
  const items = [parseOrderItem(p)];
  while ((!asArgument || bracketed) && p.accept(',')) items.push(parseOrderItem(p));
  if (bracketed) p.expect(')');
  return items;
}

function parseOrderItem(p: Cursor): OrderItem {
  const expression = parseExpression(p);
  const descending = p.acceptOne('ASC', 'DESC') === 'DESC';
  let nulls: OrderItem['nulls'];
  if (p.accept('NULLS')) {
    nulls = p.acceptOne('FIRST', 'LAST');
    if (nulls === undefined) p.unexpected("'FIRST' or 'LAST'");
  }
  return { expression, descending, ...(nulls === undefined ? {} : { nulls }), span: p.span(expression.span) };
}

/** `LIMIT n [OFFSET m]`, `OFFSET m ROWS`, `FETCH NEXT n ROWS ONLY`. */
function parseLimit(p: Cursor): { limit?: Expression; offset?: Expression } {
  let limit: Expression | undefined;
  let offset: Expression | undefined;
  if (p.accept('LIMIT')) {
    if (!p.accept('ALL')) limit = parseCount(p, 'LIMIT');
    if (p.is(',')) refuseLimitPair(p, limit);
    if (p.accept('OFFSET')) offset = parseOffset(p);
  } else if (p.accept('OFFSET')) {
    offset = parseOffset(p);
    if (p.is('LIMIT')) refuseLimitAfterOffset(p, offset);
  }
  if (limit === undefined && p.accept('FETCH')) {
    if (p.acceptOne('FIRST', 'NEXT') === undefined) p.unexpected("'FIRST' or 'NEXT'");
    limit = parseCount(p, 'FETCH');
    if (p.acceptOne('ROW', 'ROWS') === undefined) p.unexpected("'ROWS'");
    p.expect('ONLY');
  }
  return { ...(limit === undefined ? {} : { limit }), ...(offset === undefined ? {} : { offset }) };
}

function parseOffset(p: Cursor): Expression {
  const offset = parseCount(p, 'OFFSET');
  p.acceptOne('ROWS', 'ROW');
  return offset;
}

function parseCount(p: Cursor, clause: string): Expression {
  const token = p.peek();
  const span = { start: token.start, end: token.end };
  if (token.key === '?') p.unsupported('a parameter is', span, 'write a number');
  if (token.kind !== 'number') return p.unexpected(`a number after ${clause}`);
  p.take();
  return { kind: 'number', text: p.source(span), span };
}

function refuseLimitPair(p: Cursor, first: Expression | undefined): never {
  const comma = p.take();
  const count = p.peek();
  const span = { start: first?.span.start ?? comma.start, end: count.end };
  return p.fail("found 'LIMIT start, count', which Flink SQL does not have", span, {
    help: 'write LIMIT count OFFSET start',
    ...(first !== undefined && count.kind === 'number'
      ? { fix: { span, text: `${p.source(count)} OFFSET ${p.source(first.span)}` } }
      : {}),
  });
}

function refuseLimitAfterOffset(p: Cursor, offset: Expression): never {
  const limit = p.take();
  const count = p.peek();
  const text = p.source({ start: limit.start, end: count.end });
  const start = p.text.slice(0, offset.span.start).search(/OFFSET\s*$/i);
  const span = { start, end: count.end };
  return p.fail(
    'found LIMIT after OFFSET, expected it before',
    { start: limit.start, end: limit.end },
    {
      help: 'write LIMIT count OFFSET start',
      ...(count.kind === 'number' && start >= 0
        ? { fix: { span, text: `${text} OFFSET ${p.source(offset.span)}` } }
        : {}),
    },
  );
}
