import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Diagnostic, DiagnosticSink, Fix, Span } from '../diagnostics/diagnostic.ts';
import { Lexer } from './lexer.ts';
import { describe, explain } from './mistakes.ts';
import { otherStarts, statementStarts } from './reserved.ts';
import type { Token } from './token.ts';
import type { Variables } from './variables.ts';

/** What is thrown inside the parser, and only there, to leave a statement whose mistake has been reported. */
export const abandoned = Symbol('abandoned statement');

/** Brackets and subqueries in one another. */
const MAX_NESTING = 200;
/** Operators in one chain: what later phases walk down recursively. */
const MAX_HEIGHT = 1000;

/** The parser's place in the text, with as much lookahead as asked for. */
export class Cursor {
  readonly text: string;
  readonly lexer: Lexer;
  readonly variables: Variables | undefined;
  readonly sink: DiagnosticSink;
  #tokens: Token[] = [];
  #at = 0;
  #depth = 0;
  /** Round brackets that are open at this place of the statement. */
  #open = 0;
  /** Where the last taken token ended. */
  previousEnd = 0;
  /** The last taken token, and the one before. */
  previous: Token | undefined;
  beforePrevious: Token | undefined;
  /** The height of the tallest tree that was built since it was last set to 0. */
  height = 0;

  constructor(text: string, variables: Variables | undefined, sink: DiagnosticSink) {
    this.text = text;
    this.lexer = new Lexer(text);
    this.variables = variables;
    this.sink = sink;
  }

  /** The token `ahead` places after the current one. */
  peek(ahead = 0): Token {
    while (this.#tokens.length <= this.#at + ahead) this.#tokens.push(this.lexer.next());
    return this.#tokens[this.#at + ahead]!;
  }

  is(key: string, ahead = 0): boolean {
    return this.peek(ahead).key === key;
  }

  /** Whether the tokens from here on are these words and symbols. */
  follows(...keys: readonly string[]): boolean {
    return keys.every((key, i) => this.peek(i).key === key);
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    if (token.key === '(') this.#open++;
    else if (token.key === ')') this.#open--;
    if (token.mistakes !== undefined) for (const mistake of token.mistakes) this.sink.report(mistake);
    this.previousEnd = token.end;
    this.beforePrevious = this.previous;
    this.previous = token;
    return token;
  }

  accept(key: string): Token | undefined {
    return this.peek().key === key ? this.take() : undefined;
  }

  /** Takes these words and symbols if all of them follow. */
  acceptAll(...keys: readonly string[]): boolean {
    if (!this.follows(...keys)) return false;
    for (const _ of keys) this.take();
    return true;
  }

  /** Takes the first of these words or symbols that follows. */
  acceptOne<K extends string>(...keys: readonly K[]): K | undefined {
    const found = keys.find((key) => this.is(key));
    if (found !== undefined) this.take();
    return found;
  }

  /** Takes these words and symbols, or leaves the statement with a diagnostic at the first that is another. */
  expect(...keys: readonly string[]): Token {
    let token: Token | undefined;
    for (const key of keys) {
      if (!this.is(key)) this.unexpected(`'${key}'`);
      token = this.take();
    }
    return token!;
  }

  /** From `start` to the end of the last taken token. */
  span(start: number | Span): Span {
    return { start: typeof start === 'number' ? start : start.start, end: this.previousEnd };
  }

  source(span: Span): string {
    return this.text.slice(span.start, span.end);
  }

  /** Reports a mistake after which the statement can be read on. */
  report(
    message: string,
    span: Span,
    more: { code?: DiagnosticCode; label?: string; help?: string; fix?: Fix } = {},
  ): void {
    this.sink.report({ code: 'syntax', severity: 'error', message, span, ...more });
  }

  /** Reports a mistake and leaves the statement. */
  fail(
    message: string,
    span: Span,
    more: { code?: DiagnosticCode; label?: string; help?: string; fix?: Fix } = {},
  ): never {
    this.report(message, span, more);
    throw abandoned;
  }

  /** Leaves the statement at something that Flink reads and cryptopipe does not run. */
  unsupported(what: string, span: Span, help?: string): never {
    this.fail(`${what} not supported`, span, { code: 'unsupported', ...(help === undefined ? {} : { help }) });
  }

  /** Leaves the statement because of the current token. `expected` is a phrase: `an expression`, `',' or ')'`. */
  unexpected(expected: string, more: { label?: string; help?: string; fix?: Fix } = {}): never {
    const token = this.peek();
    const reason = token.mistakes?.at(-1);
    if (token.mistakes !== undefined && reason !== undefined) {
      for (const mistake of token.mistakes) this.sink.report(mistake);
      throw abandoned;
    }
    const atEnd = token.kind === 'end' || token.key === ';';
    const span = atEnd && token.kind === 'end' ? { start: this.previousEnd, end: this.previousEnd } : token;
    const diagnostic: Diagnostic = {
      code: 'syntax',
      severity: 'error',
      message: `found ${describe(this.text, token)}, expected ${expected}`,
      span: { start: span.start, end: span.end },
      ...explain(this, token, expected),
      ...more,
    };
    this.sink.report(diagnostic);
    throw abandoned;
  }

  /** Parses something one bracket deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_NESTING) {
      const { start, end } = this.previous ?? this.peek();
      this.fail(
        `this is nested more than ${MAX_NESTING} levels deep`,
        { start, end },
        {
          code: 'too-deep',
          help: 'name inner queries with WITH or CREATE VIEW',
        },
      );
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  /** Notes that a tree of this height was built. */
  grown(height: number, at: Span): void {
    if (height > MAX_HEIGHT) {
      this.fail(
        `this chain has more than ${MAX_HEIGHT} operators`,
        { start: at.start, end: at.end },
        {
          code: 'too-deep',
          help: 'use IN or VALUES, or split the statement',
        },
      );
    }
    if (height > this.height) this.height = height;
  }

  /** Takes text that is not made of tokens, as `pattern` (sticky) matches it from the current token on. */
  takeRaw(pattern: RegExp): RegExpExecArray | null {
    const { start } = this.peek();
    pattern.lastIndex = start;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.#tokens = this.#tokens.slice(0, this.#at);
    this.previousEnd = start + found[0].length;
    this.lexer.moveTo(this.previousEnd);
    return found;
  }

  #mayBeginStatement(): boolean {
    const token = this.peek();
    if (this.#open <= 0 && this.text.slice(this.previousEnd, token.start).includes('\n')) return true;
    return token.kind === 'end' || statementStarts.has(token.key) || otherStarts.has(token.key);
  }

  /** Begins a statement: nothing before it matters any more. */
  begin(): void {
    this.#tokens = this.#tokens.slice(this.#at);
    this.#at = 0;
    this.#depth = 0;
    this.#open = 0;
    this.height = 0;
    this.previous = undefined;
    this.beforePrevious = undefined;
    this.lexer.prompted = false;
  }

  /**
   * After a mistake: goes on behind the next `;`. A string that holds a `;` at the end of a line is taken for the
   * remains of an earlier one whose quote is missing; a `;` that is itself the mistake inside brackets ends nothing
   * unless a statement follows.
   */
  recover(): void {
    const mistake = this.peek();
    for (;;) {
      const token = this.peek();
      if (token.kind === 'string' || token.kind === 'invalid') {
        const resume = endOfStatementIn(this.text, token);
        if (resume !== undefined) {
          this.#tokens = [];
          this.#at = 0;
          this.lexer.moveTo(resume);
          this.previousEnd = resume;
          return;
        }
      }
      if (token.kind === 'end') return;
      this.#at++;
      this.previousEnd = token.end;
      if (token.key === ';' && (token !== mistake || this.#mayBeginStatement())) return;
      if (this.#at >= 1024) {
        this.#tokens = this.#tokens.slice(this.#at);
        this.#at = 0;
      }
    }
  }
}

function endOfStatementIn(text: string, token: Token): number | undefined {
  const found = /;[ \t]*(?:\r?\n|$)/.exec(text.slice(token.start, token.end));
  return found === null ? undefined : token.start + found.index + 1;
}
