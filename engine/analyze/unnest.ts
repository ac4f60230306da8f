import type { Unnest as UnnestNode } from '../syntax/ast.ts';
import { type DataType, type Field, type, typeText, withNullable } from '../types/data-type.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { type From, nameSingle } from './from.ts';
import { renameColumns } from './query.ts';
import { type Relation, unknownRelation } from './relation.ts';
import type { Scope, ScopeTable } from './scope.ts';

/** Each row of `left` with each element of a collection in it; `outer` keeps rows without elements. */
export function analyzeUnnest(
  context: Context,
  left: From,
  node: UnnestNode,
  outer: boolean,
  around: Scope | undefined,
): From {
  const scope: Scope = around === undefined ? { tables: left.tables } : { tables: left.tables, outer: around };
  const [collection, ...more] = node.expressions.map((each) => analyzeExpression(context, scope, each));
  if (more.length > 0) unsupported(context, 'UNNEST of several collections is', node.span);
  const element = collection && elementFields(context, collection.type, node);
  const width = left.tables.reduce((n, table) => n + table.fields.length, 0);
  let relation: Relation = unknownRelation;
  if (element !== undefined) {
    const nullable = outer ? element.map((f) => ({ ...f, type: withNullable(f.type, true) })) : element;
    const own: Field[] = node.ordinality ? [...nullable, { name: 'ORDINALITY', type: type.int(outer) }] : nullable;
    relation = { fields: own, plan: undefined };
  }
  const named = nameSingle(relation, node.alias);
  const renamed = node.alias
    ? renameColumns(context, named, node.alias.columns, `the alias '${node.alias.name.name}'`)
    : named;
  const table: ScopeTable = {
    name: node.alias?.name.name,
    fields: renamed.fields,
    offset: width,
    open: renamed.open ?? false,
  };
  const tables = [...left.tables, table];
  if (left.plan === undefined || collection === undefined || element === undefined || more.length > 0 || table.open) {
    return { tables, plan: undefined };
  }
  const fields = renamed.fields.flatMap(({ name, type: t }): Field[] => (t === undefined ? [] : [{ name, type: t }]));
  return {
    tables,
    plan: {
      kind: 'unnest',
      input: left.plan,
      collection,
      ordinality: node.ordinality,
      outer,
      fields: [...left.plan.fields, ...fields],
    },
  };
}

/** The columns that an element becomes: a ROW's fields, a MAP's key and value, else the element itself. */
function elementFields(context: Context, t: DataType, node: UnnestNode): Field[] | undefined {
  switch (t.kind) {
    case 'ARRAY':
    case 'MULTISET':
      if (t.element.kind !== 'ROW') return [{ name: 'EXPR$0', type: t.element }];
      return t.element.fields.map((field) => ({
        name: field.name,
        type: withNullable(field.type, field.type.nullable || t.element.nullable),
      }));
    case 'MAP':
      return [
        { name: 'KEY', type: t.key },
        { name: 'VALUE', type: t.value },
      ];
    default:
      return mistake(
        context,
        'type-mismatch',
        `UNNEST takes an ARRAY, MAP or MULTISET, found ${typeText(t, false)}`,
        node.expressions[0]!.span,
      );
  }
}
