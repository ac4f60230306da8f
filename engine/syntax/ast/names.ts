import type { Span } from '../../diagnostics/diagnostic.ts';

export interface Identifier {
  readonly kind: 'identifier';
  readonly name: string;
  readonly quoted: boolean;
  readonly span: Span;
}

/** `cat.db.table`, one to three parts. */
export interface Name {
  readonly kind: 'name';
  readonly parts: readonly Identifier[];
  readonly span: Span;
}

/** `value` after `${NAME}` was filled in; `raw`, as written between the quotes (unescaped), only where that differs. */
export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly raw?: string;
  readonly span: Span;
}
