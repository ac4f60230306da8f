import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import type { Insert, QueryBody, Script, Select } from '../../syntax/ast.ts';
import type { Catalog } from '../catalog.ts';
import { quoteName } from '../context.ts';

/**
 * `INSERT INTO s SELECT * FROM t` where t is a declared table: columns go by their place, so a column added to t, or
 * moved, changes what is written. Views and inner queries name their columns themselves.
 */
export function warnSelectStar({ statements }: Script, catalog: Catalog, report: DiagnosticSink): void {
  for (const statement of statements) {
    const inserts = statement.kind === 'statement-set' ? statement.inserts : [statement];
    for (const node of inserts) if (node.kind === 'insert') warnInsert(node, catalog, report);
  }
}

function warnInsert(node: Insert, catalog: Catalog, report: DiagnosticSink): void {
  const common = new Set(node.query.with.map(({ name }) => name.name));
  for (const select of selectsOf(node.query.body)) {
    const { from, items } = select;
    if (from?.kind !== 'table' || common.has(from.name.parts.at(-1)!.name)) continue;
    const table = catalog.find(from.name);
    if (table?.kind !== 'table') continue;
    for (const { expression } of items) {
      if (expression.kind !== 'reference' || !expression.star) continue;
      const columns = table.definition.columns.map(({ name }) => quoteName(name)).join(', ');
      report.report({
        code: 'select-star',
        severity: 'warning',
        message: `'*' writes the columns of '${table.path[2]}' by their place: one more, or another order, changes what is written`,
        span: expression.span,
        help: 'name the columns',
        ...(expression.parts.length === 0 ? { fix: { span: expression.span, text: columns } } : {}),
      });
    }
  }
}

function selectsOf(body: QueryBody): Select[] {
  switch (body.kind) {
    case 'select':
      return [body];
    case 'set-operation':
      return [...selectsOf(body.left), ...selectsOf(body.right)];
    case 'query':
      return selectsOf(body.body);
    case 'values':
      return [];
  }
}
