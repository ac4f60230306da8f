import type { Span } from '../diagnostics/diagnostic.ts';
import { Lexer } from './lexer.ts';

/**
 * The statements of a file as spans of text, without looking at their grammar: from the first token of each to its `;`,
 * strings and comments seen. The inner semicolons of a statement set belong to it.
 */
export function splitStatements(text: string): Span[] {
  const lexer = new Lexer(text);
  const spans: Span[] = [];
  let start: number | undefined;
  let end = 0;
  let words: string[] = [];
  let inSet = false;
  for (let token = lexer.next(); ; token = lexer.next()) {
    if (token.kind === 'end' || (token.key === ';' && !inSet)) {
      if (start !== undefined) spans.push({ start, end: token.kind === 'end' ? end : token.end });
      if (token.kind === 'end') return spans;
      start = undefined;
      words = [];
      continue;
    }
    start ??= token.start;
    end = token.end;
    if (token.kind !== 'word') continue;
    if (words.length < 5) words.push(token.key);
    const opening = words.join(' ');
    if (token.key === 'END') inSet = false;
    else if (/^(EXPLAIN )?EXECUTE STATEMENT SET BEGIN|^BEGIN STATEMENT SET/.test(opening)) inSet = true;
  }
}
