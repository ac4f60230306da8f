import type { CreateView, Identifier, QueryBody, SelectItem } from '../syntax/ast.ts';
import { type Context, mistake } from './context.ts';
import { canCreate } from './create-table.ts';
import { analyzeQuery, renameColumns } from './query.ts';
import { uniqueNames } from './relation.ts';

/** Adds a view to the catalog; its query is analyzed here, with the tables and settings of this place in the file. */
export function createView(context: Context, node: CreateView): void {
  const relation = analyzeQuery(context, node.query);
  if (!canCreate(context, node, 'view')) return;
  checkNames(context, node);
  const name = node.name.parts.at(-1)!;
  const renamed = renameColumns(context, relation, node.columns, `the view '${name.name}'`);
  context.catalog.put({
    kind: 'view',
    path: context.catalog.pathOf(node.name),
    temporary: node.temporary,
    relation: uniqueNames(renamed),
    ...(node.comment === undefined ? {} : { comment: node.comment.value }),
    span: node.span,
  });
}

function writtenName({ alias, expression }: SelectItem): Identifier | undefined {
  return alias ?? (expression.kind === 'reference' && !expression.star ? expression.parts.at(-1) : undefined);
}

/** Names that are written twice; those that a star implies get a number. */
function checkNames(context: Context, node: CreateView): void {
  let body: QueryBody = node.query.body;
  while (body.kind === 'query') body = body.body;
  const items = body.kind === 'select' ? body.items.flatMap((item) => writtenName(item) ?? []) : [];
  const names = new Set<string>();
  for (const name of node.columns.length > 0 ? node.columns : items) {
    if (names.has(name.name)) {
      mistake(context, 'duplicate-name', `the view has a column '${name.name}' already`, name.span);
    }
    names.add(name.name);
  }
}
