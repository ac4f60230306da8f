import type { Span } from '../diagnostics/diagnostic.ts';
import { Lexer } from '../syntax/lexer.ts';
import type { Token } from '../syntax/token.ts';

/** A token with its text, names without their backticks. */
export interface Word {
  readonly token: Token;
  readonly text: string;
}

/** A place in a file that somebody writes at: the statement around it as tokens, whatever they are. */
export interface Place {
  readonly offset: number;
  /** Tokens of the statement before the place, without the name that is being written there. */
  readonly before: readonly Word[];
  readonly after: readonly Word[];
  /** What completion replaces: the name, or what stands between the quotes of the string, around the place. */
  readonly replaced: Span;
  /** 'string': between single quotes; 'name': between backticks. */
  readonly inside: 'code' | 'string' | 'name';
}

/** Undefined inside comments. The text before the place decides: a quote that is not closed yet does no harm. */
export function placeAt(text: string, offset: number): Place | undefined {
  const before: Word[] = [];
  const lexer = new Lexer(text.slice(0, offset));
  let inSet = false;
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    if (token.mistakes?.some((mistake) => mistake.code === 'unterminated-comment')) return undefined;
    if (token.key === ';' && !inSet) before.length = 0;
    else {
      const start = statementStart(before, token);
      if (start !== undefined) before.splice(0, start);
      before.push(wordOf(text, token));
      if (token.key === 'BEGIN') inSet = true;
      else if (token.key === 'END' && !before.some((word) => word.token.key === 'CASE')) inSet = false;
    }
  }
  const comment = lexer.comments.at(-1);
  if (comment !== undefined && !comment.block && comment.end === offset) return undefined;
  const last = before.at(-1)?.token;
  if (last?.kind === 'invalid' && last.mistakes?.some(({ code }) => code === 'unterminated-string') === true) {
    const quote = text[last.start];
    if (quote === "'" || quote === '`') {
      before.pop();
      const end = closing(text, offset, quote);
      const after = wordsAfter(text, text[end] === quote ? end + 1 : end);
      const replaced = { start: last.start + 1, end };
      return { offset, before, after, replaced, inside: quote === "'" ? 'string' : 'name' };
    }
  }
  const partial = last?.kind === 'word' && last.end === offset ? before.pop()!.token : undefined;
  const end = endOfWord(text, offset);
  const replaced = { start: partial?.start ?? offset, end: partial === undefined ? offset : end };
  return { offset, before, after: wordsAfter(text, replaced.end), replaced, inside: 'code' };
}

function wordOf(text: string, token: Token): Word {
  const raw = text.slice(token.start, token.end);
  return { token, text: token.kind === 'quoted' ? raw.slice(1, -1).replaceAll('``', '`') : raw };
}

function wordsAfter(text: string, start: number): Word[] {
  const after: Word[] = [];
  const lexer = new Lexer(text);
  lexer.moveTo(start);
  for (let token = lexer.next(); token.kind !== 'end' && token.key !== ';'; token = lexer.next()) {
    const next = statementStart(after, token);
    if (next !== undefined) return after.slice(0, next);
    after.push(wordOf(text, token));
  }
  // The first words may belong to the next statement, whose second word is not there to tell.
  return after;
}

/** How many tokens belong to a statement that lacks its semicolon, where the next one begins with this token. */
function statementStart(before: readonly Word[], token: Token): number | undefined {
  const previous = before.at(-1)?.token.key;
  const at = before.length - 1;
  const leading = before.at(-2)?.token.key;
  if (previous === 'INSERT' && token.key === 'INTO') {
    return ['EXPLAIN', 'EXECUTE', 'BEGIN', ';', 'PLAN'].includes(leading ?? ';') ? undefined : at;
  }
  if (previous === 'CREATE' && /^(TABLE|VIEW|TEMPORARY|CATALOG|DATABASE|FUNCTION)$/.test(token.key)) {
    return leading === undefined || leading === 'SHOW' ? undefined : at;
  }
  return undefined;
}

/** Where the string around `offset` ends: at its quote on this line, or where the line or the list goes on. */
function closing(text: string, offset: number, quote: string): number {
  const line = /[^\r\n]*/y;
  line.lastIndex = offset;
  const rest = line.exec(text)![0];
  const end = rest.indexOf(quote);
  // An odd number of quotes: this string is closed on its line. Else the quotes there belong to other strings.
  const quotes = rest.split(quote).length - 1;
  return offset + (quotes % 2 === 1 ? end : 0);
}

function endOfWord(text: string, offset: number): number {
  const word = /[\p{L}\p{N}_$]*/uy;
  word.lastIndex = offset;
  return offset + word.exec(text)![0].length;
}
