import type { Expression, FrameBound, Identifier, WindowSpec } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression, parseExpressions } from './expression.ts';
import { isName, parseIdentifier } from './name.ts';
import { parseOrderBy } from './query.ts';

/** `( [name] [PARTITION BY …] [ORDER BY …] [ROWS | RANGE …] )`. */
export function parseWindowSpec(p: Cursor): WindowSpec {
  const start = p.expect('(');
  let base: Identifier | undefined;
  if (isName(p.peek())) base = parseIdentifier(p);
  let partitionBy: Expression[] = [];
  if (p.accept('PARTITION')) {
    p.expect('BY');
    partitionBy = parseExpressions(p);
  }
  const orderBy = p.is('ORDER') ? parseOrderBy(p) : [];
  const frame = parseFrame(p);
  if (p.is('ALLOW') || p.is('DISALLOW')) {
    p.take();
    p.expect('PARTIAL');
  }
  if (!p.is(')')) p.unexpected("')'");
  p.take();
  return {
    kind: 'window',
    ...(base === undefined ? {} : { base }),
    partitionBy,
    orderBy,
    ...(frame === undefined ? {} : { frame }),
    span: p.span(start),
  };
}

function parseFrame(p: Cursor): WindowSpec['frame'] {
  const unit = p.acceptOne('ROWS', 'RANGE');
  if (unit === undefined) return undefined;
  if (!p.accept('BETWEEN')) return { unit, start: parseBound(p) };
  const start = parseBound(p, true);
  p.expect('AND');
  return { unit, start, end: parseBound(p) };
}

function parseBound(p: Cursor, withoutAnd = false): FrameBound {
  if (p.acceptAll('UNBOUNDED', 'PRECEDING')) return { kind: 'UNBOUNDED PRECEDING' };
  if (p.acceptAll('UNBOUNDED', 'FOLLOWING')) return { kind: 'UNBOUNDED FOLLOWING' };
  if (p.acceptAll('CURRENT', 'ROW')) return { kind: 'CURRENT ROW' };
  const offset = parseExpression(p, { least: 0, withoutAnd });
  const side = p.acceptOne('PRECEDING', 'FOLLOWING');
  if (side === undefined) p.unexpected("'PRECEDING' or 'FOLLOWING'");
  return { kind: side, offset };
}
