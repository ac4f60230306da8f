import type { Fix, Span } from '../diagnostics/diagnostic.ts';
import { reserved } from './reserved.ts';
import type { Token } from './token.ts';

/** A token as messages name it: `'FROM'`, `the number 5`, `the end of the file`. */
export function describe(text: string, token: Token): string {
  const written = shorten(text.slice(token.start, token.end));
  switch (token.kind) {
    case 'end':
      return 'the end of the file';
    case 'string':
      return `the string ${written}`;
    case 'number':
      return `the number ${written}`;
    case 'quoted':
      return `the name ${written}`;
    default:
      return token.key === ';' ? "the end of the statement ';'" : `'${written}'`;
  }
}

function shorten(text: string): string {
  const line = text.split(/[\r\n]/, 1)[0]!;
  return line.length <= 40 && line.length === text.length ? text : `${line.slice(0, 37)}…`;
}

interface Explanation {
  readonly label?: string;
  readonly help?: string;
  readonly fix?: Fix;
}

/** What to say about a token that fits nowhere, from the token itself and its neighbours. */
export function explain(text: string, previous: Token | undefined, token: Token, next: Token): Explanation {
  const span: Span = { start: token.start, end: token.end };
  const touches = previous !== undefined && previous.end === token.start;
  if (previous?.kind === 'string' && touches && (token.kind === 'word' || token.kind === 'number')) {
    return {
      label: 'the string ended before this',
      help: "a quote inside a string is written ''; or a closing quote is missing before",
    };
  }
  if (previous?.kind === 'number' && touches && token.kind === 'word') {
    return { help: 'a name that begins with a digit needs backticks' };
  }
  switch (token.key) {
    case '==':
      return { help: "equality is written '='", fix: { span, text: '=' } };
    case '::':
      return { help: 'write CAST(x AS type)' };
    case '->':
    case '->>':
      return { help: "read JSON with JSON_VALUE(x, '$.name') or JSON_QUERY(x, '$.name')" };
    case '/*+':
      return { help: 'hints stand directly after a table name or after SELECT' };
    case '>':
      if (next.key === '>' && next.start === token.end) return { help: 'Flink SQL has no shift operators' };
      break;
    case '-':
      if (previous?.kind === 'word' && touches) return { help: 'a name with a hyphen needs backticks' };
      break;
    case ',':
      if (previous?.key === ',') return { help: 'one comma is too many', fix: { span, text: '' } };
      break;
    case '=>':
      return { help: "write '>=' for 'greater or equal'" };
  }
  if (
    previous?.key === ',' &&
    (token.key === ')' || token.key === 'FROM' || token.key === ';' || token.kind === 'end')
  ) {
    const comma = { start: previous.start, end: previous.end };
    return { help: 'remove the comma before it', fix: { span: comma, text: '' } };
  }
  if (token.kind === 'variable') {
    return {
      help: 'variables stand inside string literals only',
      fix: { span, text: `'${text.slice(span.start, span.end)}'` },
    };
  }
  if (token.kind === 'double-quoted') {
    const inner = text.slice(token.start + 1, token.end - 1);
    return { help: `write \`${inner}\` for a name, '${inner}' for a string` };
  }
  if (token.kind === 'word' && reserved.has(token.key) && previous?.key === '.') {
    return {
      help: `'${token.key}' is a reserved word`,
      fix: { span, text: `\`${text.slice(span.start, span.end)}\`` },
    };
  }
  return {};
}
