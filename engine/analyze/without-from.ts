import type { Diagnostic, DiagnosticSink } from '../diagnostics/diagnostic.ts';
import type { Select } from '../syntax/ast.ts';
import type { Context } from './context.ts';

/**
 * Takes the mistakes of a SELECT without FROM: every column is unknown for one reason, which is told once. Where the last
 * item is named like a table, it is that table in front of which FROM is missing.
 */
export class WithoutFrom implements DiagnosticSink {
  readonly #report: DiagnosticSink;
  readonly #missing: Diagnostic | undefined;
  /** Whether a column was asked for. */
  told = false;

  constructor({ catalog, commonTables, report }: Context, node: Select) {
    this.#report = report;
    const { alias } = node.items.at(-1)!;
    if (alias === undefined || !(commonTables.has(alias.name) || catalog.names().includes(alias.name))) return;
    const { start } = alias.span;
    this.#missing = {
      code: 'syntax',
      severity: 'error',
      message: `found '${alias.name}' as the name of an item, expected 'FROM' before it`,
      span: alias.span,
      label: 'this is a table',
      fix: { span: { start, end: start }, text: 'FROM ' },
    };
  }

  report(diagnostic: Diagnostic): void {
    const isName = diagnostic.code === 'unknown-column' || diagnostic.code === 'unknown-table';
    if (!isName) this.#report.report(diagnostic);
    else if (!this.told) this.#report.report(this.#missing ?? diagnostic);
    this.told ||= isName;
  }
}
