import type { Plan } from '../plan/plan.ts';
import type { Alias, Expression, Join, TableExpression, TableReference } from '../syntax/ast.ts';
import type { Catalog } from './catalog.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';
import { analyzeCondition } from './expression.ts';
import { analyzeFunctionTable } from './function-table.ts';
import { analyzeQuery, renameColumns, renamePlan } from './query.ts';
import { readTable } from './read-table.ts';
import { type Relation, unknownRelation } from './relation.ts';
import type { Scope, ScopeTable } from './scope.ts';
import { analyzeUnnest } from './unnest.ts';
import { singleRow } from './values.ts';

/** The tables of FROM and a plan whose columns are all of theirs. */
export interface From {
  readonly tables: readonly ScopeTable[];
  readonly plan: Plan | undefined;
}

export function analyzeFrom(context: Context, node: TableExpression, outer: Scope | undefined): From {
  switch (node.kind) {
    case 'table':
      return analyzeTable(context, node);
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
  };
  return { tables: [table], plan: renamed.plan };
}

/** The only column of VALUES or UNNEST is named after an alias without column names. */
export function nameSingle(relation: Relation, alias: Alias | undefined): Relation {
  if (alias === undefined || alias.columns.length > 0 || relation.fields.length !== 1) return relation;
  const fields = [{ ...relation.fields[0]!, name: alias.name.name }];
  return { ...relation, fields, plan: renamePlan(relation, fields) };
}

function analyzeTable(context: Context, node: TableReference): From {
  if (node.systemTime !== undefined) {
    unsupported(context, 'FOR SYSTEM_TIME AS OF is', node.systemTime.span);
  }
  const common = node.name.parts.length === 1 ? context.commonTables.get(node.name.parts[0]!.name) : undefined;
  const object = common === undefined ? context.catalog.find(node.name) : undefined;
  let relation: Relation;
  if (common !== undefined) relation = common;
  else if (object === undefined) relation = reportUnknownTable(context, node.name, 'table or view');
  else if (object.kind === 'view') relation = object.relation;
  else relation = readTable(context, object, node);
  if (node.systemTime !== undefined) relation = { ...relation, plan: undefined };
  if (node.alias !== undefined) return single(context, relation, node.alias);
  const table: ScopeTable = {
    name: node.name.parts.at(-1)!.name,
    ...(common === undefined ? { path: context.catalog.pathOf(node.name) } : {}),
    fields: relation.fields,
    offset: 0,
    open: relation.open ?? false,
  };
  return { tables: [table], plan: relation.plan };
}

/** Reports a name that the catalog does not have, with the nearest one. */
export function reportUnknownTable(
  context: Context,
  name: TableReference['name'],
  what: string,
  names: readonly string[] = candidates(context.catalog, context),
): Relation {
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

function analyzeJoin(context: Context, node: Join, outer: Scope | undefined): From {
  const left = analyzeFrom(context, node.left, outer);
  if (node.right.kind === 'unnest' && canUnnest(node)) {
    const unnested = checkNames(context, node, analyzeUnnest(context, left, node.right, node.type === 'LEFT', outer));
    return node.on === undefined || isTrue(node.on)
      ? unnested
      : filterUnnested(context, node, node.on, unnested, outer);
  }
  // LATERAL and table functions see the tables on their left.
  const lateral = node.right.kind === 'function-table' || (node.right.kind === 'derived' && node.right.lateral);
  const right = analyzeFrom(context, node.right, lateral ? scopeOf(left.tables, outer) : outer);
  const width = left.tables.reduce((n, table) => n + table.fields.length, 0);
  const tables = [...left.tables, ...right.tables.map((table) => ({ ...table, offset: table.offset + width }))];
  if (node.on !== undefined) analyzeCondition(context, scopeOf(tables, outer), node.on, 'ON');
  if (node.using !== undefined) checkUsing(context, node, left.tables, right.tables);
  if (node.right.kind !== 'function-table') {
    const what = node.comma ? 'joins (several tables in FROM) are' : `${joinName(node)} is`;
    unsupported(context, what, node.right.span);
  }
  return checkNames(context, node, { tables, plan: undefined });
}

function canUnnest(node: Join): boolean {
  return !node.natural && node.using === undefined && node.type !== 'RIGHT' && node.type !== 'FULL';
}

function isTrue(node: Expression): boolean {
  return node.kind === 'boolean' && node.value;
}

/** JOIN UNNEST(…) ON condition: a filter, unless rows without elements are to stay. */
function filterUnnested(context: Context, node: Join, on: Expression, from: From, outer: Scope | undefined): From {
  const condition = analyzeCondition(context, scopeOf(from.tables, outer), on, 'ON');
  if (node.type === 'LEFT') {
    unsupported(context, 'LEFT JOIN UNNEST with a condition is', on.span, 'write ON TRUE');
    return { ...from, plan: undefined };
  }
  const { plan } = from;
  if (plan === undefined || condition === undefined) return { ...from, plan: undefined };
  return { ...from, plan: { kind: 'filter', input: plan, condition, fields: plan.fields } };
}

function scopeOf(tables: readonly ScopeTable[], outer: Scope | undefined): Scope {
  return outer === undefined ? { tables } : { tables, outer };
}

function joinName(node: Join): string {
  return node.type === 'INNER' ? 'JOIN' : `${node.type} JOIN`;
}

function checkUsing(context: Context, node: Join, left: readonly ScopeTable[], right: readonly ScopeTable[]): void {
  for (const name of node.using ?? []) {
    for (const tables of [left, right]) {
      const names = tables.flatMap((table) => table.fields.map((field) => field.name));
      if (names.includes(name.name) || tables.some((table) => table.open)) continue;
      mistake(
        context,
        'unknown-column',
        `no column '${name.name}' on both sides`,
        name.span,
        didYouMean(name.name, names, name.span),
      );
      break;
    }
  }
}

/** Two tables of one FROM cannot have the same name. */
function checkNames(context: Context, node: Join, from: From): From {
  const names = from.tables.map((table) => table.name);
  const last = names.at(-1);
  if (last !== undefined && names.indexOf(last) < names.length - 1) {
    const at = 'alias' in node.right && node.right.alias !== undefined ? node.right.alias.name.span : node.right.span;
    mistake(context, 'duplicate-name', `FROM has two tables named '${last}'`, at, {
      help: 'give one of them an alias',
    });
    // Which of the two a name means cannot be told.
    return { tables: from.tables.map((table) => (table.name === last ? hidden(table) : table)), plan: undefined };
  }
  return from;
}

/** A table of which nothing is said any more. */
function hidden(table: ScopeTable): ScopeTable {
  return { ...table, fields: [], open: true };
}
