import type { Expression, Identifier, Insert, StatementSet } from './ast.ts';
import { abandoned, type Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseHints } from './hint.ts';
import { parseIdentifier, parseIdentifiers, parseName } from './name.ts';
import { beginsQuery } from './operand.ts';
import { parseQuery } from './query.ts';
import type { Token } from './token.ts';

/** `INSERT INTO | OVERWRITE target [PARTITION (…)] [(columns)] query`; the current token is INSERT. */
export function parseInsert(p: Cursor): Insert {
  const start = p.take();
  const overwrite = p.accept('OVERWRITE') !== undefined;
  if (!overwrite) {
    if (!p.is('INTO')) p.unexpected("'INTO' or 'OVERWRITE'");
    p.take();
  }
  skipTable(p);
  const target = parseName(p, 'the name of a table');
  const hints = parseHints(p);
  const partition = p.is('PARTITION') ? parsePartition(p) : [];
  let columns: Identifier[] | undefined;
  if (p.is('(') && !beginsQuery(p, 1) && !p.is('(', 1)) columns = parseColumns(p);
  if (p.is('PARTITION')) p.unexpected('a query', { help: 'PARTITION (…) stands before the list of columns' });
  if (p.is('AS')) {
    const span = { start: p.peek().start, end: p.peek().end };
    p.unexpected('a query', { help: 'the query follows without AS', fix: { span, text: '' } });
  }
  if (!beginsQuery(p) && !p.is('(')) p.unexpected('a query', { help: 'go on with SELECT or VALUES' });
  const query = parseQuery(p);
  return {
    kind: 'insert',
    overwrite,
    target,
    hints,
    partition,
    ...(columns === undefined ? {} : { columns }),
    query,
    span: p.span(start),
  };
}

/** `INSERT INTO TABLE t` of Hive: told, and read without TABLE. */
function skipTable(p: Cursor): void {
  if (!p.is('TABLE')) return;
  const token = p.take();
  const span = { start: token.start, end: token.end };
  p.report("found 'TABLE', expected the name of a table", span, {
    help: 'the name follows INTO directly',
    fix: { span: { start: token.start, end: p.peek().start }, text: '' },
  });
}

function parseColumns(p: Cursor): Identifier[] {
  for (let ahead = 2; ; ahead += 2) {
    const token = p.peek(ahead);
    if (token.key === '.') p.unsupported('a field of a column as a target is', { start: token.start, end: token.end });
    if (token.key !== ',') return parseIdentifiers(p);
  }
}

/** `PARTITION (a = 1, b = 'x')`. */
function parsePartition(p: Cursor): { column: Identifier; value: Expression }[] {
  p.take();
  p.expect('(');
  const parts: { column: Identifier; value: Expression }[] = [];
  do {
    const column = parseIdentifier(p, 'the name of a column');
    if (!p.is('=')) p.unexpected("'=' and a value");
    p.take();
    parts.push({ column, value: parseExpression(p) });
  } while (p.accept(','));
  p.expect(')');
  return parts;
}

/** The inserts of a statement set up to END; a broken one is told and left out. The current token follows BEGIN or SET. */
export function parseStatementSet(p: Cursor, start: Token, form: StatementSet['form']): StatementSet {
  const inserts: Insert[] = [];
  let broken = false;
  while (!p.is('END')) {
    try {
      if (!p.is('INSERT')) p.unexpected(inserts.length === 0 && !broken ? 'INSERT INTO' : 'INSERT INTO or END');
      inserts.push(parseInsert(p));
      if (!p.is(';')) p.unexpected("';' after each INSERT of a statement set", { help: "put ';' after the INSERT" });
      p.take();
    } catch (reason) {
      if (reason !== abandoned) throw reason;
      broken = true;
      p.recover();
      if (!p.is('INSERT') && !p.is('END')) throw reason;
    }
  }
  const end = p.take();
  if (inserts.length === 0 && !broken) {
    p.fail('this statement set has no INSERT', { start: end.start, end: end.end });
  }
  return { kind: 'statement-set', inserts, form, span: p.span(start) };
}
