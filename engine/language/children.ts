import type { Expression, Name, Query, WindowSpec } from '../syntax/ast.ts';

/** What an expression is made of: expressions, queries and names of tables, in the order of the text. */
export function childrenOf(node: Expression): readonly (Expression | Query | Name)[] {
  switch (node.kind) {
    case 'number':
    case 'text':
    case 'binary-literal':
    case 'boolean':
    case 'null':
    case 'datetime':
    case 'interval':
    case 'reference':
    case 'symbol':
    case 'descriptor':
      return [];
    case 'unary':
    case 'is':
    case 'cast':
    case 'field':
      return [node.operand];
    case 'binary':
    case 'is-distinct':
      return [node.left, node.right];
    case 'between':
      return [node.operand, node.low, node.high];
    case 'in':
    case 'quantified':
      return [node.operand, ...('kind' in node.list ? [node.list] : node.list)];
    case 'like':
      return [node.operand, node.pattern, ...(node.escape === undefined ? [] : [node.escape])];
    case 'exists':
    case 'subquery':
      return [node.query];
    case 'overlaps':
      return [...node.left, ...node.right];
    case 'case':
      return [
        ...(node.operand === undefined ? [] : [node.operand]),
        ...node.whens.flatMap(({ when, result }) => [...when, result]),
        ...(node.otherwise === undefined ? [] : [node.otherwise]),
      ];
    case 'call':
      return [
        ...node.arguments,
        ...[...(node.orderBy ?? []), ...(node.withinGroup ?? [])].map(({ expression }) => expression),
        ...(node.filter === undefined ? [] : [node.filter]),
        ...(node.over?.kind === 'window' ? partsOf(node.over) : []),
      ];
    case 'named-argument':
      return [node.value];
    case 'table-argument':
      return [node.table, ...(node.partitionBy ?? []), ...(node.orderBy ?? []).map(({ expression }) => expression)];
    case 'row':
    case 'array':
    case 'map':
      return node.items;
    case 'item':
      return [node.operand, node.index];
  }
}

function partsOf({ partitionBy, orderBy }: WindowSpec): readonly Expression[] {
  return [...partitionBy, ...orderBy.map(({ expression }) => expression)];
}
