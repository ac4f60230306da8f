import { join } from '../diagnostics/diagnostic.ts';
import type { Query, QueryBody } from '../syntax/ast.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { type Relation, type RelationField, unknownRelation } from './relation.ts';
import type { Scope } from './scope.ts';
import { analyzeSelect } from './select.ts';
import { analyzeSetOperation } from './set-operation.ts';
import { analyzeValues } from './values.ts';

/** The relation that a query gives; `outer` is the scope around a subquery. Mistakes are reported. */
export function analyzeQuery(context: Context, query: Query, outer?: Scope): Relation {
  const inside = withCommonTables(context, query, outer);
  let relation = analyzeBody(inside, query.body, outer);
  if (query.orderBy.length > 0) {
    for (const item of query.orderBy) analyzeSortKey(inside, query.body, relation, item.expression, outer);
    const first = query.orderBy[0]!;
    unsupported(context, 'ORDER BY is', join(first.span, query.orderBy.at(-1)!.span));
    relation = { ...relation, plan: undefined };
  }
  const limit = query.limit ?? query.offset;
  if (limit !== undefined) {
    unsupported(context, query.limit === undefined ? 'OFFSET is' : 'LIMIT is', limit.span);
    relation = { ...relation, plan: undefined };
  }
  return relation;
}

function withCommonTables(context: Context, query: Query, outer: Scope | undefined): Context {
  if (query.with.length === 0) return context;
  const tables = new Map(context.commonTables);
  let inside: Context = { ...context, commonTables: tables };
  for (const { name, columns, query: each } of query.with) {
    const relation = analyzeQuery(inside, each, outer);
    const renamed = renameColumns(context, relation, columns, `WITH '${name.name}'`);
    inside = { ...inside, commonTables: new Map(inside.commonTables).set(name.name, renamed) };
  }
  return inside;
}

export function analyzeBody(context: Context, body: QueryBody, outer: Scope | undefined): Relation {
  switch (body.kind) {
    case 'select':
      return analyzeSelect(context, body, outer);
    case 'values':
      return analyzeValues(context, body, outer);
    case 'set-operation':
      return analyzeSetOperation(context, body, outer);
    case 'query':
      return analyzeQuery(context, body, outer);
  }
}

/** ORDER BY sees the columns of the result and, below a plain SELECT, those of its tables: here only the former. */
function analyzeSortKey(
  context: Context,
  body: QueryBody,
  relation: Relation,
  expression: Query['orderBy'][number]['expression'],
  outer: Scope | undefined,
): void {
  // Below a SELECT, FROM's columns are visible too; they were checked with it.
  const open = relation.open === true || body.kind === 'select';
  const table = { name: undefined, fields: relation.fields, offset: 0, open };
  const scope: Scope = outer === undefined ? { tables: [table] } : { tables: [table], outer };
  analyzeExpression({ ...context, aggregatesReported: true }, scope, expression);
}

/** The relation with the columns named by an alias list; reports a wrong number of names. */
export function renameColumns(
  context: Context,
  relation: Relation,
  names: readonly { readonly name: string; readonly span: { start: number; end: number } }[],
  what: string,
): Relation {
  if (names.length === 0) return relation;
  if (relation.open === true) return { fields: names.map(({ name }) => ({ name, type: undefined })), plan: undefined };
  if (names.length !== relation.fields.length) {
    mistake(
      context,
      'invalid-query',
      `${what} names ${names.length} column${names.length === 1 ? '' : 's'}, the query gives ${relation.fields.length}`,
      join(names[0]!.span, names.at(-1)!.span),
    );
    return { ...unknownRelation };
  }
  const fields = relation.fields.map((field, i): RelationField => ({ ...field, name: names[i]!.name }));
  return { fields, plan: renamePlan(relation, fields) };
}

/** The plan under other column names. */
export function renamePlan({ plan }: Relation, fields: readonly RelationField[]): Relation['plan'] {
  if (plan === undefined) return undefined;
  return { ...plan, fields: plan.fields.map((field, i) => ({ ...field, name: fields[i]!.name })) };
}
