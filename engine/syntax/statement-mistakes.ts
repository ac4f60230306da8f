import type { Diagnostic, DiagnosticSink } from '../diagnostics/diagnostic.ts';

/**
 * Holds the mistakes of one statement until its end is known. Reserved words that are used as names are one mistake
 * with one fix, however many they are.
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

  /** Whether the grammar of this statement was wrong so far; a variable that is not set is none of grammar. */
  get ofGrammar(): boolean {
    return this.#found.some(({ code }) => code !== 'missing-variable');
  }

  /** Passes on what was found in the statement that ends here. */
  end(): void {
    const reserved = this.#found.filter(({ code }) => code === 'reserved-word');
    for (const each of this.#found) {
      if (each.code !== 'reserved-word') this.#report.report(each);
      else if (each === reserved[0]) this.#report.report(reserved.length === 1 ? each : this.#together(reserved));
    }
    this.#found = [];
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
