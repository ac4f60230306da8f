import type { Alias, Expression, Identifier, Join, Query, TableExpression } from './ast.ts';
import { parseCall } from './call.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression, parseExpressions } from './expression.ts';
import { parseHints } from './hint.ts';
import { isName, parseIdentifier, parseIdentifiers, parseName } from './name.ts';
import { beginsQuery } from './operand.ts';
import { continueQuery, parseQuery, wrapQuery } from './query.ts';

/** What stands after FROM: tables joined by JOIN, and those by commas, which bind looser; both left-associative. */
export function parseFrom(p: Cursor): TableExpression {
  const outer = p.height;
  let left = parseJoins(p, parsePrimary(p));
  for (let height = 1; p.accept(','); height++) {
    const right = parseJoins(p, parsePrimary(p));
    left = { kind: 'join', type: 'INNER', comma: true, natural: false, left, right, span: p.span(left.span) };
    p.grown(height, left.span);
  }
  p.height = Math.max(outer, p.height);
  return left;
}

function parseJoins(p: Cursor, first: TableExpression): TableExpression {
  const outer = p.height;
  let left = first;
  for (let height = 1; ; height++) {
    const join = parseJoin(p, left);
    if (join === undefined) {
      p.height = Math.max(outer, height);
      return left;
    }
    left = join;
    p.grown(height, left.span);
  }
}

function parseJoin(p: Cursor, left: TableExpression): Join | undefined {
  const token = p.peek();
  const done = (join: Omit<Join, 'kind' | 'left' | 'span'>): Join => ({
    kind: 'join',
    left,
    ...join,
    span: p.span(left.span),
  });
  if (token.key === 'CROSS' || token.key === 'OUTER') {
    if (p.is('APPLY', 1)) {
      p.take();
      p.fail(
        `found '${token.key} APPLY', which Flink SQL does not have`,
        { start: token.start, end: p.peek().end },
        {
          help: 'write CROSS JOIN LATERAL TABLE(f(…))',
        },
      );
    }
    if (token.key === 'OUTER') return undefined;
    p.take();
    p.expect('JOIN');
    const right = parsePrimary(p);
    if (p.is('ON'))
      p.unexpected('the end of the CROSS JOIN', { help: 'a CROSS JOIN has no condition: write JOIN … ON' });
    return done({ type: 'CROSS', comma: false, natural: false, right });
  }
  const natural = p.accept('NATURAL') !== undefined;
  const side = p.acceptOne('INNER', 'LEFT', 'RIGHT', 'FULL');
  if (side === undefined && !p.is('JOIN')) return natural ? p.unexpected("'JOIN'") : undefined;
  if (side !== undefined && side !== 'INNER') p.accept('OUTER');
  if (p.is('SEMI') || p.is('ANTI')) {
    p.unexpected("'JOIN'", {
      help: p.is('SEMI') ? 'write WHERE EXISTS (SELECT …)' : 'write WHERE NOT EXISTS (SELECT …)',
    });
  }
  if (p.is('ASOF')) p.unsupported('ASOF JOIN is', { start: p.peek().start, end: p.peek().end });
  p.expect('JOIN');
  const right = parsePrimary(p);
  const type = side ?? 'INNER';
  if (p.accept('ON')) return done({ type, comma: false, natural, right, on: parseExpression(p) });
  if (p.accept('USING')) return done({ type, comma: false, natural, right, using: parseIdentifiers(p) });
  return done({ type, comma: false, natural, right });
}

function parsePrimary(p: Cursor): TableExpression {
  const start = p.peek();
  if (start.key === 'LATERAL') {
    p.take();
    if (p.is('TABLE')) return parseFunctionTable(p, start, true);
    if (p.is('UNNEST')) return parseUnnest(p);
    if (!p.is('(')) p.unexpected("'TABLE(…)' or '(SELECT …)'");
    p.take();
    const query = p.nested(() => parseQuery(p));
    p.expect(')');
    return finishDerived(p, query, start, true);
  }
  if (start.key === 'TABLE') return parseFunctionTable(p, start, false);
  if (start.key === 'UNNEST') return parseUnnest(p);
  if (start.key === '(') return parseBracketed(p);
  if (start.key === 'VALUES' || start.key === 'SELECT')
    p.unexpected('a table', { help: 'put a query after FROM in brackets' });
  if (start.kind === 'string') {
    p.unexpected('a table', { help: 'names of tables stand without quotes or in backticks' });
  }
  return parseTable(p);
}

function parseTable(p: Cursor): TableExpression {
  const name = parseName(p, 'a table');
  if (p.is('(')) {
    if (isName(p.peek(1)) && p.peek(2).kind === 'word' && !p.is('FROM', 2)) {
      p.unsupported('a list of columns behind a table is', { start: p.peek().start, end: p.peek().end });
    }
    const call = p.nested(() => parseCall(p, name));
    return withAlias(p, { kind: 'function-table', lateral: false, call }, name.span);
  }
  const hints = parseHints(p);
  let systemTime = parseSystemTime(p);
  refuseTableClauses(p);
  const alias = parseAlias(p);
  if (alias !== undefined && systemTime === undefined && p.follows('FOR', 'SYSTEM_TIME')) {
    systemTime = parseMisplacedSystemTime(p, alias);
  }
  if (p.is('/*+'))
    p.unexpected('the end of the table', {
      help: 'hints stand directly after the name of the table, before its alias',
    });
  refuseTableClauses(p);
  return {
    kind: 'table',
    name,
    hints,
    ...(systemTime === undefined ? {} : { systemTime }),
    ...(alias === undefined ? {} : { alias }),
    span: p.span(name.span),
  };
}

function refuseTableClauses(p: Cursor): void {
  const token = p.peek();
  if (['MATCH_RECOGNIZE', 'TABLESAMPLE', 'PIVOT', 'UNPIVOT', 'EXTEND'].includes(token.key)) {
    const help =
      token.key === 'MATCH_RECOGNIZE'
        ? 'rows before a row are seen with LAG(…) OVER (…), rows of a span of time in windows such as HOP'
        : undefined;
    p.unsupported(`${token.key} is`, { start: token.start, end: token.end }, help);
  }
}

/** `FOR SYSTEM_TIME AS OF expression`. */
function parseSystemTime(p: Cursor): Expression | undefined {
  if (!p.is('FOR')) return undefined;
  p.take();
  p.expect('SYSTEM_TIME', 'AS', 'OF');
  return parseExpression(p);
}

function parseMisplacedSystemTime(p: Cursor, alias: Alias): Expression | undefined {
  const start = p.peek();
  const time = parseSystemTime(p);
  const before = p.text.slice(0, alias.name.span.start).search(/\bAS\s*$/i);
  const from = before < 0 ? alias.name.span.start : before;
  const clause = p.source(p.span(start));
  p.report(
    'found FOR SYSTEM_TIME after the alias, expected it before',
    { start: start.start, end: p.previousEnd },
    {
      help: 'write: table FOR SYSTEM_TIME AS OF time AS alias',
      fix: {
        span: { start: from, end: p.previousEnd },
        text: `${clause} AS ${p.source({ start: alias.name.span.start, end: start.start }).trimEnd()}`,
      },
    },
  );
  return time;
}

/** `[AS] name [(columns)]`, or nothing. */
function parseAlias(p: Cursor): Alias | undefined {
  let name: Identifier;
  if (p.accept('AS')) name = parseIdentifier(p, 'a name');
  else if (isName(p.peek())) name = parseIdentifier(p);
  else return undefined;
  return { name, columns: p.is('(') ? parseIdentifiers(p) : [] };
}

function withAlias<T extends object>(p: Cursor, node: T, start: { start: number; end: number }) {
  const alias = parseAlias(p);
  return { ...node, ...(alias === undefined ? {} : { alias }), span: p.span(start) };
}

function finishDerived(
  p: Cursor,
  query: Query,
  start: { start: number; end: number },
  lateral: boolean,
): TableExpression {
  const derived = withAlias(p, { kind: 'derived', lateral, query } as const, start);
  refuseTableClauses(p);
  return derived;
}

/** `TABLE(f(…))`. */
function parseFunctionTable(p: Cursor, start: { start: number; end: number }, lateral: boolean): TableExpression {
  p.expect('TABLE');
  p.expect('(');
  const name = parseName(p, 'a table function');
  if (!p.is('(')) p.unexpected("'(' and the arguments of the function");
  const call = p.nested(() => parseCall(p, name));
  p.expect(')');
  return withAlias(p, { kind: 'function-table', lateral, call } as const, start);
}

function parseUnnest(p: Cursor): TableExpression {
  const start = p.take();
  p.expect('(');
  const expressions = parseExpressions(p);
  p.expect(')');
  const ordinality = p.acceptAll('WITH', 'ORDINALITY');
  return withAlias(p, { kind: 'unnest', expressions, ordinality } as const, start);
}

/** `(SELECT …) AS a` or `(a JOIN b ON …)`. */
function parseBracketed(p: Cursor): TableExpression {
  const start = p.peek();
  const inside = p.nested(() => parseInside(p));
  if (inside.kind === 'query') return finishDerived(p, inside, start, false);
  if (inside.kind !== 'join') {
    p.fail(
      'found a table in brackets, expected a query or a join',
      { start: start.start, end: p.previousEnd },
      {
        help: 'leave the brackets out',
      },
    );
  }
  return inside;
}

function parseInside(p: Cursor): Query | TableExpression {
  const open = p.take();
  let inside: Query | TableExpression;
  if (beginsQuery(p) && !p.follows('TABLE', '(')) inside = parseQuery(p);
  else if (p.is('(')) {
    const start = p.peek();
    const inner = p.nested(() => parseInside(p));
    if (inner.kind !== 'query') inside = parseJoins(p, inner);
    else if (p.is(')')) inside = inner;
    else
      inside =
        continueQuery(p, wrapQuery(inner, p.span(start))) ?? parseJoins(p, finishDerived(p, inner, start, false));
  } else inside = parseJoins(p, parsePrimary(p));
  if (!p.is(')')) p.unexpected("')'");
  p.take();
  return inside.kind === 'query' ? wrapQuery(inside, p.span(open)) : inside;
}
