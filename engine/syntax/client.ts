import type { Describe, Drop, Explain, Reset, Set as SetStatement, Show, Statement, Use } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseInsert, parseStatementSet } from './insert.ts';
import { isName, parseIdentifier, parseName } from './name.ts';
import { beginsQuery } from './operand.ts';
import { parseQuery } from './query.ts';
import { parseString } from './text.ts';

/** `SET`, `SET 'k' = 'v'`, and as the client takes it `SET k = v`. */
export function parseSet(p: Cursor): SetStatement {
  const start = p.take();
  if (p.is(';') || p.peek().kind === 'end') return { kind: 'set', quoted: true, span: p.span(start) };
  const { kind } = p.peek();
  if (kind === 'string' || kind === 'double-quoted' || kind === 'invalid') {
    const key = parseString(p, 'a key in quotes');
    if (!p.is('=')) p.unexpected("'='");
    p.take();
    return { kind: 'set', key, value: parseString(p, 'a value in quotes'), quoted: true, span: p.span(start) };
  }
  const from = p.peek().start;
  const found = p.takeRaw(/([^'\s=;]+)(\s*=\s*)/y);
  if (found === null) return p.unexpected("a key: SET 'key' = 'value'");
  const key = { kind: 'string', value: found[1]!, span: { start: from, end: from + found[1]!.length } } as const;
  if (p.peek().kind === 'string') {
    const value = parseString(p);
    return { kind: 'set', key, value, quoted: false, span: p.span(start) };
  }
  const at = p.peek().start;
  const raw = p.takeRaw(/[^;'\s]+/y);
  if (raw === null) return p.unexpected('a value');
  const value = { kind: 'string', value: raw[0], span: { start: at, end: at + raw[0].length } } as const;
  const next = p.peek();
  if (next.kind !== 'end' && next.key !== ';' && !p.text.slice(p.previousEnd, next.start).includes('\n')) {
    const whole = /[^;\r\n]*/y;
    whole.lastIndex = at;
    const text = whole.exec(p.text)![0].trimEnd();
    p.unexpected("';'", {
      help: 'a value with blanks needs quotes',
      fix: { span: { start: from, end: at + text.length }, text: `'${key.value}' = '${text.replaceAll("'", "''")}'` },
    });
  }
  return { kind: 'set', key, value, quoted: false, span: p.span(start) };
}

/** `RESET`, `RESET 'k'`, `RESET k`. */
export function parseReset(p: Cursor): Reset {
  const start = p.take();
  const token = p.peek();
  if (token.key === ';' || token.kind === 'end') return { kind: 'reset', quoted: true, span: p.span(start) };
  if (token.kind === 'string' || token.kind === 'double-quoted') {
    return { kind: 'reset', key: parseString(p), quoted: true, span: p.span(start) };
  }
  const raw = p.takeRaw(/[^;'\s]+/y);
  if (raw === null) return p.unexpected('a key in quotes');
  const key = { kind: 'string', value: raw[0], span: { start: token.start, end: p.previousEnd } } as const;
  return { kind: 'reset', key, quoted: false, span: p.span(start) };
}

/** `USE [CATALOG] name`, `USE MODULES a, b`. */
export function parseUse(p: Cursor): Use {
  const start = p.take();
  if (p.accept('MODULES')) {
    const modules = [parseIdentifier(p, 'the name of a module')];
    while (p.accept(',')) modules.push(parseIdentifier(p));
    return { kind: 'use', catalog: false, modules, span: p.span(start) };
  }
  if (p.is('DATABASE') && isName(p.peek(1))) {
    const { start: from, end } = p.peek();
    p.take();
    p.unexpected("';'", { help: 'write USE name', fix: { span: { start: from, end: p.peek().start }, text: '' } });
    return { kind: 'use', catalog: false, span: { start: from, end } };
  }
  if (p.is('CATALOG')) {
    p.take();
    const part = parseIdentifier(p, 'the name of a catalog');
    return { kind: 'use', catalog: true, name: { kind: 'name', parts: [part], span: part.span }, span: p.span(start) };
  }
  return { kind: 'use', catalog: false, name: parseName(p, 'the name of a database'), span: p.span(start) };
}

/** `DROP [TEMPORARY] TABLE | VIEW | … [IF EXISTS] name`. */
export function parseDrop(p: Cursor): Drop {
  const start = p.take();
  const temporary = p.accept('TEMPORARY') !== undefined;
  const token = p.peek();
  if (token.key === 'MODEL' || token.key === 'MATERIALIZED') {
    p.unsupported(`DROP ${token.key} is`, { start: token.start, end: token.end });
  }
  if (temporary) p.accept('SYSTEM');
  const object = p.acceptOne('TABLE', 'VIEW', 'DATABASE', 'CATALOG', 'FUNCTION');
  if (object === undefined) p.unexpected('TABLE, VIEW, DATABASE, CATALOG or FUNCTION');
  const ifExists = p.acceptAll('IF', 'EXISTS');
  const name = parseName(p, `the name of a ${object.toLowerCase()}`);
  const cascade = object === 'DATABASE' ? p.acceptOne('CASCADE', 'RESTRICT') : undefined;
  if (p.is(',')) p.unexpected("';'", { help: 'one DROP drops one thing' });
  if (p.is('CASCADE') || p.is('RESTRICT')) {
    const { start: from, end } = p.peek();
    p.unexpected("';'", { help: 'only DROP DATABASE has CASCADE', fix: { span: { start: from, end }, text: '' } });
  }
  return {
    kind: 'drop',
    object,
    temporary,
    ifExists,
    name,
    ...(cascade === undefined ? {} : { cascade }),
    span: p.span(start),
  };
}

/** `EXPLAIN [PLAN FOR | detail, …] statement`. */
export function parseExplain(p: Cursor): Explain {
  const start = p.take();
  const details: string[] = [];
  if (p.is('PLAN') && p.is('FOR', 1)) {
    p.take();
    p.take();
  } else {
    let detail = acceptDetail(p);
    while (detail !== undefined) {
      details.push(detail);
      if (!p.accept(',')) break;
      detail = acceptDetail(p) ?? p.unexpected('ESTIMATED_COST, CHANGELOG_MODE, JSON_EXECUTION_PLAN or PLAN_ADVICE');
    }
  }
  const token = p.peek();
  if (token.key === 'STATEMENT') {
    p.take();
    p.expect('SET', 'BEGIN');
    return { kind: 'explain', details, statement: parseStatementSet(p, token, 'execute'), span: p.span(start) };
  }
  if (token.key === 'INSERT') return { kind: 'explain', details, statement: parseInsert(p), span: p.span(start) };
  if (token.key === 'EXECUTE' || token.key === 'CREATE' || token.key === 'UPSERT') {
    p.unsupported(`EXPLAIN ${token.key} is`, { start: token.start, end: token.end });
  }
  if (!beginsQuery(p) && !p.is('(')) p.unexpected('a query, INSERT or STATEMENT SET');
  const query = parseQuery(p);
  return {
    kind: 'explain',
    details,
    statement: { kind: 'select-statement', query, span: query.span },
    span: p.span(start),
  };
}

function acceptDetail(p: Cursor): string | undefined {
  return p.acceptOne('ESTIMATED_COST', 'CHANGELOG_MODE', 'JSON_EXECUTION_PLAN', 'PLAN_ADVICE');
}

/** `DESCRIBE [CATALOG | …] [EXTENDED] name`. */
export function parseDescribe(p: Cursor): Describe | Explain {
  const start = p.take();
  if (beginsQuery(p) && !p.is('TABLE')) {
    const query = parseQuery(p);
    const statement = { kind: 'select-statement', query, span: query.span } as const;
    return { kind: 'explain', details: [], statement, span: p.span(start) };
  }
  const token = p.peek();
  const named =
    token.key === 'EXTENDED' ? false : isName(p.peek(1)) || p.is('EXTENDED', 1) || p.peek(1).kind === 'string';
  if (named && (token.key === 'JOB' || token.key === 'MODEL' || token.key === 'DATABASE')) {
    p.unsupported(`DESCRIBE ${token.key} is`, { start: token.start, end: token.end });
  }
  let object: Describe['object'] = 'TABLE';
  if (named) object = p.acceptOne('CATALOG', 'FUNCTION', 'TABLE') ?? 'TABLE';
  else p.accept('TABLE');
  const extended = p.accept('EXTENDED') !== undefined;
  const name = parseName(p, 'the name of a table');
  return { kind: 'describe', object, extended, name, span: p.span(start) };
}

/** What follows SHOW, and whether a name, a place (`FROM`, `IN`) or a pattern (`LIKE`) may follow. */
const shows: readonly {
  readonly words: readonly string[];
  readonly name?: true;
  readonly from?: true;
  readonly must?: true;
  readonly like?: true;
}[] = [
  { words: ['CATALOGS'], like: true },
  { words: ['CURRENT', 'CATALOG'] },
  { words: ['CURRENT', 'DATABASE'] },
  { words: ['DATABASES'], from: true, like: true },
  { words: ['MATERIALIZED', 'TABLES'], from: true, like: true },
  { words: ['TABLES'], from: true, like: true },
  { words: ['VIEWS'], from: true, like: true },
  { words: ['FUNCTIONS'], from: true, like: true },
  { words: ['USER', 'FUNCTIONS'], from: true, like: true },
  { words: ['PROCEDURES'], from: true, like: true },
  { words: ['MODELS'], from: true, like: true },
  { words: ['FULL', 'MODULES'] },
  { words: ['MODULES'] },
  { words: ['JARS'] },
  { words: ['JOBS'] },
  { words: ['COLUMNS'], from: true, must: true, like: true },
  { words: ['PARTITIONS'], name: true },
  { words: ['CREATE', 'MATERIALIZED', 'TABLE'], name: true },
  { words: ['CREATE', 'TABLE'], name: true },
  { words: ['CREATE', 'VIEW'], name: true },
  { words: ['CREATE', 'CATALOG'], name: true },
  { words: ['CREATE', 'MODEL'], name: true },
];

/** `SHOW TABLES [FROM d] [[NOT] LIKE 'x']`, `SHOW CREATE TABLE t`, … */
export function parseShow(p: Cursor): Show {
  const start = p.take();
  const form = shows.find(({ words }) => p.follows(...words));
  if (form === undefined) p.unexpected('TABLES, VIEWS, FUNCTIONS, DATABASES, CREATE TABLE or another thing to show');
  for (const _ of form.words) p.take();
  let what = form.words.join(' ');
  let name: Show['name'];
  if (form.name) name = parseName(p);
  else if (form.from) {
    const place = p.acceptOne('FROM', 'IN');
    if (place === undefined && form.must) p.unexpected("'FROM' and the name of a table");
    if (place !== undefined) {
      what += ` ${place}`;
      name = parseName(p);
    }
  }
  if (form.words[0] === 'PARTITIONS' && p.is('PARTITION'))
    p.unsupported('SHOW PARTITIONS with PARTITION is', { start: p.peek().start, end: p.peek().end });
  let like: Show['like'];
  let negated = false;
  if (form.like && (p.is('LIKE') || p.is('ILIKE') || p.follows('NOT', 'LIKE') || p.follows('NOT', 'ILIKE'))) {
    negated = p.accept('NOT') !== undefined;
    if (p.is('ILIKE')) p.unsupported('SHOW with ILIKE is', { start: p.peek().start, end: p.peek().end }, 'use LIKE');
    p.take();
    like = parseString(p, 'a pattern in quotes');
  }
  return {
    kind: 'show',
    what,
    ...(name === undefined ? {} : { name }),
    ...(like === undefined ? {} : { like }),
    ...(negated ? { negated } : {}),
    span: p.span(start),
  };
}

/** A statement of the client that has no effect in a job file. */
export function parseClientCommand(p: Cursor): Statement {
  const token = p.take();
  return { kind: 'client-command', command: token.key, span: { start: token.start, end: token.end } };
}
