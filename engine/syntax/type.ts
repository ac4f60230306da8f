import type { StringLiteral, TypeNode } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseQualifier } from './interval.ts';
import { isName, isPlain, parseIdentifier } from './name.ts';
import { reserved } from './reserved.ts';
import { parseString } from './text.ts';
import type { Token } from './token.ts';

/** How many numbers in brackets a type takes. */
interface Shape {
  readonly name: string;
  readonly parameters: 0 | 1 | 2;
}

const shapes: Readonly<Record<string, Shape>> = {
  BOOLEAN: { name: 'BOOLEAN', parameters: 0 },
  TINYINT: { name: 'TINYINT', parameters: 0 },
  SMALLINT: { name: 'SMALLINT', parameters: 0 },
  INT: { name: 'INT', parameters: 0 },
  INTEGER: { name: 'INT', parameters: 0 },
  BIGINT: { name: 'BIGINT', parameters: 0 },
  FLOAT: { name: 'FLOAT', parameters: 0 },
  REAL: { name: 'REAL', parameters: 0 },
  DOUBLE: { name: 'DOUBLE', parameters: 0 },
  DECIMAL: { name: 'DECIMAL', parameters: 2 },
  DEC: { name: 'DECIMAL', parameters: 2 },
  NUMERIC: { name: 'DECIMAL', parameters: 2 },
  CHAR: { name: 'CHAR', parameters: 1 },
  CHARACTER: { name: 'CHAR', parameters: 1 },
  VARCHAR: { name: 'VARCHAR', parameters: 1 },
  STRING: { name: 'STRING', parameters: 0 },
  BINARY: { name: 'BINARY', parameters: 1 },
  VARBINARY: { name: 'VARBINARY', parameters: 1 },
  BYTES: { name: 'BYTES', parameters: 0 },
  DATE: { name: 'DATE', parameters: 0 },
  TIME: { name: 'TIME', parameters: 1 },
  TIMESTAMP: { name: 'TIMESTAMP', parameters: 1 },
  TIMESTAMP_LTZ: { name: 'TIMESTAMP_LTZ', parameters: 1 },
  VARIANT: { name: 'VARIANT', parameters: 0 },
};

/** Whether a type can begin with this token. */
export function beginsType(token: Token): boolean {
  return isName(token) || token.key in shapes || isComposite(token.key);
}

function isComposite(key: string): boolean {
  return key === 'ARRAY' || key === 'MULTISET' || key === 'MAP' || key === 'ROW' || key === 'INTERVAL' || key === 'RAW';
}

/** A type with its `NULL` or `NOT NULL`, as columns, fields and elements have it. */
export function parseType(p: Cursor): TypeNode {
  let type = parseCollections(p, false);
  for (;;) {
    const nullable = p.acceptAll('NOT', 'NULL') ? false : p.accept('NULL') ? true : undefined;
    if (nullable === undefined) return type;
    type = { ...type, nullable, span: p.span(type.span) };
    if (!p.is('ARRAY') && !p.is('MULTISET')) return type;
    type = wrapCollections(p, type);
  }
}

/** A type without `NOT NULL`, as CAST has it; `INT ARRAY` is `ARRAY<INT>`. */
export function parseBareType(p: Cursor): TypeNode {
  return parseCollections(p, true);
}

function parseCollections(p: Cursor, inCast: boolean): TypeNode {
  return wrapCollections(
    p,
    p.nested(() => parseTypeName(p, inCast)),
  );
}

function wrapCollections(p: Cursor, element: TypeNode): TypeNode {
  let type = element;
  for (let height = 1; ; height++) {
    const name = p.acceptOne('ARRAY', 'MULTISET');
    if (name === undefined) return type;
    p.grown(height, type.span);
    type = { kind: 'type', name, parameters: [], elements: [type], fields: [], span: p.span(type.span) };
  }
}

function parseTypeName(p: Cursor, inCast: boolean): TypeNode {
  const start = p.peek();
  const node = (name: string, more: Partial<TypeNode> = {}): TypeNode => ({
    kind: 'type',
    name,
    parameters: [],
    elements: [],
    fields: [],
    ...more,
    span: p.span(start),
  });
  switch (start.key) {
    case 'ARRAY':
    case 'MULTISET': {
      p.take();
      if (!p.is('<')) p.unexpected("'<' and the type of the elements", { help: `write ${start.key}<type>` });
      p.take();
      const element = parseType(p);
      closeAngle(p);
      return node(start.key, { elements: [element] });
    }
    case 'MAP': {
      if (!p.is('<', 1)) break;
      p.take();
      p.take();
      const key = parseType(p);
      p.expect(',');
      const value = parseType(p);
      closeAngle(p);
      return node('MAP', { elements: [key, value] });
    }
    case 'ROW':
      p.take();
      return node('ROW', { fields: parseFields(p) });
    case 'INTERVAL':
      if (!inCast) p.unexpected('a type', { help: 'columns cannot hold intervals: keep a BIGINT' });
      p.take();
      return node('INTERVAL', { interval: parseQualifier(p) });
    case 'ANY':
    case 'STRUCTURED':
      if (start.key === 'STRUCTURED' && !p.is('<', 1)) break;
      return p.unsupported(`the type ${start.key} is`, { start: start.start, end: start.end });
    case 'RAW':
      p.take();
      return p.unsupported('the type RAW is', { start: start.start, end: start.end }, 'use BYTES');
  }
  const shape = Object.hasOwn(shapes, start.key) ? shapes[start.key] : undefined;
  if (shape === undefined) return parseForeignType(p, node);
  p.take();
  let { name } = shape;
  let { parameters: most } = shape;
  if (name === 'DOUBLE') p.accept('PRECISION');
  if ((name === 'CHAR' || name === 'BINARY') && p.accept('VARYING')) {
    name = `VAR${name}`;
    most = 1;
  }
  const parameters = most > 0 && p.is('(') ? parseParameters(p, most) : [];
  if (p.follows('CHARACTER', 'SET')) p.unsupported('CHARACTER SET is', { start: p.peek().start, end: p.peek(1).end });
  if (name === 'TIME' || name === 'TIMESTAMP') name = parseZone(p, name);
  return node(name, { parameters });
}

function parseParameters(p: Cursor, most: number): number[] {
  p.take();
  const numbers: number[] = [];
  do {
    const token = p.peek();
    if (token.kind !== 'number' || !/^\d+$/.test(p.source(token))) p.unexpected('a whole number');
    const value = Number(p.source(token));
    if (value > 2147483647) p.fail(`${p.source(token)} is out of range, expected at most 2147483647`, token);
    p.take();
    numbers.push(value);
  } while (numbers.length < most && p.accept(','));
  p.expect(')');
  return numbers;
}

/** `WITHOUT TIME ZONE`, `WITH LOCAL TIME ZONE` after TIME and TIMESTAMP. */
function parseZone(p: Cursor, name: string): string {
  if (p.acceptAll('WITHOUT', 'TIME', 'ZONE')) return name;
  if (p.acceptAll('WITH', 'LOCAL', 'TIME', 'ZONE')) {
    if (name === 'TIMESTAMP') return 'TIMESTAMP_LTZ';
    p.unsupported('TIME WITH LOCAL TIME ZONE is', { start: p.previousEnd - 4, end: p.previousEnd }, 'use TIME');
  }
  if (p.follows('WITH', 'LOCAL')) p.expect('WITH', 'LOCAL', 'TIME', 'ZONE');
  if (p.is('WITHOUT')) p.expect('WITHOUT', 'TIME', 'ZONE');
  if (p.follows('WITH', 'TIME', 'ZONE')) {
    p.take();
    p.unexpected("'LOCAL'", { help: 'Flink has no type with a zone of its own: use TIMESTAMP_LTZ' });
  }
  return name;
}

/** `<a INT, b STRING COMMENT 'c'>` or the same in round brackets. */
function parseFields(p: Cursor): TypeNode['fields'] {
  if (p.accept('<>')) return [];
  const open = p.acceptOne('<', '(');
  if (open === undefined) return p.unexpected("'<' and the fields of the row", { help: 'write ROW<name type, …>' });
  const fields: { name: TypeNode['fields'][number]['name']; type: TypeNode; comment?: StringLiteral }[] = [];
  const close = open === '<' ? '>' : ')';
  if (p.accept(close)) return fields;
  do {
    const name = parseIdentifier(p, 'the name of a field', beginsType(p.peek(1)));
    const type = parseType(p);
    if (p.peek().kind === 'string') fields.push({ name, type, comment: parseString(p) });
    else if (p.is('COMMENT') && p.peek(1).kind === 'string') {
      p.unexpected(`',' or '${close}'`, { help: 'the comment of a field stands without COMMENT' });
    } else fields.push({ name, type });
  } while (p.accept(','));
  if (!p.is(close)) p.unexpected(`',' or '${close}'`);
  p.take();
  return fields;
}

function closeAngle(p: Cursor): void {
  if (!p.is('>')) p.unexpected("'>'");
  p.take();
}

/** A type that Flink's grammar takes for a user's: analysis says what is meant. */
function parseForeignType(p: Cursor, node: (name: string, more?: Partial<TypeNode>) => TypeNode): TypeNode {
  const token = p.peek();
  if (token.kind === 'word' && reserved.has(token.key)) return p.unexpected('a type');
  if (!isName(token)) return p.unexpected('a type');
  const parts = [parseIdentifier(p).name];
  while (p.accept('.')) parts.push(parseIdentifier(p).name);
  if (p.is('(') && p.peek(1).kind === 'number') {
    p.unexpected('the end of the type', { help: `Flink knows no type '${p.source(token)}'` });
  }
  return node(parts.map((part) => (isPlain(part) ? part.toUpperCase() : part)).join('.'));
}
