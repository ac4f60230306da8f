import type { DiagnosticCode } from './codes.ts';

/** Half-open range `[start, end)` of UTF-16 offsets into the text of one job file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A machine-applicable edit: replace `span` by `text`. */
export interface Fix {
  readonly span: Span;
  readonly text: string;
}

/** 'hint' never fails a validation, 'warning' only with `--warnings-as-errors`. */
export type Severity = 'error' | 'warning' | 'hint';

/**
 * One mistake of a job file, as plain data. Collected, never thrown past a phase; `render` turns it into text.
 * `message` is a lower-case sentence with names in single quotes that says what was found and what was expected;
 * `label` stands beside the caret; `help` says how to repair it.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly label?: string;
  readonly help?: string;
  readonly fix?: Fix;
}

/** Receives the mistakes that a phase finds; the phase goes on. */
export interface DiagnosticSink {
  report(diagnostic: Diagnostic): void;
}

/** Collects diagnostics in the order in which they were found, each mistake once. */
export class Diagnostics implements DiagnosticSink {
  readonly list: Diagnostic[] = [];
  readonly #known = new Set<string>();

  report(diagnostic: Diagnostic): void {
    const { code, message, span } = diagnostic;
    const key = `${code} ${span.start} ${span.end} ${message}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.list.push(diagnostic);
  }

  get hasErrors(): boolean {
    return this.list.some((d) => d.severity === 'error');
  }
}

/** The smallest span that covers both. */
export function join(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
