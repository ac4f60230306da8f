import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import { Lexer } from '../syntax/lexer.ts';
import { splitStatements } from '../syntax/split.ts';

const allowing = /^[ \t]*-- cryptopipe: allow\(([^)\n]*)\)[ \t]*$/;

/**
 * The edit that lets a warning or hint pass: a comment on the line above, which joins one that is there; behind the line
 * where that would be for another statement. Undefined for errors, which nothing allows, and inside strings.
 */
export function allow(text: string, { code, severity, span }: Diagnostic): Fix | undefined {
  if (severity === 'error') return undefined;
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const line = endOfLine(text, start);
  const begun = splitStatements(text).filter((each) => each.start >= start && each.start <= span.start);
  if (begun.length < 2 && isBetweenTokens(text, start)) {
    const above = text.slice(text.lastIndexOf('\n', start - 2) + 1, Math.max(0, start - 1));
    const known = start === 0 ? null : allowing.exec(above);
    if (known !== null) {
      const at = start - 1 - (above.length - above.lastIndexOf(')'));
      return { span: { start: at, end: at }, text: `, ${code}` };
    }
    const indent = /^[ \t]*/.exec(text.slice(start, line))![0];
    return { span: { start, end: start }, text: `${indent}-- cryptopipe: allow(${code})\n` };
  }
  if (!isBetweenTokens(text, line)) return undefined;
  return { span: { start: line, end: line }, text: `  -- cryptopipe: allow(${code})` };
}

/** Before a line break, a carriage return too. */
function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}

/** Whether a comment may be put at a place: not inside a string, a quoted name or another comment. */
function isBetweenTokens(text: string, offset: number): boolean {
  const lexer = new Lexer(text);
  for (let token = lexer.next(); token.kind !== 'end' && token.start < offset; token = lexer.next()) {
    if (token.end > offset) return false;
  }
  return lexer.comments.every(({ start, end, block }) => offset <= start || (block ? end <= offset : end < offset));
}
