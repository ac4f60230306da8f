import type { CreateView } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { canCreate } from './create-table.ts';
import { analyzeQuery, renameColumns } from './query.ts';

/** Adds a view to the catalog; its query is analyzed here, with the tables and settings of this place in the file. */
export function createView(context: Context, node: CreateView): void {
  const relation = analyzeQuery(context, node.query);
  if (!canCreate(context, node, 'view')) return;
  const name = node.name.parts.at(-1)!;
  const renamed = renameColumns(context, relation, node.columns, `the view '${name.name}'`, name.span);
  context.catalog.put({
    kind: 'view',
    path: context.catalog.pathOf(node.name),
    temporary: node.temporary,
    relation: renamed,
    ...(node.comment === undefined ? {} : { comment: node.comment.value }),
    span: node.span,
  });
}
