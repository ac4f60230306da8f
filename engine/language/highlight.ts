import type { Span } from '../diagnostics/diagnostic.ts';
import { Lexer } from '../syntax/lexer.ts';
import { reserved } from '../syntax/reserved.ts';
import type { Token } from '../syntax/token.ts';

export type HighlightKind = 'keyword' | 'name' | 'string' | 'number' | 'symbol' | 'comment' | 'invalid';

/** A stretch of a job file and what it is to the eye. */
export interface Highlight extends Span {
  readonly kind: HighlightKind;
}

/** The coloured stretches of a text in their order; blanks between them are left out. Never throws, whatever the text. */
export function highlight(text: string): Highlight[] {
  const lexer = new Lexer(text);
  const found: Highlight[] = [];
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    found.push({ start: token.start, end: token.end, kind: kindOf(token) });
  }
  for (const { start, end } of lexer.comments) found.push({ start, end, kind: 'comment' });
  return found.sort((a, b) => a.start - b.start);
}

function kindOf({ kind, key }: Token): HighlightKind {
  switch (kind) {
    case 'word':
      return reserved.has(key) ? 'keyword' : 'name';
    case 'quoted':
      return 'name';
    case 'string':
    case 'number':
    case 'symbol':
      return kind;
    case 'double-quoted':
    case 'variable':
    case 'invalid':
    case 'end':
      return 'invalid';
  }
}
