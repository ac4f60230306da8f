import type { ColumnDefinition, CreateTable, PrimaryKey } from './ast.ts';
import { printExpression } from './print-expression.ts';
import { printIdentifier, printIdentifiers, printName, printString } from './print-name.ts';
import { printQuery } from './print-query.ts';
import { printOptions } from './print-statement.ts';
import { printType } from './print-type.ts';

export function printCreateTable(table: CreateTable): string {
  const { primaryKey: key } = table;
  const elements = [
    ...table.columns.map((column) => printColumn(column, key)),
    ...table.watermarks.map(
      ({ column, expression }) =>
        `WATERMARK FOR ${column.map(printIdentifier).join('.')} AS ${printExpression(expression)}`,
    ),
    ...(key === undefined || key.ofColumn ? [] : [printKey(key, ` ${printIdentifiers(key.columns)}`)]),
  ];
  return [
    `CREATE ${table.orReplace ? 'OR REPLACE ' : ''}${table.temporary ? 'TEMPORARY ' : ''}TABLE`,
    ...(table.ifNotExists ? ['IF NOT EXISTS'] : []),
    printName(table.name),
    ...(elements.length === 0 ? [] : [`(${elements.join(', ')})`]),
    ...(table.comment === undefined ? [] : [`COMMENT ${printString(table.comment)}`]),
    ...printDistribution(table),
    ...(table.partitionedBy.length === 0 ? [] : [`PARTITIONED BY ${printIdentifiers(table.partitionedBy)}`]),
    ...(table.optionsSpan === undefined ? [] : [`WITH ${printOptions(table.options)}`]),
    ...printLike(table),
    ...(table.as === undefined ? [] : [`AS ${printQuery(table.as)}`]),
  ].join(' ');
}

function printColumn(column: ColumnDefinition, key: PrimaryKey | undefined): string {
  const name = printIdentifier(column.name);
  const comment = column.comment === undefined ? '' : ` COMMENT ${printString(column.comment)}`;
  switch (column.kind) {
    case 'physical': {
      const ofThis = key?.ofColumn === true && key.columns[0]?.name === column.name.name;
      return `${name} ${printType(column.type)}${ofThis ? ` ${printKey(key, '')}` : ''}${comment}`;
    }
    case 'metadata': {
      const from = column.from === undefined ? '' : ` FROM ${printString(column.from)}`;
      return `${name} ${printType(column.type)} METADATA${from}${column.virtual ? ' VIRTUAL' : ''}${comment}`;
    }
    case 'computed':
      return `${name} AS ${printExpression(column.expression)}${comment}`;
  }
}

function printKey({ constraint, enforced }: PrimaryKey, columns: string): string {
  const name = constraint === undefined ? '' : `CONSTRAINT ${printIdentifier(constraint)} `;
  return `${name}PRIMARY KEY${columns}${enforced ? '' : ' NOT ENFORCED'}`;
}

function printDistribution({ distributedBy }: CreateTable): string[] {
  if (distributedBy === undefined) return [];
  const { method, columns, buckets } = distributedBy;
  const by = columns.length === 0 ? '' : ` BY ${method === undefined ? '' : `${method} `}${printIdentifiers(columns)}`;
  return [`DISTRIBUTED${by}${buckets === undefined ? '' : ` INTO ${buckets} BUCKETS`}`];
}

function printLike({ like }: CreateTable): string[] {
  if (like === undefined) return [];
  const clauses = like.clauses.map(({ mode, what }) => `${mode} ${what}`).join(' ');
  return [`LIKE ${printName(like.source)}${clauses === '' ? '' : ` (${clauses})`}`];
}
