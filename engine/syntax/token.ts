import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';

/**
 * `word`: a keyword or a plain name · `quoted`: a name in backticks · `string`: with its prefix and quotes ·
 * `double-quoted`: `"…"`, which Flink SQL does not know · `variable`: `${…}` outside a string · `invalid`: cannot be
 * read at all and carries the reason · `end`: end of the file, empty.
 */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'number'
  | 'string'
  | 'symbol'
  | 'double-quoted'
  | 'variable'
  | 'invalid'
  | 'end';

/** `key` is what grammar compares with: a word in upper case, or a symbol as written; empty for everything else. */
export interface Token extends Span {
  readonly kind: TokenKind;
  readonly key: string;
  /** Mistakes at or just before the token, reported when the parser takes it. */
  readonly mistakes?: readonly Diagnostic[];
}

/** A comment with its delimiters; `block` for `/* … *\/`. */
export interface Comment extends Span {
  readonly block: boolean;
}
