import { suggest } from '../diagnostics/suggest.ts';
import type { Alter, Statement } from './ast.ts';
import {
  parseClientCommand,
  parseDescribe,
  parseDrop,
  parseExplain,
  parseReset,
  parseSet,
  parseShow,
  parseUse,
} from './client.ts';
import { parseCreate } from './create.ts';
import type { Cursor } from './cursor.ts';
import { parseInsert, parseStatementSet } from './insert.ts';
import { parseName } from './name.ts';
import { parseQuery } from './query.ts';

const starts = [
  'ALTER',
  'BEGIN',
  'CREATE',
  'DESCRIBE',
  'DROP',
  'EXECUTE',
  'EXPLAIN',
  'INSERT',
  'RESET',
  'SELECT',
  'SET',
  'SHOW',
  'USE',
  'VALUES',
  'WITH',
] as const;

/** Statements that Flink has and cryptopipe does not, and what to do instead. */
const foreign: Readonly<Record<string, string>> = {
  ADD: 'a job needs no jars',
  ANALYZE: 'leave it out',
  CALL: 'call the procedure in the system it belongs to',
  COMPILE: 'leave it out',
  DELETE: 'rows are deleted by the changelog of a query',
  LOAD: 'leave it out',
  MERGE: 'INSERT INTO a table with a primary key updates its rows',
  REMOVE: 'a job needs no jars',
  STOP: 'stop the process with SIGTERM',
  TRUNCATE: 'empty the table in its database',
  UNLOAD: 'leave it out',
  UPDATE: 'INSERT INTO a table with a primary key updates its rows',
  UPSERT: 'write INSERT INTO: a table with a primary key is updated',
};

/** One statement without its semicolon. */
export function parseStatement(p: Cursor): Statement {
  const token = p.peek();
  switch (token.key) {
    case 'SELECT':
    case 'WITH':
    case 'VALUES':
    case 'TABLE':
    case '(': {
      const query = parseQuery(p);
      return { kind: 'select-statement', query, span: query.span };
    }
    case 'INSERT':
      return parseInsert(p);
    case 'CREATE':
      return parseCreate(p);
    case 'DROP':
      return parseDrop(p);
    case 'ALTER':
      return parseAlter(p);
    case 'SET':
      return parseSet(p);
    case 'RESET':
      return parseReset(p);
    case 'USE':
      return parseUse(p);
    case 'EXPLAIN':
      return parseExplain(p);
    case 'DESCRIBE':
    case 'DESC':
      return parseDescribe(p);
    case 'SHOW':
      return parseShow(p);
    case 'EXECUTE':
      return parseExecute(p);
    case 'BEGIN':
      p.take();
      p.expect('STATEMENT', 'SET');
      p.expect(';');
      return parseStatementSet(p, token, 'begin');
    case 'STATEMENT':
      if (!p.follows('STATEMENT', 'SET', 'BEGIN')) return refuse(p);
      p.report(
        "found 'STATEMENT', expected 'EXECUTE' before it",
        { start: token.start, end: token.end },
        { fix: { span: { start: token.start, end: token.start }, text: 'EXECUTE ' } },
      );
      for (let i = 0; i < 3; i++) p.take();
      return parseStatementSet(p, token, 'execute');
    case 'END':
      return p.unexpected('a statement', { help: 'there is no BEGIN STATEMENT SET before it' });
    case 'QUIT':
    case 'EXIT':
    case 'HELP':
    case 'CLEAR':
      return parseClientCommand(p);
    default:
      return refuse(p);
  }
}

function refuse(p: Cursor): never {
  const token = p.peek();
  const span = { start: token.start, end: token.end };
  if (Object.hasOwn(foreign, token.key)) p.unsupported(`${token.key} is`, span, foreign[token.key]);
  if (token.kind !== 'word' || token.key === '') return p.unexpected('a statement');
  const near = suggest(token.key, starts);
  const next = p.peek(1);
  if (near === undefined || next.kind === 'end' || next.key === ';') {
    return p.unexpected('a statement', { help: 'statements begin with CREATE, INSERT, SELECT, SET and the like' });
  }
  return p.unexpected('a statement', { help: `did you mean ${near}?`, fix: { span, text: near } });
}

/** `EXECUTE STATEMENT SET BEGIN … END`, `EXECUTE INSERT …`. */
function parseExecute(p: Cursor): Statement {
  const start = p.take();
  if (p.is('INSERT')) return { ...parseInsert(p), span: p.span(start) };
  if (p.is('PLAN')) p.unsupported('EXECUTE PLAN is', { start: p.peek().start, end: p.peek().end });
  if (!p.is('STATEMENT')) {
    const query = parseQuery(p);
    return { kind: 'select-statement', query, span: p.span(start) };
  }
  p.expect('STATEMENT', 'SET', 'BEGIN');
  return parseStatementSet(p, start, 'execute');
}

const alterations: Readonly<Record<Alter['object'], readonly string[]>> = {
  TABLE: ['ADD', 'MODIFY', 'DROP', 'RENAME', 'SET', 'RESET'],
  VIEW: ['RENAME', 'AS'],
  DATABASE: ['SET'],
  CATALOG: ['SET', 'RESET', 'COMMENT'],
  FUNCTION: ['AS'],
};

/** `ALTER kind [IF EXISTS] name …`: kept as text. */
function parseAlter(p: Cursor): Alter {
  const start = p.take();
  const token = p.peek();
  if (token.key === 'MODEL' || token.key === 'MATERIALIZED')
    p.unsupported(`ALTER ${token.key} is`, { start: token.start, end: token.end });
  p.accept('TEMPORARY');
  p.accept('SYSTEM');
  const object = p.acceptOne('TABLE', 'VIEW', 'DATABASE', 'CATALOG', 'FUNCTION');
  if (object === undefined) p.unexpected('TABLE, VIEW, DATABASE, CATALOG or FUNCTION');
  p.acceptAll('IF', 'EXISTS');
  const name = parseName(p, `the name of a ${object.toLowerCase()}`);
  const actions = alterations[object];
  if (!actions.includes(p.peek().key)) p.unexpected(actions.join(' or '));
  const words: string[] = [];
  while (p.peek().kind !== 'end' && !p.is(';')) {
    if (p.peek().kind === 'invalid') p.unexpected('the end of the statement');
    words.push(p.source(p.take()));
  }
  return { kind: 'alter', object, name, rest: words.join(' '), span: p.span(start) };
}
