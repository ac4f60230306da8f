import { suggest } from '../diagnostics/suggest.ts';
import type { Call, Expression, Identifier, Name, OrderItem, TableArgument, WindowSpec } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression, parseExpressions } from './expression.ts';
import { keywordCalls } from './keyword-call.ts';
import { isName, parseIdentifier, parseIdentifiers, parseName } from './name.ts';
import { beginsQuery } from './operand.ts';
import { parseOrderBy, parseQuery } from './query.ts';
import { parseStar } from './select.ts';
import { parseWindowSpec } from './window.ts';

/** The brackets of a call and what follows them: `(DISTINCT a ORDER BY b) FILTER (WHERE c) OVER w`. */
export function parseCall(p: Cursor, name: Name): Call {
  p.expect('(');
  if (units.has(p.peek().key)) refuseMisspelt(p, name);
  const quantifier = p.acceptOne('DISTINCT', 'ALL');
  if (quantifier !== undefined && p.is('*')) p.unexpected('an expression');
  const args = p.is(')') ? [] : parseArguments(p);
  let nulls = parseNulls(p);
  const orderBy = p.is('ORDER') ? parseOrderBy(p) : undefined;
  if (!p.is(')')) {
    if (separators.has(p.peek().key)) refuseMisspelt(p, name);
    p.unexpected("',' or ')'");
  }
  p.take();
  const suffixes = parseCallSuffixes(p);
  nulls = suffixes.nulls ?? nulls;
  return {
    kind: 'call',
    name,
    arguments: args,
    ...(quantifier === 'DISTINCT' ? { distinct: true } : {}),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...suffixes,
    ...(nulls === undefined ? {} : { nulls }),
    span: p.span(name.span),
  };
}

/** What only functions with keywords of their own have at the begin of their brackets, and between their arguments. */
const units: ReadonlySet<string> = new Set(
  'BOTH LEADING TRAILING YEAR QUARTER MONTH WEEK DAY HOUR MINUTE SECOND EPOCH DOW DOY'.split(' '),
);
const separators: ReadonlySet<string> = new Set(['AS', 'FOR', 'FROM', 'IN', 'PLACING', 'TO', 'USING']);

/** Leaves the statement where keywords follow and the name is nearly that of a function that has such: `CATS(a AS INT)`. */
function refuseMisspelt(p: Cursor, { parts, span }: Name): void {
  const [only] = parts;
  const near = parts.length > 1 ? undefined : suggest(only!.name, ['CAST', 'TRY_CAST', ...keywordCalls]);
  if (near === undefined) return;
  p.fail(`unknown function '${only!.name}'`, span, {
    code: 'unknown-function',
    help: `did you mean '${near}'?`,
    fix: { span, text: near },
  });
}

/** `WITHIN GROUP (…)`, `FILTER (…)`, `IGNORE NULLS` and `OVER …` behind a call. */
export function parseCallSuffixes(p: Cursor): Pick<Call, 'withinGroup' | 'filter' | 'nulls' | 'over'> {
  let nulls = parseNulls(p);
  let withinGroup: OrderItem[] | undefined;
  if (p.is('WITHIN')) {
    const within = p.take();
    if (p.is('DISTINCT')) p.unsupported('WITHIN DISTINCT is', { start: within.start, end: p.peek().end });
    p.expect('GROUP', '(');
    withinGroup = parseOrderBy(p);
    p.expect(')');
  }
  let filter: Expression | undefined;
  if (p.is('FILTER') && p.is('(', 1)) {
    p.take();
    p.expect('(', 'WHERE');
    filter = parseExpression(p);
    p.expect(')');
  }
  nulls = parseNulls(p) ?? nulls;
  return {
    ...(withinGroup === undefined ? {} : { withinGroup }),
    ...(filter === undefined ? {} : { filter }),
    ...(nulls === undefined ? {} : { nulls }),
    ...(p.is('OVER') ? parseOver(p) : {}),
  };
}

/** `OVER w` or `OVER (…)`; the current token is OVER. */
export function parseOver(p: Cursor): { over: WindowSpec | Identifier } {
  p.expect('OVER');
  return { over: p.is('(') ? parseWindowSpec(p) : parseIdentifier(p, "'(' or the name of a window") };
}

function parseNulls(p: Cursor): 'RESPECT' | 'IGNORE' | undefined {
  if (p.acceptAll('RESPECT', 'NULLS')) return 'RESPECT';
  if (p.acceptAll('IGNORE', 'NULLS')) return 'IGNORE';
  return undefined;
}

function parseArguments(p: Cursor): Expression[] {
  const list = [parseArgument(p)];
  while (p.accept(',')) list.push(parseArgument(p));
  return list;
}

function parseArgument(p: Cursor): Expression {
  const token = p.peek();
  if (p.is('=>', 1)) {
    const name = parseIdentifier(p, 'the name of an argument', true);
    p.take();
    const value = parseArgumentValue(p);
    return { kind: 'named-argument', name, value, span: p.span(token) };
  }
  return parseArgumentValue(p);
}

function parseArgumentValue(p: Cursor): Expression {
  const token = p.peek();
  const span = { start: token.start, end: token.end };
  if (token.key === 'DEFAULT') p.unsupported('DEFAULT as an argument is', span, 'leave the argument out');
  if (token.key === 'TABLE') return parseTableArgument(p);
  if (token.key === 'DESCRIPTOR' && p.is('(', 1)) {
    p.take();
    const columns = p.acceptAll('(', ')') ? [] : parseIdentifiers(p);
    return { kind: 'descriptor', columns, span: p.span(token) };
  }
  const everything = parseStar(p);
  if (everything !== undefined) return everything;
  if (token.key === 'MODEL' && isName(p.peek(1))) p.unsupported('MODEL as an argument is', span);
  if (beginsQuery(p)) {
    const query = p.nested(() => parseQuery(p));
    return { kind: 'subquery', query, span: p.span(token) };
  }
  return parseExpression(p);
}

/** `TABLE t [PARTITION BY a] [ORDER BY b]`. */
function parseTableArgument(p: Cursor): TableArgument {
  const start = p.take();
  if (p.is('(')) p.unexpected('the name of a table', { help: 'a query as argument stands in brackets without TABLE' });
  const table = parseName(p, 'the name of a table');
  const partitionBy = p.is('PARTITION') ? parsePartitionBy(p) : undefined;
  const orderBy = p.is('ORDER') ? parseArgumentOrder(p) : undefined;
  return {
    kind: 'table-argument',
    table,
    ...(partitionBy === undefined ? {} : { partitionBy }),
    ...(orderBy === undefined ? {} : { orderBy }),
    span: p.span(start),
  };
}

/** One expression, or several in brackets: a comma begins the next argument. */
function parsePartitionBy(p: Cursor): Expression[] {
  p.expect('PARTITION', 'BY');
  if (!p.accept('(')) return [parseExpression(p)];
  const list = parseExpressions(p);
  p.expect(')');
  return list;
}

function parseArgumentOrder(p: Cursor): OrderItem[] {
  return parseOrderBy(p, true);
}
