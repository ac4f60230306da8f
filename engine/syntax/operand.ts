import type { Call, Case, Expression, Identifier, Name, Query, Reference } from './ast.ts';
import { parseCall, parseOver } from './call.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression, parseExpressions } from './expression.ts';
import { beginsQualifier, parseInterval, parseQualifier } from './interval.ts';
import { isKeywordCall, parseKeywordCall } from './keyword-call.ts';
import { isName, parseIdentifier } from './name.ts';
import { continueQuery, parseQuery, wrapQuery } from './query.ts';
import { bareCalls, callable, reserved, structural } from './reserved.ts';
import { stringParts } from './string.ts';
import { parseString, parseText, reportDoubleQuotes } from './text.ts';
import type { Token } from './token.ts';
import { parseBareType } from './type.ts';

/** A literal, name, call or bracket, with the `.field` and `[index]` that follow it. */
export function parseOperand(p: Cursor): Expression {
  return parseSuffixes(p, parseAtom(p));
}

function parseSuffixes(p: Cursor, atom: Expression): Expression {
  let operand = atom;
  for (let height = 1; ; height++) {
    if (p.accept('[')) {
      const index = p.nested(() => parseExpression(p));
      p.expect(']');
      operand = { kind: 'item', operand, index, span: p.span(atom.span) };
    } else if (p.accept('.')) {
      const name = parseIdentifier(p, 'the name of a field', true);
      operand = { kind: 'field', operand, name, span: p.span(atom.span) };
    } else return operand;
    p.grown(height, operand.span);
  }
}

/** Whether a query begins here. */
export function beginsQuery(p: Cursor, ahead = 0): boolean {
  const { key } = p.peek(ahead);
  return key === 'SELECT' || key === 'WITH' || key === 'VALUES' || key === 'TABLE';
}

function parseAtom(p: Cursor): Expression {
  const token = p.peek();
  const span = { start: token.start, end: token.end };
  switch (token.kind) {
    case 'number':
      p.take();
      return { kind: 'number', text: p.source(span), span };
    case 'string':
      return parseTextOrBinary(p);
    case 'double-quoted':
      p.take();
      reportDoubleQuotes(p, token, 'an expression');
      return { kind: 'text', value: p.text.slice(token.start + 1, token.end - 1), span };
    case 'quoted':
      return parseNamed(p);
    case 'symbol':
      return parseSymbol(p, token);
    case 'word':
      return parseWord(p, token);
    default:
      return p.unexpected('an expression');
  }
}

function parseSymbol(p: Cursor, token: Token): Expression {
  switch (token.key) {
    case '(':
      return p.nested(() => parseParenthesized(p));
    case '?':
      return p.unsupported('a parameter is', { start: token.start, end: token.end }, 'write a value');
    case '{':
      return parseEscape(p, token);
    case '*':
      return p.unexpected('an expression', { help: "'*' stands alone in a SELECT list or in COUNT(*)" });
    default:
      return p.unexpected('an expression');
  }
}

function parseWord(p: Cursor, token: Token): Expression {
  const span = { start: token.start, end: token.end };
  switch (token.key) {
    case 'TRUE':
    case 'FALSE':
      p.take();
      return { kind: 'boolean', value: token.key === 'TRUE', span };
    case 'NULL':
      p.take();
      return { kind: 'null', span };
    case 'UNKNOWN':
      return p.unsupported('the literal UNKNOWN is', span, 'write CAST(NULL AS BOOLEAN)');
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      if (token.key === 'TIMESTAMP' && p.is('WITH', 1)) {
        p.unsupported(
          'the literal TIMESTAMP WITH LOCAL TIME ZONE is',
          span,
          "write CAST(TIMESTAMP '…' AS TIMESTAMP_LTZ)",
        );
      }
      if (p.peek(1).kind !== 'string') break;
      p.take();
      return { kind: 'datetime', type: token.key, value: parseString(p, undefined, false), span: p.span(token) };
    case 'INTERVAL':
      return parseInterval(p);
    case 'CASE':
      return p.nested(() => parseCase(p));
    case 'CAST':
    case 'TRY_CAST':
      if (!p.is('(', 1)) break;
      return p.nested(() => parseCast(p));
    case 'EXISTS':
      if (!p.is('(', 1)) break;
      p.take();
      return { kind: 'exists', query: p.nested(() => parseBracketedQuery(p)), span: p.span(token) };
    case 'ARRAY':
    case 'MAP':
      if (p.is('[', 1)) return p.nested(() => parseCollection(p, token));
      if (p.is('(', 1) && beginsQuery(p, 2)) p.unsupported(`${token.key} of a query is`, span);
      if (token.key === 'ARRAY') return p.unexpected('an expression', { help: 'write ARRAY[1, 2]' });
      break;
    case 'ROW':
      if (!p.is('(', 1)) break;
      return p.nested(() => parseRow(p));
    case 'MULTISET':
    case 'PERIOD':
    case 'CURSOR':
    case 'UNIQUE':
      if (p.is('(', 1) || p.is('[', 1)) p.unsupported(`${token.key} is`, span);
      break;
    case 'NEXT':
      if (p.is('VALUE', 1)) p.unsupported('NEXT VALUE FOR is', span);
      break;
    case 'DEFAULT':
      return p.unsupported('DEFAULT as a value is', span, 'leave the column out of the list');
    case 'DATETIME':
      if (p.peek(1).kind === 'string') p.unsupported('the literal DATETIME is', span, "write TIMESTAMP '…'");
      break;
    case 'SELECT':
    case 'VALUES':
      return p.unexpected('an expression', { help: 'put a query inside an expression in brackets' });
  }
  if (p.is('(', 1) && isKeywordCall(token.key)) return p.nested(() => parseKeywordCall(p));
  if (bareCalls.has(token.key) && !p.is('(', 1)) {
    p.take();
    const name: Name = { kind: 'name', parts: [identifier(p, token)], span };
    return finishBare(p, { kind: 'call', name, arguments: [], bare: true, span });
  }
  return parseNamed(p);
}

/** `CURRENT_ROW` and such cannot be windowed; `OVER` after one is still read. */
function finishBare(p: Cursor, call: Call): Expression {
  return p.is('OVER') ? { ...call, ...parseOver(p), span: p.span(call.span) } : call;
}

function identifier(p: Cursor, token: Token): Identifier {
  const span = { start: token.start, end: token.end };
  return { kind: 'identifier', name: p.source(span), quoted: false, span };
}

/** `a.b.c` or `f(…)`. */
function parseNamed(p: Cursor): Expression {
  const token = p.peek();
  if (!isName(token) && token.kind === 'word') {
    if (callable.has(token.key) && p.is('(', 1)) {
      p.take();
      const id = identifier(p, token);
      return p.nested(() => parseCall(p, { kind: 'name', parts: [id], span: id.span }));
    }
    refuseReserved(p, token);
  }
  const parts: Identifier[] = [];
  do {
    if (parts.length > 0 && p.is('*')) p.unexpected('a name', { help: "'.*' stands in a SELECT list only" });
    parts.push(parseIdentifier(p, parts.length === 0 ? 'an expression' : 'a name', true));
  } while (p.accept('.'));
  const span = p.span(parts[0]!.span);
  if (p.is('(')) return p.nested(() => parseCall(p, { kind: 'name', parts, span }));
  return { kind: 'reference', parts, star: false, span } satisfies Reference;
}

/** A reserved word where an expression is expected: taken for a name only where nothing else can be meant. */
function refuseReserved(p: Cursor, token: Token): void {
  const next = p.peek(1);
  const endsOperand =
    next.kind === 'end' ||
    [',', ')', ';', '=', '<>', '<', '>', '<=', '>=', 'FROM', 'AS', '.', 'IS', 'IN'].includes(next.key);
  if (structural.has(token.key) && !(endsOperand && token.key !== 'FROM' && p.previous?.key !== ',')) {
    p.unexpected('an expression');
  }
  if (token.key !== 'FROM' && (endsOperand || !reserved.has(next.key) || !structural.has(token.key))) return;
  p.unexpected('an expression');
}

function parseTextOrBinary(p: Cursor): Expression {
  const token = p.peek();
  const { form, content } = stringParts(p.text, token);
  if (form !== 'binary') return parseText(p);
  p.take();
  let hex = p.source(content);
  while (p.peek().kind === 'string' && p.text[p.peek().start] === "'") hex += p.source(p.take()).slice(1, -1);
  const span = p.span(token);
  if (!/^[0-9a-f]*$/i.test(hex)) {
    p.fail('a binary literal holds only the digits 0-9 and A-F', span, {
      code: 'invalid-literal',
      help: "write for instance X'0AFF'",
    });
  }
  if (hex.length % 2 === 1) {
    p.fail('a binary literal holds an even number of digits', span, {
      code: 'invalid-literal',
      help: 'two digits are one byte',
    });
  }
  return { kind: 'binary-literal', hex, span };
}

/** `{d '2024-01-01'}`, `{fn …}`: what JDBC drivers fill in. */
function parseEscape(p: Cursor, token: Token): Expression {
  const span = { start: token.start, end: token.end };
  const { key } = p.peek(1);
  if (key === 'D' || key === 'T' || key === 'TS' || key === 'FN')
    p.unsupported('a JDBC escape is', span, "write DATE '…', TIMESTAMP '…' or the function itself");
  return p.unexpected('an expression');
}

function parseParenthesized(p: Cursor): Expression {
  const open = p.take();
  if (beginsQuery(p)) {
    const query = parseQuery(p);
    p.expect(')');
    return { kind: 'subquery', query, span: p.span(open) };
  }
  let first: Expression | undefined;
  if (p.is('(')) {
    const inner = p.nested(() => parseParenthesized(p));
    if (inner.kind === 'subquery') {
      if (p.accept(')')) return { ...inner, span: p.span(open) };
      const continued = continueQuery(p, wrapQuery(inner.query, inner.span));
      if (continued !== undefined) {
        p.expect(')');
        return { kind: 'subquery', query: continued, span: p.span(open) };
      }
    }
    first = parseSuffixes(p, inner);
  }
  const items = [parseExpression(p, { least: 0 }, first)];
  while (p.accept(',')) items.push(parseExpression(p));
  if (!p.is(')')) p.unexpected(items.length === 1 ? "')'" : "',' or ')'");
  p.take();
  if (items.length > 1) return { kind: 'row', explicit: false, items, span: p.span(open) };
  const [item] = items;
  if (item!.kind === 'binary' && item.operator === '-' && item.interval === undefined && beginsQualifier(p)) {
    const interval = parseQualifier(p);
    return { ...item, interval, span: p.span(open) };
  }
  return { ...item!, span: p.span(open) };
}

/** `(SELECT …)`. */
export function parseBracketedQuery(p: Cursor): Query {
  p.expect('(');
  const query = parseQuery(p);
  p.expect(')');
  return query;
}

function parseCase(p: Cursor): Case {
  const start = p.take();
  const operand = p.is('WHEN') || p.is('ELSE') || p.is('END') ? undefined : parseExpression(p);
  const whens: { when: Expression[]; result: Expression }[] = [];
  while (p.accept('WHEN')) {
    const when = operand === undefined ? [parseExpression(p)] : parseExpressions(p);
    p.expect('THEN');
    whens.push({ when, result: parseExpression(p) });
  }
  if (whens.length === 0) p.unexpected("'WHEN'");
  const otherwise = p.accept('ELSE') ? parseExpression(p) : undefined;
  if (!p.is('END')) p.unexpected(otherwise === undefined ? "'WHEN', 'ELSE' or 'END'" : "'END'");
  p.take();
  return {
    kind: 'case',
    ...(operand === undefined ? {} : { operand }),
    whens,
    ...(otherwise === undefined ? {} : { otherwise }),
    span: p.span(start),
  };
}

function parseCast(p: Cursor): Expression {
  const start = p.take();
  p.expect('(');
  const operand = parseExpression(p);
  if (!p.is('AS')) p.unexpected("'AS' and a type");
  p.take();
  const type = parseBareType(p);
  if (p.follows('NOT', 'NULL'))
    p.unexpected("')'", { help: 'a cast keeps the nullability of its operand: leave NOT NULL out' });
  p.expect(')');
  return { kind: 'cast', try: start.key === 'TRY_CAST', operand, type, span: p.span(start) };
}

function parseCollection(p: Cursor, start: Token): Expression {
  p.take();
  p.take();
  const items = p.is(']') ? [] : parseExpressions(p);
  if (!p.is(']')) p.unexpected("',' or ']'");
  p.take();
  if (start.key === 'ARRAY') return { kind: 'array', items, span: p.span(start) };
  if (items.length % 2 === 1)
    p.fail('a MAP needs a value for each key', p.span(start), { help: "write MAP['key', value, …]" });
  return { kind: 'map', items, span: p.span(start) };
}

function parseRow(p: Cursor): Expression {
  const start = p.take();
  p.take();
  if (p.is(')')) p.unexpected('an expression');
  const items = parseExpressions(p);
  if (!p.is(')')) p.unexpected("',' or ')'");
  p.take();
  return { kind: 'row', explicit: true, items, span: p.span(start) };
}
