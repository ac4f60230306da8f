import { join } from '../diagnostics/diagnostic.ts';
import { column } from '../plan/build.ts';
import type { Query, QueryBody } from '../syntax/ast.ts';
import { type Context, mistake } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { isOrdered, orderRows, outputOf } from './order.ts';
import { missingComma, type Relation, type RelationField, unknownRelation } from './relation.ts';
import type { Scope } from './scope.ts';
import { analyzeSelect } from './select.ts';
import { analyzeSetOperation } from './set-operation.ts';
import { analyzeValues, singleRow } from './values.ts';

/** The relation that a query gives; `outer` is the scope around a subquery. Mistakes are reported. */
export function analyzeQuery(context: Context, query: Query, outer?: Scope): Relation {
  const inside = withCommonTables(context, query, outer);
  const { body } = query;
  if (!isOrdered(query)) return analyzeBody(inside, body, outer);
  if (body.kind === 'select') return analyzeSelect(inside, body, outer, query);
  return orderRelation(inside, query, analyzeBody(inside, body, outer), outer);
}

/** ORDER BY and LIMIT over the columns of the result. */
function orderRelation(context: Context, query: Query, relation: Relation, outer: Scope | undefined): Relation {
  const table = { name: undefined, fields: relation.fields, offset: 0, open: relation.open === true };
  const scope: Scope = outer === undefined ? { tables: [table] } : { tables: [table], outer };
  const names = relation.fields.map((field) => field.name);
  const { plan } = relation;
  const span = query.limit?.span ?? query.span;
  const ordered = orderRows(context, query, plan ?? singleRow.plan!, span, (item) => {
    const output = outputOf(context, names, item);
    if (output === 'wrong') return undefined;
    if (output === undefined) return analyzeExpression(context, scope, item.expression);
    const { name, type } = relation.fields[output]!;
    return type && column(output, { name, type }, item.span);
  });
  return { ...relation, plan: plan && ordered };
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
    const swallowed = relation.fields.length < names.length ? relation.swallowed?.[0] : undefined;
    const at = { span: join(names[0]!.span, names.at(-1)!.span) };
    const { span, ...extra } = swallowed === undefined ? at : missingComma(swallowed);
    const message = `${what} names ${names.length} column${names.length === 1 ? '' : 's'}, the query gives ${relation.fields.length}`;
    mistake(context, 'invalid-query', message, span, extra);
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
