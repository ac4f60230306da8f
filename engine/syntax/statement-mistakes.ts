import type { Diagnostic, DiagnosticSink, Span } from '../diagnostics/diagnostic.ts';
import { callable } from './reserved.ts';

/** Types that few would name a column: in the place of a name they stand on the wrong side of it. */
const typeWords: ReadonlySet<string> = new Set(
  'BIGINT BINARY BOOLEAN BYTES CHAR DECIMAL DOUBLE FLOAT INT INTEGER NUMERIC SMALLINT STRING TINYINT VARCHAR'.split(
    ' ',
  ),
);

/**
 * Holds the mistakes of one statement until its end is known. Reserved words that are used as names are one mistake
 * with one fix, however many they are; one behind which the statement cannot be read on was no name.
 */
export class StatementMistakes implements DiagnosticSink {
  readonly #text: string;
  readonly #report: DiagnosticSink;
  #found: Diagnostic[] = [];

  constructor(text: string, report: DiagnosticSink) {
    this.#text = text;
    this.#report = report;
  }

  report(diagnostic: Diagnostic): void {
    this.#found.push(diagnostic);
  }

  /** Whether the rest of this statement may mean something else than was written. */
  get mislead(): boolean {
    return this.#found.some((each) => !isPlain(each) || typeWords.has(this.#wordAt(each)));
  }

  /** Where the grammar of this statement was wrong so far; a variable that is not set is none of grammar. */
  get places(): readonly Span[] {
    return this.#found.flatMap(({ code, span }) => (code === 'missing-variable' ? [] : [span]));
  }

  /** Passes on what was found in the statement that ends here; `left`: it could not be read to its end. */
  end(left = false): void {
    const found = (left ? this.#withoutGuesses() : this.#found).filter((each) => !this.#isMisread(each));
    const reserved = found.filter(({ code }) => code === 'reserved-word');
    for (const each of found) {
      if (each.code !== 'reserved-word') this.#report.report(each);
      else if (each === reserved[0]) this.#report.report(reserved.length === 1 ? each : this.#together(reserved));
    }
    this.#found = [];
  }

  /** A second mistake at a character that was reported as one that SQL does not know. */
  #isMisread({ code, span }: Diagnostic): boolean {
    const isThere = (each: Diagnostic) => each.code === 'unknown-character' && each.span.start === span.start;
    return code === 'syntax' && this.#found.some(isThere);
  }

  /** Forgets what was found in the statement: it is told otherwise. */
  clear(): void {
    this.#found = [];
  }

  /**
   * Without what only followed from a guess: a character read as the one it looks like, a comma thought to be missing
   * or too many, a word read as a name.
   */
  #withoutGuesses(): readonly Diagnostic[] {
    const last = this.#found.at(-1);
    if (last === undefined) return [];
    const others = this.#found.slice(0, -1);
    const guess = others.findIndex((each) => this.#misleads(each, last));
    if (guess < 0) return this.#found;
    const before = others.slice(0, guess);
    const first = others[guess]!;
    if (first.code === 'unknown-character' || this.#isComma(first)) return [...before, first];
    if (first.code === 'syntax') return [...before, last];
    if (last.code !== 'syntax' || last.help !== undefined) return [...before, last];
    const { span, message } = first;
    return [...before, { code: 'syntax', severity: 'error', message: message.replace('the reserved word ', ''), span }];
  }

  /** Whether the place where the statement could not be read on may be one only because of a guess. */
  #misleads(guess: Diagnostic, failure: Diagnostic): boolean {
    const between = this.#text.slice(guess.span.end, failure.span.start);
    const tokens = between.match(/'[^']*'|\w+|[^\s\w]/g) ?? [];
    switch (guess.code) {
      case 'unknown-character':
        return !between.includes('\n');
      case 'reserved-word':
        if (tokens.length === 0 || (tokens.length <= 2 && callable.has(this.#wordAt(guess)))) return true;
        return !between.includes(',') && !continuesName(tokens[0]!);
      case 'syntax':
        return this.#isComma(guess) || tokens.length === 0;
      default:
        return false;
    }
  }

  #wordAt({ span }: Diagnostic): string {
    return this.#text.slice(span.start, span.end).toUpperCase();
  }

  /** Whether a comma is to be added or to be taken away. */
  #isComma({ code, fix }: Diagnostic): boolean {
    if (code !== 'syntax' || fix === undefined) return false;
    return fix.text === ',' || (fix.text === '' && this.#text.slice(fix.span.start, fix.span.end) === ',');
  }

  #together(reserved: readonly Diagnostic[]): Diagnostic {
    const first = reserved[0]!;
    const words = [...new Set(reserved.map(({ span }) => this.#text.slice(span.start, span.end)))];
    let text = '';
    let at = first.span.start;
    for (const { fix } of reserved) {
      if (fix === undefined || fix.span.start < at) continue;
      text += this.#text.slice(at, fix.span.start) + fix.text;
      at = fix.span.end;
    }
    return {
      ...first,
      help: `put them in backticks: ${words.map((word) => `\`${word}\``).join(', ')}`,
      fix: { span: { start: first.span.start, end: at }, text },
    };
  }
}

/** Whether the token behind a reserved word goes well with a name: an operator, the end of an item or a type. */
function continuesName(token: string): boolean {
  const key = token.toUpperCase();
  return /^(FROM|AS|IS|IN|AND|OR|THEN|ELSE|END|WHEN|ASC|DESC|[A-Z]*INT|BIGINT|STRING|DOUBLE|[).;=<>+\-*/])/.test(key);
}

/** Whether there is no doubt what was meant: a name without its backticks, another sign for an operator. */
function isPlain({ code, fix }: Diagnostic): boolean {
  if (code === 'missing-variable' || code === 'reserved-word') return true;
  return code === 'syntax' && (fix?.text === '=' || fix?.text === '<>');
}
