import type { Alias, GroupItem, Hint, Query, QueryBody, Select, TableExpression } from './ast.ts';
import { printCall, printWindow } from './print-call.ts';
import { printExpression, printExpressions, printOrderBy } from './print-expression.ts';
import { printIdentifier, printIdentifiers, printName, printString } from './print-name.ts';

export function printQuery(query: Query): string {
  const tables = query.with.map(
    ({ name, columns, query: inner }) =>
      `${printIdentifier(name)}${columns.length === 0 ? '' : ` ${printIdentifiers(columns)}`} AS (${printQuery(inner)})`,
  );
  return [
    ...(tables.length === 0 ? [] : [`WITH ${tables.join(', ')}`]),
    printBody(query.body),
    ...(query.orderBy.length === 0 ? [] : [printOrderBy(query.orderBy)]),
    ...(query.limit === undefined ? [] : [`LIMIT ${printExpression(query.limit)}`]),
    ...(query.offset === undefined ? [] : [`OFFSET ${printExpression(query.offset)}`]),
  ].join(' ');
}

function printBody(body: QueryBody): string {
  switch (body.kind) {
    case 'select':
      return printSelect(body);
    case 'values':
      return `VALUES ${body.rows.map((row) => `${row.length === 1 && row[0]!.kind === 'row' ? 'ROW' : ''}(${printExpressions(row)})`).join(', ')}`;
    case 'query':
      return `(${printQuery(body)})`;
    case 'set-operation': {
      const left = body.operator === 'INTERSECT' ? printOperand(body.left) : printBody(body.left);
      const right =
        body.right.kind === 'set-operation' && body.right.operator === 'INTERSECT' && body.operator !== 'INTERSECT';
      return `${left} ${body.operator}${body.all ? ' ALL' : ''} ${right ? printBody(body.right) : printOperand(body.right)}`;
    }
  }
}

/** A set operation as operand of one that binds as tightly stands in brackets. */
function printOperand(body: QueryBody): string {
  return body.kind === 'set-operation' && body.operator !== 'INTERSECT' ? `(${printBody(body)})` : printBody(body);
}

function printSelect(select: Select): string {
  const items = select.items.map(
    ({ expression, alias }) =>
      `${printExpression(expression)}${alias === undefined ? '' : ` AS ${printIdentifier(alias)}`}`,
  );
  const windows = select.windows.map(({ name, window }) => `${printIdentifier(name)} AS ${printWindow(window)}`);
  return [
    'SELECT',
    ...(select.hints === undefined ? [] : [printHints(select.hints)]),
    ...(select.distinct ? ['DISTINCT'] : []),
    items.join(', '),
    ...(select.from === undefined ? [] : [`FROM ${printTable(select.from)}`]),
    ...(select.where === undefined ? [] : [`WHERE ${printExpression(select.where)}`]),
    ...(select.groupBy === undefined ? [] : [`GROUP BY ${select.groupBy.map(printGroupItem).join(', ')}`]),
    ...(select.having === undefined ? [] : [`HAVING ${printExpression(select.having)}`]),
    ...(windows.length === 0 ? [] : [`WINDOW ${windows.join(', ')}`]),
    ...(select.qualify === undefined ? [] : [`QUALIFY ${printExpression(select.qualify)}`]),
  ].join(' ');
}

function printGroupItem(item: GroupItem): string {
  switch (item.kind) {
    case 'grouping-sets':
      return item.items.length === 0 ? '()' : `GROUPING SETS (${item.items.map(printGroupItem).join(', ')})`;
    case 'rollup':
    case 'cube':
      return `${item.kind.toUpperCase()} (${printExpressions(item.items)})`;
    default:
      return printExpression(item);
  }
}

export function printHints(hints: readonly Hint[]): string {
  const list = hints.map(({ name, names, options }) => {
    const pairs = [
      ...names.map(printString),
      ...options.map(({ key, value }) => `${printString(key)} = ${printString(value)}`),
    ];
    return `${printIdentifier(name)}${pairs.length === 0 ? '' : `(${pairs.join(', ')})`}`;
  });
  return `/*+ ${list.join(', ')} */`;
}

function printTable(table: TableExpression): string {
  switch (table.kind) {
    case 'table': {
      const hints = table.hints.length === 0 ? '' : ` ${printHints(table.hints)}`;
      const time = table.systemTime === undefined ? '' : ` FOR SYSTEM_TIME AS OF ${printExpression(table.systemTime)}`;
      return `${printName(table.name)}${hints}${time}${printAlias(table.alias)}`;
    }
    case 'derived':
      return `${lateral(table.lateral)}(${printQuery(table.query)})${printAlias(table.alias)}`;
    case 'function-table':
      return `${lateral(table.lateral)}TABLE(${printCall(table.call)})${printAlias(table.alias)}`;
    case 'unnest': {
      const ordinality = table.ordinality ? ' WITH ORDINALITY' : '';
      return `UNNEST(${printExpressions(table.expressions)})${ordinality}${printAlias(table.alias)}`;
    }
    case 'join': {
      const left =
        table.left.kind === 'join' && table.left.comma && !table.comma
          ? `(${printTable(table.left)})`
          : printTable(table.left);
      const bare = table.right.kind !== 'join' || (table.comma && !table.right.comma);
      const right = bare ? printTable(table.right) : `(${printTable(table.right)})`;
      if (table.comma) return `${left}, ${right}`;
      const type = table.type === 'INNER' ? '' : `${table.type} `;
      const on = table.on === undefined ? '' : ` ON ${printExpression(table.on)}`;
      const using = table.using === undefined ? '' : ` USING ${printIdentifiers(table.using)}`;
      return `${left} ${table.natural ? 'NATURAL ' : ''}${type}JOIN ${right}${on}${using}`;
    }
  }
}

function lateral(value: boolean): string {
  return value ? 'LATERAL ' : '';
}

function printAlias(alias: Alias | undefined): string {
  if (alias === undefined) return '';
  return ` AS ${printIdentifier(alias.name)}${alias.columns.length === 0 ? '' : ` ${printIdentifiers(alias.columns)}`}`;
}
