import { codes } from '../../diagnostics/codes.ts';
import type { Diagnostic, Span } from '../../diagnostics/diagnostic.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Script } from '../../syntax/ast.ts';
import { Lexer } from '../../syntax/lexer.ts';
import type { Comment } from '../../syntax/token.ts';

/** Where a comment `-- cryptopipe: allow(slug, …)` lets warnings and hints of these codes pass. */
interface Allowance {
  readonly codes: ReadonlySet<string>;
  readonly span: Span;
}

const directive = /cryptopipe:\s*allow\(([^)]*)\)/;

/**
 * Takes out the warnings and hints that the file allows. A comment inside a statement is for its own line and the next;
 * one between statements is for the statement that follows. Errors cannot be allowed. A slug that is none is a warning.
 */
export function withoutAllowed(list: readonly Diagnostic[], script: Script, text: string): readonly Diagnostic[] {
  if (!text.includes('cryptopipe:')) return list;
  const allowances: Allowance[] = [];
  const unknown: Diagnostic[] = [];
  for (const comment of commentsOf(text)) {
    const found = directive.exec(text.slice(comment.start, comment.end));
    if (found === null) continue;
    const slugs = found[1]!.split(',').map((slug) => slug.trim());
    allowances.push({ codes: new Set(slugs), span: reachOf(comment, script, text) });
    for (const slug of slugs) if (!Object.hasOwn(codes, slug)) unknown.push(unknownSlug(slug, comment, text));
  }
  const isAllowed = ({ code, severity, span }: Diagnostic) =>
    severity !== 'error' &&
    allowances.some((a) => a.codes.has(code) && a.span.start <= span.start && span.start < a.span.end);
  return [...list.filter((d) => !isAllowed(d)), ...unknown];
}

function commentsOf(text: string): readonly Comment[] {
  const lexer = new Lexer(text);
  while (lexer.next().kind !== 'end');
  return lexer.comments;
}

function reachOf(comment: Comment, { statements }: Script, text: string): Span {
  const start = text.lastIndexOf('\n', comment.start) + 1;
  const inside = statements.some(({ span }) => span.start < comment.start && comment.start < span.end);
  const behind = text.slice(start, comment.start).trim() !== '';
  if (inside || behind) {
    const line = text.indexOf('\n', comment.end);
    const next = line < 0 || behind ? line : text.indexOf('\n', line + 1);
    return { start, end: next < 0 ? text.length : next };
  }
  const following = statements.find(({ span }) => span.start >= comment.end);
  return following?.span ?? { start, end: comment.end };
}

function unknownSlug(slug: string, comment: Comment, text: string): Diagnostic {
  const start =
    comment.start + Math.max(0, text.slice(comment.start, comment.end).indexOf(slug, 'cryptopipe: allow('.length));
  const span = { start, end: start + slug.length };
  const near = suggest(slug, Object.keys(codes));
  return {
    code: 'unknown-code',
    severity: 'warning',
    message: `there is no diagnostic '${slug}' to allow`,
    span,
    ...(near === undefined ? {} : { help: `did you mean '${near}'?`, fix: { span, text: near } }),
  };
}
