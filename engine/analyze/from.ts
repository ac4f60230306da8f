import type { Plan } from '../plan/plan.ts';
import type { Alias, TableExpression, TableReference } from '../syntax/ast.ts';
import type { Catalog } from './catalog.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import { analyzeFunctionTable } from './function-table.ts';
import { analyzeJoin } from './join.ts';
import { analyzeQuery, renameColumns, renamePlan } from './query.ts';
import { readTable } from './read-table.ts';
import { type Relation, unknownRelation } from './relation.ts';
import type { MergedColumn, Scope, ScopeTable } from './scope.ts';
import { analyzeUnnest } from './unnest.ts';
import { singleRow } from './values.ts';

/** The tables of FROM and a plan whose columns are all of theirs. */
export interface From {
  readonly tables: readonly ScopeTable[];
  /** Columns of USING and NATURAL, which need no table before them. */
  readonly merged?: readonly MergedColumn[];
  readonly plan: Plan | undefined;
}

export function analyzeFrom(context: Context, node: TableExpression, outer: Scope | undefined): From {
  switch (node.kind) {
    case 'table':
      if (node.systemTime === undefined) return analyzeTable(context, node);
      mistake(context, 'invalid-query', 'FOR SYSTEM_TIME AS OF stands on the right of a JOIN', node.systemTime.span, {
        help: 'write: orders JOIN rates FOR SYSTEM_TIME AS OF orders.time ON …',
      });
      return { tables: analyzeTable(context, node).tables, plan: undefined };
    case 'derived': {
      const relation = analyzeQuery(context, node.query, outer);
      const values = node.query.body.kind === 'values';
      return single(context, values ? nameSingle(relation, node.alias) : relation, node.alias);
    }
    case 'function-table':
      return single(context, analyzeFunctionTable(context, node, outer), node.alias);
    case 'unnest':
      return analyzeUnnest(context, { tables: [], plan: singleRow.plan }, node, false, outer);
    case 'join':
      return analyzeJoin(context, node, outer);
  }
}

function single(context: Context, relation: Relation, alias: Alias | undefined): From {
  const renamed =
    alias === undefined ? relation : renameColumns(context, relation, alias.columns, `the alias '${alias.name.name}'`);
  const table: ScopeTable = {
    name: alias?.name.name,
    fields: renamed.fields,
    offset: 0,
    open: renamed.open ?? false,
    ...(renamed.swallowed && { swallowed: renamed.swallowed }),
  };
  return { tables: [table], plan: renamed.plan };
}

/** The only column of VALUES or UNNEST is named after an alias without column names. */
export function nameSingle(relation: Relation, alias: Alias | undefined): Relation {
  if (alias === undefined || alias.columns.length > 0 || relation.fields.length !== 1) return relation;
  const fields = [{ ...relation.fields[0]!, name: alias.name.name }];
  return { ...relation, fields, plan: renamePlan(relation, fields) };
}

/** A table, view or WITH query by name; `role`: how the connector of a table is used. */
export function analyzeTable(context: Context, node: TableReference, role: 'source' | 'lookup' = 'source'): From {
  const common = node.name.parts.length === 1 ? context.commonTables.get(node.name.parts[0]!.name) : undefined;
  const object = common === undefined ? context.catalog.find(node.name) : undefined;
  let relation: Relation;
  if (common !== undefined) relation = common;
  else if (object === undefined) relation = reportUnknownTable(context, node.name, 'table or view');
  else if (object.kind === 'view') relation = object.relation;
  else relation = readTable(context, object, node, role);
  if (role === 'lookup' && object?.kind !== 'table') relation = reportNoTable(context, node);
  if (node.alias !== undefined) return single(context, relation, node.alias);
  const table: ScopeTable = {
    name: node.name.parts.at(-1)!.name,
    ...(common === undefined ? { path: context.catalog.pathOf(node.name) } : {}),
    fields: relation.fields,
    offset: 0,
    open: relation.open ?? false,
    ...(relation.swallowed && { swallowed: relation.swallowed }),
  };
  return { tables: [table], plan: relation.plan };
}

function reportNoTable(context: Context, node: TableReference): Relation {
  const name = node.name.parts.at(-1)!.name;
  mistake(context, 'wrong-role', `'${name}' is a query: only a table can be looked up`, node.name.span);
  return unknownRelation;
}

/** Reports a name that the catalog does not have, with the nearest one. */
export function reportUnknownTable(
  context: Context,
  name: TableReference['name'],
  what: string,
  names: readonly string[] = candidates(context.catalog, context),
): Relation {
  if (context.lost.has(name.parts.at(-1)!.name)) return unknownRelation;
  const written = name.parts.map((part) => part.name).join('.');
  const help =
    names.length === 0
      ? 'the file creates none before this statement'
      : `known: ${names
          .slice(0, 12)
          .map((n) => `'${n}'`)
          .join(', ')}${names.length > 12 ? ', …' : ''}`;
  mistake(
    context,
    'unknown-table',
    `unknown ${what} '${written}'`,
    name.span,
    didYouMean(written, names, name.span, help),
  );
  return unknownRelation;
}

function candidates(catalog: Catalog, context: Context): string[] {
  return [...context.commonTables.keys(), ...catalog.names()];
}
