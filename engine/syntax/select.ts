import type { Expression, GroupItem, Identifier, Select, SelectItem, WindowSpec } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseFrom } from './from.ts';
import { parseHints } from './hint.ts';
import { misspelt, misspeltAlias } from './mistakes.ts';
import { isName, parseIdentifier } from './name.ts';
import { callable } from './reserved.ts';
import { parseWindowSpec } from './window.ts';

/** `SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW … QUALIFY …`; the current token is SELECT. */
export function parseSelect(p: Cursor): Select {
  const start = p.take();
  const hints = parseHints(p);
  if (p.is('STREAM') && !p.is(',', 1))
    p.unsupported(
      'SELECT STREAM is',
      { start: p.peek().start, end: p.peek().end },
      'every query is a stream: leave STREAM out',
    );
  const distinct = p.acceptOne('DISTINCT', 'ALL') === 'DISTINCT';
  const items = parseItems(p);
  const head = { kind: 'select', ...(hints.length === 0 ? {} : { hints }), distinct, items } as const;
  if (!p.accept('FROM')) {
    if (p.is('WHERE')) p.unexpected("'FROM' before it");
    return { ...head, windows: [], span: p.span(start) };
  }
  const from = parseFrom(p);
  const where = p.accept('WHERE') ? parseExpression(p) : undefined;
  const groupBy = p.is('GROUP') ? parseGroupBy(p) : undefined;
  const having = p.accept('HAVING') ? parseExpression(p) : undefined;
  const windows = p.is('WINDOW') ? parseWindows(p) : [];
  const qualify = p.accept('QUALIFY') ? parseExpression(p) : undefined;
  return {
    ...head,
    from,
    ...(where === undefined ? {} : { where }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(having === undefined ? {} : { having }),
    windows,
    ...(qualify === undefined ? {} : { qualify }),
    span: p.span(start),
  };
}

function parseItems(p: Cursor): SelectItem[] {
  const items = [parseItem(p)];
  for (;;) {
    if (missesComma(p)) {
      items.push(parseItem(p));
      continue;
    }
    const comma = p.accept(',');
    if (comma === undefined) return items;
    if (p.is('FROM') || p.is(';') || p.peek().kind === 'end') {
      const span = { start: comma.start, end: comma.end };
      p.report('this comma is followed by no expression', span, {
        help: 'remove it, or add the missing expression',
        fix: { span, text: '' },
      });
      return items;
    }
    items.push(parseItem(p));
  }
}

/** Whether another item follows without a comma; reports it. */
function missesComma(p: Cursor): boolean {
  const token = p.peek();
  const begins =
    isName(token) || token.kind === 'number' || (token.kind === 'word' && callable.has(token.key) && p.is('(', 1));
  if (!begins || token.start === p.previousEnd || misspeltAlias(p) !== undefined) return false;
  if (p.previous?.key === 'TOP' || misspelt(p.text, token) !== undefined) return false;
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

function parseItem(p: Cursor): SelectItem {
  const star = parseStar(p);
  if (star !== undefined) return { expression: star, span: star.span };
  const expression = parseExpression(p);
  const alias = parseAlias(p);
  return { expression, ...(alias === undefined ? {} : { alias }), span: p.span(expression.span) };
}

/** `*` or `a.b.*`, or nothing. */
export function parseStar(p: Cursor): Expression | undefined {
  const start = p.peek();
  let ahead = 0;
  while (isName(p.peek(ahead)) && p.is('.', ahead + 1)) ahead += 2;
  if (!p.is('*', ahead)) return undefined;
  const parts: Identifier[] = [];
  while (!p.is('*')) {
    parts.push(parseIdentifier(p));
    p.take();
  }
  p.take();
  return { kind: 'reference', parts, star: true, span: p.span(start) };
}

function parseAlias(p: Cursor): Identifier | undefined {
  if (p.accept('AS')) {
    const next = p.peek(1);
    const certain =
      next.key === ',' || next.key === 'FROM' || next.key === ')' || next.key === ';' || next.kind === 'end';
    return parseIdentifier(p, 'a name', certain && !p.is('FROM'));
  }
  const token = p.peek();
  if (isName(token)) return parseIdentifier(p);
  if (token.kind === 'string' || token.kind === 'double-quoted') return parseIdentifier(p, 'a name');
  return undefined;
}

function parseGroupBy(p: Cursor): GroupItem[] {
  p.take();
  if (!p.is('BY')) p.unexpected("'BY'");
  p.take();
  if (p.is('DISTINCT') || (p.is('ALL') && !endsClause(p, 1))) {
    p.unsupported(`GROUP BY ${p.peek().key} is`, { start: p.peek().start, end: p.peek().end });
  }
  if (p.is('ALL')) p.unexpected('an expression', { help: 'Flink SQL has no GROUP BY ALL: list the expressions' });
  const items = [parseGroupItem(p)];
  while (p.accept(',')) items.push(parseGroupItem(p));
  return items;
}

function endsClause(p: Cursor, ahead: number): boolean {
  const token = p.peek(ahead);
  return token.kind === 'end' || token.key === ';' || token.key === ')' || token.key === 'HAVING';
}

function parseGroupItem(p: Cursor): GroupItem {
  const start = p.peek();
  if (p.follows('GROUPING', 'SETS')) {
    p.take();
    p.take();
    p.expect('(');
    const items = [parseGroupItem(p)];
    while (p.accept(',')) items.push(parseGroupItem(p));
    p.expect(')');
    return { kind: 'grouping-sets', items, span: p.span(start) };
  }
  if ((p.is('ROLLUP') || p.is('CUBE')) && p.is('(', 1)) {
    const kind = p.take().key === 'ROLLUP' ? 'rollup' : 'cube';
    p.take();
    const items = [parseExpression(p)];
    while (p.accept(',')) items.push(parseExpression(p));
    p.expect(')');
    return { kind, items, span: p.span(start) };
  }
  if (p.acceptAll('(', ')')) return { kind: 'grouping-sets', items: [], span: p.span(start) };
  return parseExpression(p);
}

function parseWindows(p: Cursor): { name: Identifier; window: WindowSpec }[] {
  p.take();
  const windows: { name: Identifier; window: WindowSpec }[] = [];
  do {
    const name = parseIdentifier(p, 'a name for the window');
    p.expect('AS');
    if (!p.is('(')) p.unexpected("'(' and a window");
    windows.push({ name, window: parseWindowSpec(p) });
  } while (p.accept(','));
  return windows;
}
