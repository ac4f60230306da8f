import type {
  CreateCatalog,
  CreateDatabase,
  CreateFunction,
  CreateView,
  Option,
  Statement,
  StringLiteral,
} from './ast.ts';
import { parseCreateTable } from './create-table.ts';
import type { Cursor } from './cursor.ts';
import { parseIdentifier, parseIdentifiers, parseName } from './name.ts';
import { beginsQuery } from './operand.ts';
import { parseOptions } from './option.ts';
import { parseQuery } from './query.ts';
import { parseString } from './text.ts';
import type { Token } from './token.ts';

/** What CREATE begins with, up to the kind of thing. */
export interface CreateHead {
  readonly start: Token;
  readonly orReplace: boolean;
  readonly temporary: boolean;
}

/** `CREATE [OR REPLACE] [TEMPORARY] TABLE | VIEW | FUNCTION | DATABASE | CATALOG …`. */
export function parseCreate(p: Cursor): Statement {
  const start = p.take();
  const orReplace = p.acceptAll('OR', 'REPLACE');
  const temporary = p.accept('TEMPORARY') !== undefined;
  const head = { start, orReplace, temporary };
  const token = p.peek();
  const span = { start: token.start, end: token.end };
  switch (token.key) {
    case 'TABLE':
      p.take();
      return parseCreateTable(p, head);
    case 'VIEW':
      p.take();
      if (orReplace) p.unsupported('CREATE OR REPLACE VIEW is', p.span(start), 'write DROP VIEW IF EXISTS before it');
      return parseCreateView(p, head);
    case 'FUNCTION':
    case 'SYSTEM':
      return parseCreateFunction(p, head);
    case 'DATABASE':
      p.take();
      return parseCreateDatabase(p, head);
    case 'CATALOG':
      p.take();
      return parseCreateCatalog(p, head);
    case 'MATERIALIZED':
      return p.unsupported('CREATE MATERIALIZED TABLE is', span, 'write CREATE TABLE and INSERT INTO');
    case 'MODEL':
      return p.unsupported('CREATE MODEL is', span);
    case 'SCHEMA':
      return p.unexpected('TABLE, VIEW, DATABASE, CATALOG or FUNCTION', {
        help: 'Flink SQL calls a schema a DATABASE',
        fix: { span, text: 'DATABASE' },
      });
    default:
      return p.unexpected('TABLE, VIEW, DATABASE, CATALOG or FUNCTION');
  }
}

function parseCreateView(p: Cursor, head: CreateHead): CreateView {
  const ifNotExists = p.acceptAll('IF', 'NOT', 'EXISTS');
  const name = parseName(p, 'a name for the view');
  const columns = p.is('(') ? parseIdentifiers(p) : [];
  const comment = p.accept('COMMENT') ? parseString(p) : undefined;
  if (!p.is('AS')) p.unexpected("'AS' and a query");
  p.take();
  if (!beginsQuery(p) && !p.is('(')) p.unexpected('a query');
  const query = parseQuery(p);
  return {
    kind: 'create-view',
    temporary: head.temporary,
    ifNotExists,
    name,
    columns,
    ...(comment === undefined ? {} : { comment }),
    query,
    span: p.span(head.start),
  };
}

function parseCreateFunction(p: Cursor, head: CreateHead): CreateFunction {
  if (p.is('SYSTEM') && !head.temporary) {
    p.unexpected("'FUNCTION'", { help: 'system functions are temporary: write CREATE TEMPORARY SYSTEM FUNCTION' });
  }
  const system = p.accept('SYSTEM') !== undefined;
  p.expect('FUNCTION');
  const ifNotExists = p.acceptAll('IF', 'NOT', 'EXISTS');
  const name = parseName(p, 'a name for the function');
  if (!p.is('AS')) p.unexpected("'AS' and the class of the function in quotes");
  p.take();
  const className: StringLiteral = parseString(p, 'the class of the function in quotes');
  let language: string | undefined;
  if (p.accept('LANGUAGE')) {
    language = p.acceptOne('JAVA', 'SCALA', 'SQL', 'PYTHON');
    if (language === undefined) p.unexpected('JAVA, SCALA or PYTHON');
  }
  if (p.is('USING') || p.is('WITH'))
    p.unsupported(`${p.peek().key} in CREATE FUNCTION is`, { start: p.peek().start, end: p.peek().end });
  return {
    kind: 'create-function',
    temporary: head.temporary,
    system,
    ifNotExists,
    name,
    className,
    ...(language === undefined ? {} : { language }),
    span: p.span(head.start),
  };
}

function parseCreateDatabase(p: Cursor, head: CreateHead): CreateDatabase {
  const ifNotExists = p.acceptAll('IF', 'NOT', 'EXISTS');
  const name = parseName(p, 'a name for the database');
  const comment = p.accept('COMMENT') ? parseString(p) : undefined;
  const options: Option[] = p.accept('WITH') ? parseOptions(p) : [];
  return {
    kind: 'create-database',
    ifNotExists,
    name,
    ...(comment === undefined ? {} : { comment }),
    options,
    span: p.span(head.start),
  };
}

function parseCreateCatalog(p: Cursor, head: CreateHead): CreateCatalog {
  const ifNotExists = p.acceptAll('IF', 'NOT', 'EXISTS');
  const name = parseIdentifier(p, 'a name for the catalog');
  if (p.accept('COMMENT')) parseString(p);
  const options = p.accept('WITH') ? parseOptions(p) : [];
  return { kind: 'create-catalog', ifNotExists, name, options, span: p.span(head.start) };
}
