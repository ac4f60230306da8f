import type { Fix, Span } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
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

/** Words that people misspell where the grammar then reads them as a name. */
const clauses = [
  'FROM',
  'WHERE',
  'GROUP',
  'ORDER',
  'HAVING',
  'JOIN',
  'UNION',
  'LIMIT',
  'WINDOW',
  'INNER',
  'CROSS',
] as const;

const shortened: ReadonlySet<string> = new Set(['FRM', 'FOM', 'FRO', 'ROM']);

/** A name that is probably a misspelt keyword, with its correction. */
export function misspelt(text: string, token: Token | undefined): Explanation | undefined {
  if (token?.kind !== 'word' || reserved.has(token.key)) return undefined;
  // Of the shorter words most are names.
  const near = token.key.length < 4 ? (shortened.has(token.key) ? 'FROM' : undefined) : suggest(token.key, clauses);
  if (near === undefined) return undefined;
  const span = { start: token.start, end: token.end };
  return { help: `did you mean ${near} instead of '${text.slice(span.start, span.end)}'?`, fix: { span, text: near } };
}

/** A misspelt keyword that was read as an alias: `SELECT a FORM t`. */
export function misspeltAlias({ text, previous, beforePrevious: named }: Neighbours): Explanation | undefined {
  if (named === undefined) return undefined;
  const isNamed = named.kind === 'symbol' ? named.key === ')' : !reserved.has(named.key);
  return isNamed ? misspelt(text, previous) : undefined;
}

/** Where a token stands. */
interface Neighbours {
  readonly text: string;
  readonly previous: Token | undefined;
  readonly beforePrevious: Token | undefined;
  peek(ahead: number): Token;
}

/**
 * What to say about a token that fits nowhere, from the token itself, its neighbours and the keywords in `expected`.
 */
export function explain(at: Neighbours, token: Token, expected: string): Explanation {
  const { text, previous } = at;
  const next = at.peek(1);
  const span: Span = { start: token.start, end: token.end };
  const touches = previous !== undefined && previous.end === token.start;
  const misread = misspeltAlias(at);
  if (misread !== undefined && token.kind !== 'end' && token.key !== ';' && token.key !== ')') return misread;
  const misplaced = expected === 'the end of the statement' ? misspelt(text, token) : undefined;
  if (misplaced !== undefined) return misplaced;
  if (expected === "'BY'") return { fix: { span: { start: span.start, end: span.start }, text: 'BY ' } };
  if (token.kind === 'word' && token.key.length > 2) {
    const near = suggest(token.key, expected.match(/\b[A-Z_]{3,}\b/g) ?? []);
    if (near !== undefined && near !== token.key) return { help: `did you mean ${near}?`, fix: { span, text: near } };
  }
  if (token.kind === 'number' && next.kind === 'word' && next.start === token.end) {
    return { help: 'a name that begins with a digit needs backticks' };
  }
  if (previous?.key === 'TOP' && token.kind === 'number') return { help: 'write LIMIT at the end of the query' };
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
    case '<':
      if (previous?.key === token.key && touches) return { help: 'Flink SQL has no shift operators' };
      break;
    case '=':
      if (previous?.key === '=') return { help: "one '=' is enough", fix: { span, text: '' } };
      break;
    case ')':
      if (expected === 'the end of the statement') return { help: "there is no '(' for it", fix: { span, text: '' } };
      break;
    case 'ON':
      if (previous?.key === 'DISTINCT') {
        return { help: 'Flink SQL has no DISTINCT ON: number the rows with ROW_NUMBER() OVER (…) and keep the first' };
      }
      break;
    case '*':
      if (previous?.key === 'DISTINCT') return { help: 'write COUNT(DISTINCT x), or SELECT DISTINCT in a query below' };
      break;
    case 'EMIT':
      return { help: 'Flink SQL has no EMIT: a table shows each change, rows of a window come when it ends' };
    case '(':
      if (/^(TUMBLING|HOPPING|SESSION)$/.test(previous?.key ?? '') && expected === "'AS'") {
        return { help: "windows stand in FROM: TABLE(TUMBLE(TABLE t, DESCRIPTOR(time), INTERVAL '1' MINUTE))" };
      }
      break;
    case 'MAX':
      if (next.key === ')' && previous?.key === '(') return { help: 'write STRING or BYTES' };
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
    return { help: 'variables are filled in inside string literals only' };
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
