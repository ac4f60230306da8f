import { RunError } from '../../engine/connector/errors.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import { resolveCast } from '../../engine/types/cast.ts';
import { type DataType, type Field, type Scalar, type, typeText } from '../../engine/types/data-type.ts';
import { type Target, tableNames } from './catalog.ts';
import type { Connection } from './connection.ts';
import { type ArrayText, parseArray } from './parse-array.ts';
import { quoteName } from './quote.ts';
import { type TableName, tableText } from './table-name.ts';

/** Whether `reader` makes values of a type. */
export function isReadable(t: DataType): boolean {
  // The text of an instant in an array depends on the time zone of the session.
  if (t.kind === 'ARRAY') return t.element.kind !== 'TIMESTAMP_LTZ' && isReadable(t.element);
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
  // A cast would take the blanks at its end away.
  if (column === 'bpchar') return value;
  return t.kind === 'BINARY' || t.kind === 'VARBINARY' ? `encode(${value}, 'hex')` : `${value}::text`;
}

/** Values out of PostgreSQL's text, which is what Flink casts from; texts as they are, whatever length is declared. */
export function reader({ name, type: t }: Field): (text: string) => Scalar {
  if (t.kind === 'CHAR' || t.kind === 'VARCHAR') return (text) => text;
  if (t.kind === 'BINARY' || t.kind === 'VARBINARY') return (text) => new Uint8Array(Buffer.from(text, 'hex'));
  const read = valueReader(t);
  if (read === undefined)
    throw new RunError('jdbc-table', `column '${name}' is ${typeText(t, false)}, which cannot be read from PostgreSQL`);
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw new RunError('jdbc-value', `column '${name}' has '${text}', which is no ${typeText(t, false)}`, {
        cause: error,
      });
    }
  };
}

/** Throws where a text is no value of the type; undefined where there is none for the type. */
function valueReader(t: DataType): ((text: string) => Scalar) | undefined {
  if (t.kind !== 'ARRAY')
    return resolveCast(type.string(), t, 'UTC')?.evaluate as ((text: string) => Scalar) | undefined;
  const read = arrayReader(t.element);
  return (
    read &&
    ((text) => {
      const elements = parseArray(text);
      if (elements === undefined) throw new Error('it is no array');
      return read(elements);
    })
  );
}

/** Reads the elements of an array. */
function arrayReader(element: DataType): ((elements: ArrayText) => Scalar) | undefined {
  const inner = element.kind === 'ARRAY' ? arrayReader(element.element) : undefined;
  const plain = element.kind === 'ARRAY' ? undefined : elementReader(element);
  if (inner === undefined && plain === undefined) return undefined;
  return (elements) =>
    elements.map((each) => {
      if (each === null) return null;
      const read = typeof each === 'string' ? plain?.(each) : inner?.(each);
      if (read === undefined) throw new Error('it has another number of dimensions');
      return read;
    });
}

function elementReader(t: DataType): ((text: string) => Scalar) | undefined {
  if (t.kind === 'CHAR' || t.kind === 'VARCHAR') return (text) => text;
  if (t.kind !== 'BINARY' && t.kind !== 'VARBINARY') return valueReader(t);
  return (text) => new Uint8Array(Buffer.from(text.replace(/^\\x/, ''), 'hex'));
}
