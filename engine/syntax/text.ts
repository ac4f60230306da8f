import type { StringLiteral, TextLiteral } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { decodeString, stringParts } from './string.ts';
import type { Token } from './token.ts';
import { fillLiteral } from './variables.ts';

/**
 * A string literal where only a string can stand: keys and values of options, comments, paths; without `joined` the
 * literals that follow are not part of it.
 */
export function parseString(p: Cursor, what = 'a string literal', joined = true): StringLiteral {
  const token = p.peek();
  switch (token.kind) {
    case 'string':
      break;
    case 'double-quoted':
      reportDoubleQuotes(p, token, what);
      p.take();
      return { kind: 'string', value: p.text.slice(token.start + 1, token.end - 1), span: span(token) };
    case 'variable': {
      const text = `'${p.source(token)}'`;
      p.report(`found the variable ${p.source(token)} outside a string literal, expected ${what}`, span(token), {
        help: 'variables are filled in inside string literals only',
        fix: { span: span(token), text },
      });
      p.take();
      return { kind: 'string', value: p.source(token), span: span(token) };
    }
    default:
      return p.unexpected(what, stringHelp(p, token));
  }
  const literal = parseText(p, joined);
  const { value, raw, span: place } = literal;
  return { kind: 'string', value, ...(raw === undefined ? {} : { raw }), span: place };
}

/** A string literal as an expression; literals that follow it belong to it if `joined`. The current token is a string. */
export function parseText(p: Cursor, joined = true): TextLiteral {
  const start = p.peek();
  const { form, prefix } = stringParts(p.text, start);
  const pieces: string[] = [];
  const rawPieces: string[] = [];
  do {
    const { raw, value } = takePiece(p);
    rawPieces.push(raw);
    pieces.push(value);
  } while (joined && p.peek().kind === 'string' && p.text[p.peek().start] === "'" && !isKey(p));
  const value = pieces.join('');
  const raw = rawPieces.join('');
  return {
    kind: 'text',
    value,
    ...(raw === value ? {} : { raw }),
    ...(form === 'charset' ? { charset: prefix.replace('_', '').toUpperCase() } : {}),
    ...(form === 'unicode' ? { unicode: true } : {}),
    span: p.span(start),
  };
}

/** One literal as written and with its variables filled in. */
function takePiece(p: Cursor): { readonly raw: string; readonly value: string } {
  const token = p.take();
  const { form, prefix, content } = stringParts(p.text, token);
  let escapeCharacter: string | undefined;
  if (form === 'unicode' && p.accept('UESCAPE')) {
    const character = p.peek();
    if (character.kind !== 'string' || character.end - character.start !== 3) p.unexpected('one character in quotes');
    p.take();
    escapeCharacter = p.text[character.start + 1];
  }
  if (form === 'charset' && !knownCharset(prefix)) {
    p.fail(`the character set '${prefix.slice(1)}' is not known`, span(token), { help: 'write the string without it' });
  }
  const raw = decodeString(p.source(content), form, escapeCharacter);
  if (p.variables === undefined || form === 'binary' || !raw.includes('${')) return { raw, value: raw };
  return { raw, value: fillLiteral(p.text, content, form, p.variables, p.sink) };
}

/** Says that `"…"` is no string; the parser goes on as if it were one. */
export function reportDoubleQuotes(p: Cursor, token: Token, what: string): void {
  const value = p.text.slice(token.start + 1, token.end - 1);
  p.report(`found ${p.source(token)} in double quotes, expected ${what}`, span(token), {
    help: `strings stand in single quotes: '${value}'; names in backticks: \`${value}\``,
    fix: { span: span(token), text: `'${value.replaceAll("'", "''")}'` },
  });
}

/** A string before `=` begins the next option: the comma between the two is missing. */
function isKey(p: Cursor): boolean {
  return p.is('=', 1);
}

function knownCharset(prefix: string): boolean {
  return /^(n|_(utf-?(8|16|32)(le|be)?|latin1|iso_?8859_?1|us_?ascii|ascii|gbk|gb2312|gb18030|big5))$/i.test(prefix);
}

function stringHelp(
  p: Cursor,
  token: Token,
): { help?: string; fix?: { span: { start: number; end: number }; text: string } } {
  if (token.kind !== 'number' && token.kind !== 'word') return {};
  if (token.kind === 'word' && !/^[\w$]+$/.test(p.source(token))) return {};
  if (p.peek(1).key === '(' || (token.kind === 'word' && p.previous?.kind === 'string')) return {};
  return { help: 'put it in single quotes', fix: { span: span(token), text: `'${p.source(token)}'` } };
}

function span(token: Token): { start: number; end: number } {
  return { start: token.start, end: token.end };
}
