import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import type { Script } from '../../syntax/ast.ts';
import type { Analysis } from '../analyze.ts';

/** Tables and views that nothing reads, writes, copies or describes; a file of declarations alone is for others. */
export function warnUnusedTables(
  { statements }: Script,
  { catalog, deadLetters }: Pick<Analysis, 'catalog' | 'deadLetters'>,
  report: DiagnosticSink,
): void {
  if (!statements.some(({ kind }) => kind === 'insert' || kind === 'statement-set' || kind === 'select-statement')) {
    return;
  }
  const declared = statements.flatMap((s) => (s.kind === 'create-table' || s.kind === 'create-view' ? [s] : []));
  for (const node of declared) {
    const name = node.name.parts.at(-1)!.name;
    // CREATE TABLE … AS writes its rows itself.
    if (catalog.wasAsked(name) || name === deadLetters?.name || (node.kind === 'create-table' && node.as !== undefined))
      continue;
    const what = node.kind === 'create-table' ? 'table' : 'view';
    report.report({
      code: 'unused-table',
      severity: 'warning',
      message: `${what} '${name}' is never used`,
      span: node.name.span,
      help: `read it, write it, or remove its CREATE ${what.toUpperCase()}`,
    });
  }
}
