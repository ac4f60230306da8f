import { RunError } from '../../engine/connector/errors.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import { findTarget, type Target, tableNames } from './catalog.ts';
import { type CheckSettings, checkTarget, type FittedColumn, type TargetProblem } from './check-target.ts';
import type { CheckpointTable } from './checkpoint-table.ts';
import type { Connection } from './connection.ts';
import { SqlError } from './connection-error.ts';
import { createMissing } from './create-missing.ts';
import { createTableStatement, type TableColumns, tableScript } from './ddl.ts';
import { type TableName, tableText } from './table-name.ts';

export interface OpenTarget {
  /** With its schema, wherever it was found. */
  readonly name: Required<TableName>;
  readonly columns: readonly FittedColumn[];
  readonly warnings: readonly string[];
}

/**
 * Finds the table, creates it where that is wanted, and checks that rows can be written; everything in the way is one
 * `RunError`. `checkpoints` are looked at only where there is something to report anyway.
 */
export async function openTarget(
  connection: Connection,
  name: TableName,
  wanted: TableColumns,
  settings: CheckSettings & { readonly createTables: boolean },
  checkpoints: (schema: string) => CheckpointTable,
): Promise<OpenTarget> {
  const target = (await findTarget(connection, name)) ?? (await missing(connection, name, wanted, settings));
  const { columns, problems, warnings } = checkTarget(target, wanted, settings);
  if (problems.length === 0) return { name: target.name, columns, warnings };
  const obstacle = await checkpoints(target.name.schema).obstacle(connection);
  throw report(target, obstacle === undefined ? problems : [...problems, obstacle]);
}

async function missing(
  connection: Connection,
  name: TableName,
  wanted: TableColumns,
  settings: { readonly createTables: boolean },
): Promise<Target> {
  if (!settings.createTables) throw await notFound(connection, name, wanted);
  const schema = name.schema ?? (await currentSchema(connection));
  if (schema === undefined) {
    throw new RunError('jdbc-table', `no schema to create table '${tableText(name)}' in: the search path has none`, {
      help: "write the schema in 'table-name', or 'currentSchema=…' in the url",
    });
  }
  const full = { schema, table: name.table };
  try {
    await createMissing(connection, full, createTableStatement(full, wanted));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new RunError('jdbc-table', `table ${tableText(full)} cannot be created: ${error.server.message}`, {
      cause: error,
      help: `let its owner run:\n${tableScript(full, wanted)}`,
    });
  }
  const created = await findTarget(connection, full);
  if (created === undefined) throw await notFound(connection, full, wanted);
  return created;
}

async function currentSchema(connection: Connection): Promise<string | undefined> {
  const { rows } = await connection.query({ text: 'SELECT current_schema()::text' });
  return (rows[0]?.[0] as string | null) ?? undefined;
}

/** The error for a table that does not exist, with near names and the statements that create it. */
export async function notFound(connection: Connection, name: TableName, wanted: TableColumns): Promise<RunError> {
  const tables = await tableNames(connection);
  // A name without schema may be mistyped and in any schema.
  const written = (t: TableName) => (name.schema === undefined ? t.table : tableText(t));
  const meant = tables.find((t) => t.table === name.table)?.table ?? suggest(written(name), tables.map(written));
  const found = tables.find((t) => t.table === meant || written(t) === meant);
  const near = found === undefined ? undefined : tableText(found);
  const hint = near === undefined ? '' : `did you mean '${near}'? Or `;
  return new RunError('jdbc-table', `table ${tableText(name)}, named by option 'table-name', does not exist`, {
    help: `${hint}run with --create-tables, or create it:\n${tableScript(name, wanted)}`,
  });
}

function report(target: Target, problems: readonly TargetProblem[]): RunError {
  const table = tableText(target.name);
  if (problems.length === 1) return new RunError('jdbc-table', problems[0]!.message, { help: problems[0]!.fix });
  const list = problems.map((p) => `  - ${p.message}\n    fix: ${p.fix.replaceAll('\n', '\n    ')}`);
  return new RunError('jdbc-table', `table ${table} cannot take the rows of the job:\n${list.join('\n')}`);
}
