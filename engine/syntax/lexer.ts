import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { isDigit, isLetter } from './character.ts';
import { lookalikes } from './lookalikes.ts';
import type { Comment, Token, TokenKind } from './token.ts';

const TAB = 9;
const NEWLINE = 10;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Splits a job file into tokens, one at a time, so that the parser can go on at another place after a mistake.
 * Never throws; ends with an endless row of `end` tokens. Comments passed so far are in `comments`.
 */
export class Lexer {
  readonly text: string;
  readonly comments: Comment[] = [];
  #at = 0;
  /** Skip the `>` with which a client begins each further line of a statement. */
  #prompted = false;
  #mistakes: Diagnostic[] = [];

  constructor(text: string) {
    this.text = text;
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.#at = 1;
  }

  /** Goes on reading at `offset`, which must lie outside a string or comment. */
  moveTo(offset: number): void {
    this.#at = offset;
    this.#mistakes = [];
    while (this.comments.length > 0 && this.comments.at(-1)!.start >= offset) this.comments.pop();
  }

  /** Whether the lines come from a client's screen, each with a prompt in front. */
  set prompted(value: boolean) {
    this.#prompted = value;
  }

  next(): Token {
    const problem = this.#skipBlanks();
    if (problem !== undefined) return problem;
    const { text } = this;
    const start = this.#at;
    if (start >= text.length) return this.#token('end', '', start, start);
    const code = text.charCodeAt(start);
    if (isLetter(code)) return this.#word(start);
    if (isDigit(code)) return this.#number(start);
    switch (text[start]) {
      case "'":
        return this.#string(start, start);
      case '`':
        return this.#quoted(start);
      case '"':
        return this.#doubleQuoted(start, '"');
      case '.':
        return isDigit(text.charCodeAt(start + 1)) ? this.#number(start) : this.#symbol(start, 1);
      case '/':
        return this.#symbol(start, text.startsWith('/*+', start) ? 3 : 1);
      case '*':
        return this.#symbol(start, text[start + 1] === '/' ? 2 : 1);
      case '<':
        return this.#symbol(start, text[start + 1] === '>' || text[start + 1] === '=' ? 2 : 1);
      case '>':
        return this.#symbol(start, text[start + 1] === '=' ? 2 : 1);
      case '=':
        return this.#symbol(start, text[start + 1] === '>' || text[start + 1] === '=' ? 2 : 1);
      case '!':
        return text[start + 1] === '=' ? this.#symbol(start, 2) : this.#unknown(start);
      case '|':
        return text[start + 1] === '|' ? this.#symbol(start, 2) : this.#unknown(start);
      case ':':
        return this.#symbol(start, text[start + 1] === ':' ? 2 : 1);
      case '-':
        return this.#symbol(start, text[start + 1] !== '>' ? 1 : text[start + 2] === '>' ? 3 : 2);
      case '+':
      case '%':
      case '(':
      case ')':
      case '[':
      case ']':
      case '{':
      case '}':
      case ',':
      case ';':
      case '?':
        return this.#symbol(start, 1);
      default:
        return this.#lookalike(start);
    }
  }

  #token(kind: TokenKind, key: string, start: number, end: number): Token {
    this.#at = end;
    if (this.#mistakes.length === 0) return { kind, key, start, end };
    const mistakes = this.#mistakes;
    this.#mistakes = [];
    return { kind, key, start, end, mistakes };
  }

  #symbol(start: number, length: number): Token {
    return this.#token('symbol', this.text.slice(start, start + length), start, start + length);
  }

  /** Skips blanks and comments; gives a token only where a comment has no end. */
  #skipBlanks(): Token | undefined {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === 32 || (code >= TAB && code <= 13)) {
        this.#at++;
        if (code === NEWLINE && this.#prompted) this.#skipPrompt();
      } else if (code === 45 && text.charCodeAt(this.#at + 1) === 45) this.#lineComment();
      else if (code === 47 && text.charCodeAt(this.#at + 1) === 47) this.#lineComment();
      else if (code === 47 && text.charCodeAt(this.#at + 1) === 42 && text.charCodeAt(this.#at + 2) !== 43) {
        const end = text.indexOf('*/', this.#at + 2);
        if (end < 0) return this.#unterminatedComment();
        this.comments.push({ start: this.#at, end: end + 2, block: true });
        this.#at = end + 2;
      } else if (code > 127 && lookalikes.get(text[this.#at]!) === ' ') {
        const span = { start: this.#at, end: ++this.#at };
        const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
        this.#mistakes.push({
          code: 'unknown-character',
          severity: 'error',
          message: `found the character ${name}, which looks like a blank but is none to SQL`,
          span,
          help: 'replace it by an ordinary blank',
          fix: { span, text: ' ' },
        });
      } else return undefined;
    }
  }

  #skipPrompt(): void {
    const prompt = /[ \t]*>/y;
    prompt.lastIndex = this.#at;
    if (prompt.test(this.text)) this.#at = prompt.lastIndex;
  }

  #lineComment(): void {
    const start = this.#at;
    const { text } = this;
    let end = start + 2;
    while (end < text.length && text.charCodeAt(end) !== NEWLINE && text.charCodeAt(end) !== 13) end++;
    this.comments.push({ start, end, block: false });
    this.#at = end;
  }

  #unterminatedComment(): Token {
    const start = this.#at;
    const end = this.text.length;
    this.#mistakes.push({
      code: 'unterminated-comment',
      severity: 'error',
      message: "this comment has no end: expected '*/'",
      span: { start, end: start + 2 },
      label: 'starts here',
      help: "end it with '*/'",
    });
    return this.#token('invalid', '', start, end);
  }

  #word(start: number): Token {
    const { text } = this;
    let end = start;
    let plain = true;
    for (;;) {
      const code = text.charCodeAt(end);
      if (!isLetter(code) && !isDigit(code)) break;
      if (code > 127) plain = false;
      end++;
    }
    if (text.charCodeAt(start) === 36 && end === start + 1 && text[end] === '{') return this.#variable(start);
    if (text[end] === "'" && end - start <= 40) {
      const prefix = text.slice(start, end);
      if (/^(n|x|e|_\w+)$/i.test(prefix)) return this.#string(start, end);
    } else if (text[end] === '&' && text[end + 1] === "'" && end - start === 1 && /u/i.test(text[start]!)) {
      return this.#string(start, end + 1);
    }
    return this.#token('word', plain ? text.slice(start, end).toUpperCase() : '', start, end);
  }

  #number(start: number): Token {
    const number = /\d*(?:\.\d*)?(?:[eE][+-]?\d+)?/y;
    number.lastIndex = start;
    number.test(this.text);
    return this.#token('number', '', start, number.lastIndex);
  }

  #string(start: number, quote: number): Token {
    const { text } = this;
    const escapes = quote > start && (text[start] === 'E' || text[start] === 'e');
    let end = quote + 1;
    for (;;) {
      const close = text.indexOf("'", end);
      if (close < 0) return this.#unterminatedString(start, quote);
      if (escapes && countBackslashes(text, close) % 2 === 1) end = close + 1;
      else if (text[close + 1] === "'") end = close + 2;
      else return this.#token('string', '', start, close + 1);
    }
  }

  #unterminatedString(start: number, quote: number): Token {
    this.#mistakes.push({
      code: 'unterminated-string',
      severity: 'error',
      message: 'this string literal has no closing quote',
      span: { start, end: Math.max(quote + 1, endOfLine(this.text, quote)) },
      label: 'starts here',
      help: "end it with ', and write a quote inside a string as ''",
    });
    return this.#token('invalid', '', start, this.text.length);
  }

  #quoted(start: number): Token {
    const { text } = this;
    let end = start + 1;
    for (;;) {
      const close = text.indexOf('`', end);
      const line = endOfLine(text, start);
      if (close < 0 || close > line) {
        this.#mistakes.push({
          code: 'unterminated-string',
          severity: 'error',
          message: 'this quoted name has no closing backtick',
          span: { start, end: line },
          label: 'starts here',
          help: 'end the name with `',
        });
        return this.#token('invalid', '', start, close < 0 ? text.length : line);
      }
      if (close === start + 1 && text[close + 1] !== '`') return this.#emptyName(start);
      if (text[close + 1] === '`') end = close + 2;
      else return this.#token('quoted', '', start, close + 1);
    }
  }

  #emptyName(start: number): Token {
    const span = { start, end: start + 2 };
    this.#mistakes.push({ code: 'syntax', severity: 'error', message: 'found a name without characters', span });
    return this.#token('invalid', '', start, start + 2);
  }

  #doubleQuoted(start: number, closing: string): Token {
    const end = this.text.indexOf(closing, start + 1);
    if (end < 0 || end > endOfLine(this.text, start)) return this.#unknown(start);
    return this.#token('double-quoted', '', start, end + 1);
  }

  #variable(start: number): Token {
    const end = this.text.indexOf('}', start);
    if (end < 0 || end > endOfLine(this.text, start)) return this.#token('variable', '', start, start + 2);
    return this.#token('variable', '', start, end + 1);
  }

  /** Full-width punctuation and typographic quotes: told, and then read as what was meant. */
  #lookalike(start: number): Token {
    const found = this.text[start]!;
    const meant = lookalikes.get(found);
    if (meant === undefined) return this.#unknown(start);
    if (meant === '"') return this.#doubleQuoted(start, '”');
    let span = { start, end: start + 1 };
    let text = meant;
    if (meant === "'") {
      const line = this.text.slice(start, endOfLine(this.text, start));
      const end = /^.[^‘’']*[’']/.exec(line)?.[0].length;
      if (end === undefined) return this.#unknown(start);
      span = { start, end: start + end };
      text = `'${line.slice(1, end - 1)}'`;
    }
    this.#mistakes.push({
      code: 'unknown-character',
      severity: 'error',
      message: `found '${found}', expected '${meant}'`,
      span: { start, end: start + 1 },
      fix: { span, text },
    });
    if (meant === "'") return this.#token('string', '', span.start, span.end);
    return this.#token('symbol', meant, span.start, span.end);
  }

  #unknown(start: number): Token {
    const character = String.fromCodePoint(this.text.codePointAt(start)!);
    const number = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
    const shown = /[\p{C}\p{Z}]/u.test(character) ? number : `'${character}'`;
    this.#mistakes.push({
      code: 'unknown-character',
      severity: 'error',
      message: `found ${shown}, which Flink SQL does not know outside strings`,
      span: { start, end: start + character.length },
      ...unknownHelp(character),
    });
    return this.#token('invalid', '', start, start + character.length);
  }
}

function unknownHelp(character: string): { help?: string } {
  switch (character) {
    case '!':
      return { help: "write NOT, or '<>' for 'not equal'" };
    case '|':
      return { help: "strings are joined by '||'" };
    case '"':
      return { help: "strings stand in single quotes, names in backticks; this '\"' has no partner on its line" };
    case '#':
      return { help: "comments begin with '--'" };
    case '^':
      return { help: 'powers are written POWER(x, y)' };
    case '\\':
      return { help: "a quote inside a string is written ''" };
    default:
      return {};
  }
}

function countBackslashes(text: string, before: number): number {
  let count = 0;
  while (text[before - 1 - count] === '\\') count++;
  return count;
}

/** The offset of the end of the line that `offset` lies in, before its line break. */
function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}
