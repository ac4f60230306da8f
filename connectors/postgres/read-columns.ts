import { RunError } from '../../engine/connector/errors.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import { resolveCast } from '../../engine/types/cast.ts';
import { type DataType, type Field, type Scalar, type, typeText } from '../../engine/types/data-type.ts';
import { type Target, tableNames } from './catalog.ts';
import type { Connection } from './connection.ts';
import { quoteName } from './quote.ts';
import { type TableName, tableText } from './table-name.ts';

/** Whether `reader` makes values of a type. */
export function isReadable(t: DataType): boolean {
  return t.kind === 'BINARY' || t.kind === 'VARBINARY' || resolveCast(type.string(), t, 'UTC') !== undefined;
}

/** The column of a table that a field names. */
export function columnOf({ name }: Field, target: Target): Target['columns'][number] {
  const column = target.columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  const names = target.columns.map((each) => each.name);
  const near = suggest(name, names);
  const help = near === undefined ? `its columns: ${names.join(', ')}` : `did you mean '${near}'?`;
  throw new RunError('jdbc-table', `table ${tableText(target.name)} has no column '${name}'`, { help });
}

/** The error for a table that is to be read and does not exist. */
export async function notThere(connection: Connection, name: TableName): Promise<RunError> {
  const names = (await tableNames(connection)).map(tableText);
  const near = suggest(tableText(name), names);
  return new RunError('jdbc-table', `table ${tableText(name)}, named by option 'table-name', does not exist`, {
    help: near === undefined ? 'create it, or correct the name' : `did you mean '${near}'?`,
  });
}

/** A column as a text that `reader` takes. */
export function columnText({ name, type: t }: Field, column: string): string {
  const value = `t.${quoteName(name)}`;
  if (column === 'timestamptz') return `(${value} AT TIME ZONE 'UTC')::text`;
  return t.kind === 'BINARY' || t.kind === 'VARBINARY' ? `encode(${value}, 'hex')` : `${value}::text`;
}

/** Values out of PostgreSQL's text, which is what Flink casts from. */
export function reader({ name, type: t }: Field): (text: string) => Scalar {
  if (t.kind === 'BINARY' || t.kind === 'VARBINARY') return (text) => new Uint8Array(Buffer.from(text, 'hex'));
  const cast = resolveCast(type.string(), t, 'UTC')?.evaluate as ((text: string) => Scalar) | undefined;
  if (cast === undefined)
    throw new RunError('jdbc-table', `column '${name}' is ${typeText(t, false)}, which cannot be read from PostgreSQL`);
  return (text) => {
    try {
      return cast(text);
    } catch (error) {
      throw new RunError('jdbc-value', `column '${name}' has '${text}', which is no ${typeText(t, false)}`, {
        cause: error,
      });
    }
  };
}
