import type { Span } from '../diagnostics/diagnostic.ts';
import type { BinaryOperator, ComparisonOperator, Expression, Is, Query } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseOperand } from './operand.ts';
import { continueQuery, parseQuery, wrapQuery } from './query.ts';
import { parseBareType } from './type.ts';

/**
 * How tightly operators bind, as in Flink. All are left-associative, except that what follows LIKE, SIMILAR TO and the
 * AND of BETWEEN may hold such an operator itself: `a LIKE b LIKE c` is `a LIKE (b LIKE c)`.
 *
 *     OR · AND · NOT · IS NULL … · = <> < <= > >= IS DISTINCT FROM OVERLAPS · IN BETWEEN LIKE SIMILAR · + - · * / % || · sign
 */
export const binding = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  range: 6,
  additive: 7,
  multiplicative: 8,
  sign: 9,
} as const;

export const binaryBinding: Readonly<Record<BinaryOperator, number>> = {
  OR: binding.or,
  AND: binding.and,
  '=': binding.comparison,
  '<>': binding.comparison,
  '<': binding.comparison,
  '<=': binding.comparison,
  '>': binding.comparison,
  '>=': binding.comparison,
  '+': binding.additive,
  '-': binding.additive,
  '*': binding.multiplicative,
  '/': binding.multiplicative,
  '%': binding.multiplicative,
  '||': binding.multiplicative,
};

interface Limits {
  /** Operators that bind looser are left to the caller. */
  readonly least: number;
  /** Inside BETWEEN, where AND belongs to it. */
  readonly withoutAnd?: boolean;
}

/** An expression; `first` is its beginning where that has been read already. */
export function parseExpression(p: Cursor, limits: Limits = { least: 0 }, first?: Expression): Expression {
  const outer = p.height;
  p.height = 0;
  let left = first ?? parsePrefixed(p);
  let { height } = p;
  for (;;) {
    p.height = 0;
    const longer = parseInfix(p, left, limits);
    if (longer === undefined) break;
    left = longer;
    height = Math.max(height, p.height) + 1;
    p.grown(height, left.span);
  }
  p.height = Math.max(outer, height + 1);
  return left;
}

/** `a, b, c`, at least one. */
export function parseExpressions(p: Cursor): Expression[] {
  const list = [parseExpression(p)];
  while (p.accept(',')) list.push(parseExpression(p));
  return list;
}

function parsePrefixed(p: Cursor): Expression {
  const start = p.peek();
  switch (start.key) {
    case 'NOT': {
      p.take();
      const operand = p.nested(() => parseExpression(p, { least: binding.not }));
      return { kind: 'unary', operator: 'NOT', operand, span: p.span(start) };
    }
    case '+':
    case '-': {
      p.take();
      const operand = p.nested(() => parseExpression(p, { least: binding.sign }));
      return { kind: 'unary', operator: start.key, operand, span: p.span(start) };
    }
    default:
      return parseOperand(p);
  }
}

/** One more operator behind `left`, or undefined where there is none that binds tightly enough. */
function parseInfix(p: Cursor, left: Expression, limits: Limits): Expression | undefined {
  const { least, withoutAnd } = limits;
  const token = p.peek();
  const negated = token.key === 'NOT';
  switch (negated ? p.peek(1).key : token.key) {
    case 'AND':
      if (withoutAnd) return undefined;
      return negated ? undefined : parseBinary(p, left, 'AND', limits);
    case 'OR':
      return negated ? undefined : parseBinary(p, left, 'OR', limits);
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '||':
      return negated ? undefined : parseBinary(p, left, token.key as BinaryOperator, limits);
    case '!=':
      return negated ? undefined : parseMiswritten(p, left, '<>', limits);
    case '==':
      return negated ? undefined : parseMiswritten(p, left, '=', limits);
    case '::':
      return parseDoubleColon(p, left);
    case 'IS':
      return negated ? undefined : parseIs(p, left, least);
    case 'IN':
      return least > binding.range ? undefined : parseIn(p, left, negated);
    case 'BETWEEN':
      return least > binding.range ? undefined : parseBetween(p, left, negated);
    case 'LIKE':
    case 'SIMILAR':
      return least > binding.range ? undefined : parseLike(p, left, negated);
    case 'OVERLAPS':
      return negated || least > binding.comparison ? undefined : parseOverlaps(p, left);
    case 'ILIKE':
      return p.unsupported('ILIKE is', { start: token.start, end: token.end }, 'compare LOWER(x) LIKE LOWER(pattern)');
    case 'RLIKE':
      return p.unsupported('RLIKE is', { start: token.start, end: token.end }, 'use REGEXP(x, pattern)');
    case 'MEMBER':
    case 'SUBMULTISET':
    case 'CONTAINS':
    case 'EQUALS':
    case 'PRECEDES':
    case 'SUCCEEDS':
    case 'COLLATE':
      return negated && p.peek(1).key !== 'SUBMULTISET'
        ? undefined
        : p.unsupported(`${token.key} is`, { start: token.start, end: token.end });
    case 'MULTISET':
      return p.unsupported('the operator MULTISET is', { start: token.start, end: token.end });
    case 'FORMAT':
      return p.is('JSON', 1) ? p.unsupported('FORMAT JSON is', { start: token.start, end: token.end }) : undefined;
    case 'AT':
      return p.unexpected('an operator', {
        help: "Flink SQL has no AT TIME ZONE: use CONVERT_TZ or SET 'table.local-time-zone'",
      });
    default:
      return undefined;
  }
}

function parseBinary(p: Cursor, left: Expression, operator: BinaryOperator, limits: Limits): Expression | undefined {
  const strength = binaryBinding[operator];
  if (strength < limits.least) return undefined;
  const token = p.take();
  const quantifier = p.is('(', 1) ? (['ANY', 'SOME', 'ALL'] as const).find((each) => p.is(each)) : undefined;
  if (quantifier !== undefined && isComparison(operator)) {
    p.take();
    const list = p.nested(() => parseInList(p));
    return { kind: 'quantified', operand: left, operator, quantifier, list, span: p.span(left.span) };
  }
  return finishBinary(p, left, operator, token, limits);
}

function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return binaryBinding[operator] === binding.comparison;
}

function finishBinary(p: Cursor, left: Expression, operator: BinaryOperator, at: Span, limits: Limits): Expression {
  const right = parseExpression(p, { ...limits, least: binaryBinding[operator] + 1 });
  return {
    kind: 'binary',
    operator,
    operatorSpan: { start: at.start, end: at.end },
    left,
    right,
    span: { start: left.span.start, end: right.span.end },
  };
}

/** `!=` and `==`: told, and read as what they mean. */
function parseMiswritten(p: Cursor, left: Expression, meant: '=' | '<>', limits: Limits): Expression | undefined {
  if (limits.least > binding.comparison) return undefined;
  const token = p.take();
  const span = { start: token.start, end: token.end };
  p.report(`found '${token.key}', expected '${meant}'`, span, {
    help: meant === '=' ? "equality is written '='" : "'not equal' is written '<>' in Flink SQL",
    fix: { span, text: meant },
  });
  return finishBinary(p, left, meant, span, limits);
}

/** `x::type` of other databases: told, and read as a cast. */
function parseDoubleColon(p: Cursor, left: Expression): Expression {
  const token = p.take();
  const type = parseBareType(p);
  const span = p.span(left.span);
  p.report(
    "found '::', which Flink SQL does not have",
    { start: token.start, end: token.end },
    {
      help: 'write CAST(x AS type)',
      fix: { span, text: `CAST(${p.source(left.span)} AS ${p.source(type.span)})` },
    },
  );
  return { kind: 'cast', try: false, operand: left, type, span };
}

const jsonTests: Readonly<Record<string, Is['test']>> = {
  VALUE: 'JSON VALUE',
  SCALAR: 'JSON SCALAR',
  ARRAY: 'JSON ARRAY',
  OBJECT: 'JSON OBJECT',
};

/** `IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON … | DISTINCT FROM x`. */
function parseIs(p: Cursor, left: Expression, least: number): Expression | undefined {
  const distinct = p.is('DISTINCT', 1) || (p.is('NOT', 1) && p.is('DISTINCT', 2));
  if (least > (distinct ? binding.comparison : binding.is)) return undefined;
  p.take();
  const negated = p.accept('NOT') !== undefined;
  if (p.accept('DISTINCT')) {
    p.expect('FROM');
    const right = parseExpression(p, { least: binding.comparison + 1 });
    return { kind: 'is-distinct', left, right, negated, span: { start: left.span.start, end: right.span.end } };
  }
  const token = p.peek();
  const test = p.acceptOne('NULL', 'TRUE', 'FALSE', 'UNKNOWN');
  if (test !== undefined) return { kind: 'is', operand: left, test, negated, span: p.span(left.span) };
  if (p.accept('JSON')) {
    const shape = p.acceptOne('VALUE', 'SCALAR', 'ARRAY', 'OBJECT') ?? 'VALUE';
    return { kind: 'is', operand: left, test: jsonTests[shape]!, negated, span: p.span(left.span) };
  }
  if (token.key === 'EMPTY' || token.key === 'A')
    p.unsupported(`IS ${token.key} is`, { start: token.start, end: token.end });
  return p.unexpected('NULL, TRUE, FALSE, UNKNOWN, JSON or DISTINCT FROM');
}

function parseIn(p: Cursor, operand: Expression, negated: boolean): Expression {
  if (negated) p.take();
  p.take();
  const list = p.nested(() => parseInList(p));
  return { kind: 'in', operand, list, negated, span: p.span(operand.span) };
}

function parseInList(p: Cursor): readonly Expression[] | Query {
  if (!p.is('(')) p.unexpected("'(' and a list or a query");
  p.take();
  if (p.is('SELECT') || p.is('WITH') || p.is('VALUES') || p.is('TABLE')) {
    const query = parseQuery(p);
    p.expect(')');
    return query;
  }
  if (p.is(')')) p.unexpected('at least one expression', { help: 'IN () with nothing in it is not SQL' });
  const first = parseExpression(p);
  const query = first.kind === 'subquery' ? continueQuery(p, wrapQuery(first.query, first.span)) : undefined;
  if (query !== undefined) {
    p.expect(')');
    return query;
  }
  const list = [first];
  while (p.accept(',')) list.push(parseExpression(p));
  if (!p.is(')')) p.unexpected("',' or ')'");
  p.take();
  if (list.length === 1 && list[0]!.kind === 'subquery') return list[0]!.query;
  return list;
}

function parseBetween(p: Cursor, operand: Expression, negated: boolean): Expression {
  if (negated) p.take();
  p.take();
  const symmetric = p.accept('SYMMETRIC') !== undefined;
  if (!symmetric) p.accept('ASYMMETRIC');
  const low = p.nested(() => parseExpression(p, { least: 0, withoutAnd: true }));
  if (!p.is('AND')) p.unexpected("'AND' and the upper bound");
  p.take();
  const high = parseExpression(p, { least: binding.range });
  return {
    kind: 'between',
    operand,
    low,
    high,
    symmetric,
    negated,
    span: { start: operand.span.start, end: high.span.end },
  };
}

function parseLike(p: Cursor, operand: Expression, negated: boolean): Expression {
  if (negated) p.take();
  const similar = p.take().key === 'SIMILAR';
  if (similar) p.expect('TO');
  const pattern = parseExpression(p, { least: binding.range });
  const escapedBy = p.accept('ESCAPE') ? parseExpression(p, { least: binding.range }) : undefined;
  return {
    kind: 'like',
    operand,
    pattern,
    ...(escapedBy === undefined ? {} : { escape: escapedBy }),
    similar,
    negated,
    span: p.span(operand.span),
  };
}

function parseOverlaps(p: Cursor, left: Expression): Expression {
  const token = p.take();
  const right = parseExpression(p, { least: binding.comparison + 1 });
  return { kind: 'overlaps', left: period(p, left, token), right: period(p, right, token), span: p.span(left.span) };
}

function period(p: Cursor, side: Expression, at: { start: number; end: number }): [Expression, Expression] {
  if (side.kind === 'row' && side.items.length === 2) return [side.items[0]!, side.items[1]!];
  return p.fail(
    "OVERLAPS compares two periods, each '(start, end)'",
    { start: at.start, end: at.end },
    { code: 'unsupported', help: 'write (a, b) OVERLAPS (c, d)' },
  );
}
