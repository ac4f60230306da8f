import type { Call, Expression, JsonBehaviour, JsonClauses, Name, OrderItem, TypeNode } from './ast.ts';
import { parseCallSuffixes } from './call.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseOrderBy } from './query.ts';
import { parseBareType } from './type.ts';

const jsonCalls: ReadonlySet<string> = new Set([
  'JSON_EXISTS',
  'JSON_VALUE',
  'JSON_QUERY',
  'JSON_OBJECT',
  'JSON_OBJECTAGG',
  'JSON_ARRAY',
  'JSON_ARRAYAGG',
]);

/** Whether a call of this function has the clauses of SQL/JSON. */
export function isJsonCall(key: string): boolean {
  return jsonCalls.has(key);
}

/** `JSON_…( … )` from its bracket on. */
export function parseJsonCall(p: Cursor, name: Name, key: string): Call {
  p.expect('(');
  const { args, json, orderBy } = parseInside(p, key);
  if (!p.is(')')) p.unexpected("')'");
  p.take();
  return {
    kind: 'call',
    name,
    arguments: args,
    ...(Object.keys(json).length === 0 ? {} : { json }),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(key === 'JSON_ARRAYAGG' && p.is('WITHIN') ? parseCallSuffixes(p) : {}),
    span: p.span(name.span),
  };
}

interface Inside {
  readonly args: Expression[];
  readonly json: JsonClauses;
  readonly orderBy?: OrderItem[];
}

function parseInside(p: Cursor, key: string): Inside {
  switch (key) {
    case 'JSON_EXISTS':
    case 'JSON_VALUE':
    case 'JSON_QUERY':
      return { args: parseSourceAndPath(p), json: parsePathClauses(p, key) };
    case 'JSON_OBJECT': {
      const args: Expression[] = [];
      if (!p.is(')') && !beginsOnNull(p)) {
        do args.push(...parseKeyAndValue(p));
        while (p.accept(','));
      }
      return { args, json: parseOnNull(p) };
    }
    case 'JSON_OBJECTAGG':
      return { args: parseKeyAndValue(p), json: parseOnNull(p) };
    case 'JSON_ARRAY': {
      const args: Expression[] = [];
      if (!p.is(')') && !beginsOnNull(p)) {
        do args.push(parseExpression(p));
        while (p.accept(','));
      }
      return { args, json: parseOnNull(p) };
    }
    default: {
      const args = [parseExpression(p)];
      const orderBy = p.is('ORDER') ? parseOrderBy(p) : undefined;
      const json = parseOnNull(p);
      return { args, json, ...(orderBy === undefined ? {} : { orderBy }) };
    }
  }
}

function parseSourceAndPath(p: Cursor): Expression[] {
  const source = parseExpression(p);
  if (!p.is(',')) p.unexpected("',' and a path");
  p.take();
  const path = parseExpression(p);
  if (p.is('PASSING')) p.unsupported('PASSING is', { start: p.peek().start, end: p.peek().end });
  return [source, path];
}

/** `[RETURNING type] [WITH … WRAPPER] [… ON EMPTY] [… ON ERROR]`. */
function parsePathClauses(p: Cursor, key: string): JsonClauses {
  let returning: TypeNode | undefined;
  if (key !== 'JSON_EXISTS' && p.accept('RETURNING')) returning = parseBareType(p);
  const wrapper = key === 'JSON_QUERY' ? parseWrapper(p) : undefined;
  let onEmpty: JsonBehaviour | undefined;
  let onError: JsonBehaviour | undefined;
  while (!p.is(')')) {
    const behaviour = parseBehaviour(p, key);
    p.expect('ON');
    const event = p.acceptOne('EMPTY', 'ERROR');
    if (event === undefined) p.unexpected("'EMPTY' or 'ERROR'");
    if (event === 'EMPTY') onEmpty = behaviour;
    else onError = behaviour;
  }
  return {
    ...(returning === undefined ? {} : { returning }),
    ...(wrapper === undefined ? {} : { wrapper }),
    ...(onEmpty === undefined ? {} : { onEmpty }),
    ...(onError === undefined ? {} : { onError }),
  };
}

function parseWrapper(p: Cursor): JsonClauses['wrapper'] {
  let wrapper: JsonClauses['wrapper'];
  if (p.accept('WITHOUT')) wrapper = 'WITHOUT';
  else if (p.accept('WITH')) wrapper = p.acceptOne('CONDITIONAL', 'UNCONDITIONAL') ?? 'UNCONDITIONAL';
  else return undefined;
  p.accept('ARRAY');
  p.expect('WRAPPER');
  return wrapper;
}

function parseBehaviour(p: Cursor, key: string): JsonBehaviour {
  const word = key === 'JSON_EXISTS' ? p.acceptOne('ERROR', 'TRUE', 'FALSE', 'UNKNOWN') : p.acceptOne('ERROR', 'NULL');
  if (word !== undefined) return word;
  if (key === 'JSON_VALUE' && p.accept('DEFAULT')) return { default: parseExpression(p) };
  if (key === 'JSON_QUERY' && p.accept('EMPTY')) {
    const shape = p.acceptOne('ARRAY', 'OBJECT');
    if (shape === undefined) p.unexpected("'ARRAY' or 'OBJECT'");
    return `EMPTY ${shape}`;
  }
  return p.unexpected("')' or what to do ON EMPTY or ON ERROR", {
    help:
      key === 'JSON_EXISTS'
        ? 'write TRUE, FALSE, UNKNOWN or ERROR ON ERROR'
        : 'the clauses stand in this order: RETURNING type, … ON EMPTY, … ON ERROR',
  });
}

/** `[KEY] 'k' VALUE v` or `'k': v`. */
function parseKeyAndValue(p: Cursor): [Expression, Expression] {
  if (p.is('KEY') && !p.is('VALUE', 1) && !p.is(':', 1) && !p.is('.', 1) && !p.is('||', 1)) p.take();
  const key = parseExpression(p);
  if (p.acceptOne('VALUE', ':') === undefined) p.unexpected("'VALUE' or ':' and a value");
  return [key, parseExpression(p)];
}

function beginsOnNull(p: Cursor): boolean {
  return (p.is('NULL') || p.is('ABSENT')) && p.is('ON', 1) && p.is('NULL', 2);
}

function parseOnNull(p: Cursor): JsonClauses {
  if (!beginsOnNull(p)) return {};
  const onNull = p.take().key === 'NULL' ? 'NULL' : 'ABSENT';
  p.take();
  p.take();
  return { onNull };
}
