import { Diagnostics, join } from '../diagnostics/diagnostic.ts';
import type { SinkPlan } from '../plan/plan.ts';
import type { CreateTable, Insert } from '../syntax/ast.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeInsertInto } from './insert.ts';
import { mergeLike } from './like.ts';
import { analyzeQuery } from './query.ts';
import type { Relation } from './relation.ts';
import { type DefinedColumn, defineTable, type TableDefinition, type TableText } from './table-definition.ts';

/** Adds a table to the catalog, also a broken one, so that what uses it is not reported too. CTAS gives an INSERT. */
export function createTable(context: Context, node: CreateTable): SinkPlan | undefined {
  if (!canCreate(context, node, 'table')) return undefined;
  if (node.distribution !== undefined) checkDistribution(context, node);
  const query = node.as && analyzeQuery(context, node.as);
  const written: TableText = {
    name: node.name.parts.at(-1)!,
    columns: node.columns,
    watermarks: node.watermarks,
    primaryKey: node.primaryKey,
    partitionedBy: node.partitionedBy,
    options: node.options,
    comment: node.comment?.value,
    span: node.span,
  };
  const merged = node.like === undefined ? written : mergeLike(context, written, node.like);
  // Without the other table nothing can be said about this one's options; its columns are kept for what uses it.
  const silent: Context = { ...context, report: new Diagnostics() };
  const defined = defineTable(merged === undefined ? silent : context, merged ?? written, query);
  const definition = merged === undefined ? { ...defined, broken: true } : defined;
  context.catalog.put({
    kind: 'table',
    path: context.catalog.pathOf(node.name),
    temporary: node.temporary,
    definition,
    span: node.span,
  });
  if (query === undefined) return undefined;
  return insertAs(context, node, definition, query);
}

/** Whether a CREATE of this name goes on; reports names that are taken and databases that do not exist. */
export function canCreate(
  context: Context,
  node: Pick<CreateTable, 'name' | 'temporary' | 'ifNotExists'> & { readonly orReplace?: boolean },
  what: string,
): boolean {
  const [catalog, database, name] = context.catalog.pathOf(node.name);
  if (!context.catalog.hasDatabase(catalog, database)) {
    const known = context.catalog.catalogs.includes(catalog);
    const message = known ? `unknown database '${catalog}.${database}'` : `unknown catalog '${catalog}'`;
    mistake(context, 'unknown-table', message, node.name.span);
    return false;
  }
  const existing = context.catalog.findExact(node.name, node.temporary);
  if (existing === undefined || node.orReplace) return true;
  if (!node.ifNotExists) {
    mistake(context, 'duplicate-name', `a ${existing.kind} '${name}' exists already`, node.name.span, {
      help: `drop it first, or write CREATE ${what.toUpperCase()} IF NOT EXISTS`,
    });
  }
  return false;
}

function checkDistribution(context: Context, node: CreateTable): void {
  const names = node.columns.map((column) => column.name.name);
  for (const column of node.distributedBy?.columns ?? []) {
    if (names.includes(column.name) || node.as !== undefined || node.like !== undefined) continue;
    mistake(context, 'unknown-column', `DISTRIBUTED BY names '${column.name}', which is no column`, column.span);
  }
  unsupported(context, 'DISTRIBUTED is', node.distribution!);
}

/** The INSERT of CREATE TABLE … AS: the query's columns go to the columns of the same names. */
function insertAs(
  context: Context,
  node: CreateTable,
  definition: TableDefinition,
  query: Relation,
): SinkPlan | undefined {
  const source = query.fields.map((field) => definition.columns.find((column) => column.name === field.name));
  const columns = source.every((column) => column !== undefined) ? source : [];
  const insert: Pick<Insert, 'target' | 'span'> = { target: node.name, span: join(node.name.span, node.as!.span) };
  return analyzeInsertInto(context, definition, context.catalog.pathOf(node.name), insert, {
    relation: query,
    columns: columns as readonly DefinedColumn[],
    querySpan: node.as!.span,
    itemSpans: [],
  });
}
