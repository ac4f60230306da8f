import type { DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import type { Name, Script } from '../../syntax/ast.ts';

/** Tables and views that nothing reads, writes, copies or describes; a file of declarations alone is for others. */
export function warnUnusedTables({ statements }: Script, report: DiagnosticSink): void {
  if (!statements.some(({ kind }) => kind === 'insert' || kind === 'statement-set' || kind === 'select-statement')) {
    return;
  }
  const declared = statements.flatMap((s) => (s.kind === 'create-table' || s.kind === 'create-view' ? [s] : []));
  const own = new Set(declared.map(({ name }) => name));
  const used = new Set<string>();
  collectNames(statements, own, used);
  for (const node of declared) {
    const name = node.name.parts.at(-1)!.name;
    // CREATE TABLE … AS writes its rows itself.
    if (used.has(name) || (node.kind === 'create-table' && node.as !== undefined)) continue;
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

/** The last parts of all names below a node, but for those in `without`. */
function collectNames(node: object, without: ReadonlySet<Name>, found: Set<string>): void {
  if (isName(node)) {
    if (!without.has(node)) found.add(node.parts.at(-1)!.name);
    return;
  }
  for (const each of Object.values(node)) {
    if (typeof each === 'object' && each !== null) collectNames(each, without, found);
  }
}

function isName(node: object): node is Name {
  return 'kind' in node && node.kind === 'name';
}
