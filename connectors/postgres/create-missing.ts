import type { Connection } from './connection.ts';
import { SqlError } from './connection-error.ts';
import { createSchemaStatement } from './ddl.ts';
import type { TableName } from './table-name.ts';

/** Others create the same at the same moment: duplicates by name or in the catalog, and its concurrent updates. */
const RACE = /^(23505|42P06|42P07|42710|XX000)$/;

/**
 * Creates a table, and its schema, where they are missing. Nothing is asked of the server where they exist: even
 * CREATE … IF NOT EXISTS needs the privilege.
 */
export async function createMissing(connection: Connection, name: Required<TableName>, create: string): Promise<void> {
  const { rows } = await connection.query({
    text: `SELECT n.oid IS NOT NULL, c.oid IS NOT NULL FROM (SELECT 1) AS one
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1::name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2::name`,
    values: [name.schema, name.table],
  });
  const [schemaExists, tableExists] = rows[0] as [boolean, boolean];
  if (!schemaExists) await despiteRace(connection, createSchemaStatement(name.schema));
  if (!tableExists) await despiteRace(connection, create);
}

async function despiteRace(connection: Connection, create: string): Promise<void> {
  try {
    await connection.query({ text: create });
  } catch (error) {
    if (!(error instanceof SqlError) || !RACE.test(error.server.code)) throw error;
    await connection.query({ text: create });
  }
}
