import type { Field } from '../../engine/types/data-type.ts';
import { columnTypeFor } from './column-type.ts';
import { quoteName } from './quote.ts';
import { quoteTable, type TableName } from './table-name.ts';

/** The columns of a table to create, `primaryKey` by name. */
export interface TableColumns {
  readonly fields: readonly Field[];
  readonly primaryKey: readonly string[];
}

/** The statement that creates a table for a Flink schema, without semicolon. */
export function createTableStatement(name: TableName, { fields, primaryKey }: TableColumns): string {
  const lines = fields.map((field) => {
    const notNull = !field.type.nullable || primaryKey.includes(field.name);
    return `  ${quoteName(field.name)} ${columnTypeFor(field.type)}${notNull ? ' NOT NULL' : ''}`;
  });
  if (primaryKey.length > 0) lines.push(`  PRIMARY KEY (${primaryKey.map(quoteName).join(', ')})`);
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(name)} (\n${lines.join(',\n')}\n)`;
}

/** What a user would run to create a table: with its schema where the name has one. */
export function tableScript(name: TableName, columns: TableColumns): string {
  const schema = name.schema === undefined ? '' : `${createSchemaStatement(name.schema)};\n`;
  return `${schema}${createTableStatement(name, columns)};`;
}

export function createSchemaStatement(schema: string): string {
  return `CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`;
}

/** The statement that adds a column for a Flink type. */
export function addColumnStatement(name: TableName, field: Field): string {
  return `ALTER TABLE ${quoteTable(name)} ADD COLUMN ${quoteName(field.name)} ${columnTypeFor(field.type)}`;
}

/** The statement that makes a column hold a Flink type. */
export function changeTypeStatement(name: TableName, field: Field): string {
  const wanted = columnTypeFor(field.type);
  const column = quoteName(field.name);
  return `ALTER TABLE ${quoteTable(name)} ALTER COLUMN ${column} TYPE ${wanted} USING ${column}::${wanted}`;
}
