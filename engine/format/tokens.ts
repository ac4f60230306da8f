import { Lexer } from '../syntax/lexer.ts';
import type { Comment, Token, TokenKind } from '../syntax/token.ts';

/** A token with the comments and the empty lines around it. */
export interface Word {
  readonly kind: TokenKind;
  /** As `Token.key`. */
  readonly key: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Comments on lines of their own before it; an empty string is an empty line between two of them. */
  readonly above: readonly string[];
  /** Comments before it on its line. */
  readonly before: readonly string[];
  /** Comments behind it that go up to the end of its line. */
  readonly behind: readonly string[];
  /** A line break stands between the token before and this one. */
  readonly newLine: boolean;
  /** An empty line stands there, above its comments. */
  readonly blank: boolean;
}

/** The tokens of a text, the last one with kind 'end'. Statements of a client (`SET a = b`) are single tokens: `raw`. */
export function readWords(text: string, raw: readonly { readonly start: number; readonly end: number }[]): Word[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  let next = 0;
  for (;;) {
    const token = lexer.next();
    if (token.start === raw[next]?.start) {
      const { start, end } = raw[next++]!;
      comments.push(...lexer.comments.splice(0));
      lexer.moveTo(end);
      tokens.push({ kind: 'word', key: '', start, end });
      continue;
    }
    tokens.push(token);
    if (token.kind === 'end') break;
  }
  comments.push(...lexer.comments);
  return attach(text, tokens, comments);
}

/** Gives each comment to a token: behind the one on its line, or else above the next. */
function attach(text: string, tokens: readonly Token[], comments: readonly Comment[]): Word[] {
  const given = tokens.map(() => ({ above: [] as Comment[], before: [] as string[], behind: [] as string[] }));
  let at = 0;
  for (const comment of comments) {
    while (tokens[at]!.start < comment.end) at++;
    const previous = tokens[at - 1];
    const token = tokens[at]!;
    const lineStart = text.lastIndexOf('\n', comment.start - 1) + 1;
    const alone =
      text.slice(lineStart, comment.start).trim() === '' || lineStart >= (given[at]!.above.at(-1)?.end ?? Infinity);
    const endsLine = !comment.block || /^[ \t]*(\r?\n|$)/.test(text.slice(comment.end, comment.end + 200));
    const sameLine = previous !== undefined && !text.slice(previous.end, comment.start).includes('\n');
    if (endsLine && sameLine && !(comment.block && textOf(text, comment).includes('\n'))) {
      // `a -- x` and then `,` on the next line: the comment is about a, and the comma belongs behind a.
      // At the end of the file the semicolon may be missing; it is written before such a comment.
      const missing = token.kind === 'end' && previous.key !== ';';
      const separator = token.key === ',' || token.key === ';' || missing ? at : at - 1;
      // Two comments cannot share the rest of a line.
      if (given[separator]!.behind.length === 0) given[separator]!.behind.push(textOf(text, comment));
      else given[at]!.above.push(comment);
    } else if (alone && endsLine) given[at]!.above.push(comment);
    else if (comment.block && !textOf(text, comment).includes('\n')) given[at]!.before.push(textOf(text, comment));
    else given[at]!.above.push(comment);
  }
  return tokens.map(({ kind, key, start, end }, i) => {
    const { above, before, behind } = given[i]!;
    const from = tokens[i - 1]?.end ?? 0;
    return {
      kind,
      key,
      text: text.slice(start, end),
      start,
      end,
      above: withBlanks(text, above, start),
      before,
      behind,
      newLine: text.slice(from, start).includes('\n'),
      blank: hasBlank(text, from, above[0]?.start ?? start),
    };
  });
}

/** Line ends of Windows and blanks at the end of lines are not part of a comment. */
function textOf(text: string, { start, end }: Comment): string {
  return text
    .slice(start, end)
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\n');
}

function withBlanks(text: string, comments: readonly Comment[], end: number): string[] {
  return comments.flatMap((comment, i) => {
    const next = comments[i + 1]?.start ?? end;
    return hasBlank(text, comment.end, next) ? [textOf(text, comment), ''] : [textOf(text, comment)];
  });
}

function hasBlank(text: string, from: number, to: number): boolean {
  return /\n[ \t\r]*\n/.test(text.slice(from, to));
}
