import type { Call, Expression, Name, SymbolArgument } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { binding, parseExpression, parseExpressions } from './expression.ts';
import { isJsonCall, parseJsonCall } from './json-call.ts';

/** Functions, besides those of JSON, that have keywords between their brackets. */
export const keywordCalls: ReadonlySet<string> = new Set([
  'EXTRACT',
  'TRIM',
  'SUBSTRING',
  'OVERLAY',
  'POSITION',
  'FLOOR',
  'CEIL',
  'CEILING',
  'TIMESTAMPADD',
  'TIMESTAMPDIFF',
  'CONVERT',
  'TRANSLATE',
]);

/** Whether a call of this function has keywords or a form of its own between its brackets. */
export function isKeywordCall(key: string): boolean {
  return keywordCalls.has(key) || isJsonCall(key);
}

/** A call with keywords; the current token is its name. */
export function parseKeywordCall(p: Cursor): Call {
  const token = p.take();
  const span = { start: token.start, end: token.end };
  const name: Name = { kind: 'name', parts: [{ kind: 'identifier', name: p.source(span), quoted: false, span }], span };
  if (isJsonCall(token.key)) return parseJsonCall(p, name, token.key);
  p.expect('(');
  const args = parseKeywordArguments(p, token.key);
  if (!p.is(')')) p.unexpected(args.length === 0 ? 'an expression' : "')'");
  p.take();
  return { kind: 'call', name, arguments: args, span: p.span(span) };
}

function parseKeywordArguments(p: Cursor, key: string): Expression[] {
  switch (key) {
    case 'EXTRACT': {
      const unit = parseUnit(p);
      if (!p.is('FROM')) p.unexpected("'FROM'", { help: 'write EXTRACT(YEAR FROM x)' });
      p.take();
      return [unit, parseExpression(p)];
    }
    case 'TRIM':
      return parseTrim(p);
    case 'SUBSTRING':
      return parseSubstring(p);
    case 'OVERLAY': {
      const text = parseExpression(p);
      p.expect('PLACING');
      const replacement = parseExpression(p);
      p.expect('FROM');
      const start = parseExpression(p);
      return [text, replacement, start, ...(p.accept('FOR') ? [parseExpression(p)] : [])];
    }
    case 'POSITION': {
      const part = parseExpression(p, { least: binding.range + 1 });
      if (!p.is('IN')) p.unexpected("'IN'", { help: 'write POSITION(part IN text)' });
      p.take();
      const text = parseExpression(p);
      return [part, text, ...(p.accept('FROM') ? [parseExpression(p)] : [])];
    }
    case 'TIMESTAMPADD':
    case 'TIMESTAMPDIFF': {
      const unit = parseUnit(p);
      p.expect(',');
      const second = parseExpression(p);
      p.expect(',');
      return [unit, second, parseExpression(p)];
    }
    case 'CONVERT':
    case 'TRANSLATE': {
      const first = parseExpression(p);
      if (p.is('USING')) p.unsupported(`${key} with USING is`, { start: p.peek().start, end: p.peek().end });
      return p.accept(',') ? [first, ...parseExpressions(p)] : [first];
    }
    default: {
      const value = parseExpression(p);
      if (p.accept('TO')) return [value, parseUnit(p)];
      return p.accept(',') ? [value, ...parseExpressions(p)] : [value];
    }
  }
}

/** A unit of time; which ones fit, analysis says. */
function parseUnit(p: Cursor): SymbolArgument {
  const token = p.peek();
  if (token.kind !== 'word') p.unexpected('a unit of time such as DAY');
  if (p.is('(', 1) || p.is('.', 1)) p.unexpected('a unit of time such as DAY');
  p.take();
  return { kind: 'symbol', name: token.key.replace(/^SQL_TSI_/, ''), span: { start: token.start, end: token.end } };
}

function parseTrim(p: Cursor): Expression[] {
  const start = p.peek();
  const side = p.acceptOne('BOTH', 'LEADING', 'TRAILING');
  const symbol = (name: string): SymbolArgument => ({
    kind: 'symbol',
    name,
    span: { start: start.start, end: start.end },
  });
  if (side !== undefined && p.is('FROM')) {
    const from = p.take();
    const blank: Expression = { kind: 'text', value: ' ', span: { start: from.start, end: from.start } };
    return [symbol(side), blank, parseExpression(p)];
  }
  const first = parseExpression(p);
  if (side === undefined && !p.is('FROM')) {
    if (p.is(',')) p.unexpected("')'", { help: "write TRIM(BOTH 'x' FROM text), or BTRIM(text, 'x')" });
    return [first];
  }
  p.expect('FROM');
  return [symbol(side ?? 'BOTH'), first, parseExpression(p)];
}

function parseSubstring(p: Cursor): Expression[] {
  const text = parseExpression(p);
  if (p.accept('FROM')) {
    const start = parseExpression(p);
    return [text, start, ...(p.accept('FOR') ? [parseExpression(p)] : [])];
  }
  if (!p.is(',')) p.unexpected("',' or 'FROM'");
  p.take();
  const start = parseExpression(p);
  return [text, start, ...(p.accept(',') ? [parseExpression(p)] : [])];
}
