import type { Identifier, Name } from './ast.ts';
import { isDigit, isLetter } from './character.ts';
import type { Cursor } from './cursor.ts';
import { reserved, structural } from './reserved.ts';
import type { Token } from './token.ts';

/** Whether a token can stand where a name is expected. */
export function isName(token: Token): boolean {
  return token.kind === 'quoted' || (token.kind === 'word' && !reserved.has(token.key));
}

/**
 * A name. A reserved word in its place is reported with its backticks and then taken for the name, unless it is one
 * that holds a statement together and the caller is not `certain` that a name is meant.
 */
export function parseIdentifier(p: Cursor, what = 'a name', certain = false): Identifier {
  const token = p.peek();
  if (isName(token)) return takeIdentifier(p);
  // `t. FROM a`: the name is missing.
  const missing = structural.has(token.key) && (!certain || (p.previous?.key === '.' && isName(p.peek(1))));
  if (token.kind === 'word' && !missing) {
    reportReserved(p, token);
    return takeIdentifier(p);
  }
  if (token.kind === 'double-quoted') {
    p.take();
    const name = p.text.slice(token.start + 1, token.end - 1);
    p.report(`found ${p.source(token)}, expected ${what}`, span(token), {
      help: 'Flink SQL quotes names with backticks',
      fix: { span: span(token), text: `\`${name}\`` },
    });
    return { kind: 'identifier', name, quoted: true, span: span(token) };
  }
  if (token.kind === 'string') {
    const name = p.text.slice(token.start + 1, token.end - 1);
    p.unexpected(what, {
      help: 'names stand without quotes or in backticks',
      fix: { span: span(token), text: isPlain(name) ? name : `\`${name}\`` },
    });
  }
  return p.unexpected(what);
}

/** `a`, `a.b`, `a.b.c`. */
export function parseName(p: Cursor, what = 'a name'): Name {
  const parts = [parseIdentifier(p, what, isDefinitely(p))];
  while (p.accept('.')) parts.push(parseIdentifier(p, 'a name', true));
  return { kind: 'name', parts, span: p.span(parts[0]!.span) };
}

/** `(a, b)`, at least one. */
export function parseIdentifiers(p: Cursor): Identifier[] {
  p.expect('(');
  const names = [parseIdentifier(p, 'a name', !p.is(')'))];
  while (p.accept(',')) names.push(parseIdentifier(p, 'a name'));
  if (!p.is(')')) p.unexpected("',' or ')'");
  p.take();
  return names;
}

export function reportReserved(p: Cursor, token: Token): void {
  const written = p.source(token);
  p.report(`found the reserved word '${written}', expected a name`, span(token), {
    code: 'reserved-word',
    label: 'reserved in Flink SQL',
    help: `put it in backticks: \`${written}\``,
    fix: { span: span(token), text: `\`${written}\`` },
  });
}

/** Whether `name` needs no backticks. */
export function isPlain(name: string): boolean {
  if (name === '' || reserved.has(name.toUpperCase()) || !isLetter(name.charCodeAt(0))) return false;
  for (let i = 1; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (!isLetter(code) && !isDigit(code)) return false;
  }
  return true;
}

function takeIdentifier(p: Cursor): Identifier {
  const token = p.take();
  const quoted = token.kind === 'quoted';
  const name = quoted ? p.text.slice(token.start + 1, token.end - 1).replaceAll('``', '`') : p.source(token);
  return { kind: 'identifier', name, quoted, span: span(token) };
}

/** `order.x`, `order (`: a structural word that what follows shows to be a name. */
function isDefinitely(p: Cursor): boolean {
  const after = p.peek(1).key;
  return after === '.' || after === '(' || after === ';';
}

function span(token: Token): { start: number; end: number } {
  return { start: token.start, end: token.end };
}
