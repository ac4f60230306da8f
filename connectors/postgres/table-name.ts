import { quoteName } from './quote.ts';

/** Names are exact: PostgreSQL's own folding to lower case has no part in them. */
export interface TableName {
  /** Absent: the first schema of the connection's search path that has such a table. */
  readonly schema?: string;
  readonly table: string;
}

const PART = /(?:"((?:[^"]|"")+)"|([^".]+))(?:\.|$)/y;

/**
 * Reads a 'table-name': `prices`, `machine.crypto_prices`, `"with.dot"."Table"`. As in Flink, names without quotes keep
 * their case. A text that is no such list of names is one table's name as it stands; undefined for three parts and more.
 */
export function parseTableName(text: string): TableName | undefined {
  const parts = splitName(text) ?? [text];
  if (parts.length === 1) return { table: parts[0]! };
  return parts.length === 2 ? { schema: parts[0]!, table: parts[1]! } : undefined;
}

function splitName(text: string): string[] | undefined {
  const parts: string[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
  }
  return text === '' || text.endsWith('.') ? undefined : parts;
}

/** `"schema"."table"` for SQL. */
export function quoteTable(name: TableName): string {
  return name.schema === undefined ? quoteName(name.table) : `${quoteName(name.schema)}.${quoteName(name.table)}`;
}

/** `schema.table` for messages, with quotes only where the name needs them to be read again. */
export function tableText(name: TableName): string {
  const part = (p: string) => (/^[^".]+$/.test(p) ? p : quoteName(p));
  return name.schema === undefined ? part(name.table) : `${part(name.schema)}.${part(name.table)}`;
}

/** The name with a schema where it has none of its own. */
export function withSchema(name: TableName, schema: string | undefined): TableName {
  return name.schema !== undefined || schema === undefined ? name : { schema, table: name.table };
}
