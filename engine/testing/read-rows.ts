import { resolveCast } from '../types/cast.ts';
import type { DataType, Field, Scalar } from '../types/data-type.ts';
import { typeText } from '../types/data-type.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A row of a test; `deleted`: it takes the row of its key away. */
export interface ReadRow {
  readonly row: readonly Scalar[];
  readonly deleted: boolean;
}

const DELETION = '-D ';

/**
 * Rows written as JSON objects, one a line: absent members are NULL, values are read as CAST reads their text,
 * texts are taken as they are, whatever their length, as from a source. '-D '
 * before the object: a deletion.
 */
export function readRows(text: string, fields: readonly Field[]): ReadRow[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const deleted = line.startsWith(DELETION);
      const row = JSON.parse(deleted ? line.slice(DELETION.length) : line) as { readonly [key: string]: Json };
      const unknown = Object.keys(row).find((key) => !fields.some((field) => field.name === key));
      if (unknown !== undefined) throw new Error(`the table has no column '${unknown}': ${line}`);
      return { row: fields.map((field) => scalarOf(field.type, row[field.name] ?? null)), deleted };
    });
}

function scalarOf(t: DataType, json: Json): Scalar {
  if (json === null) return null;
  switch (t.kind) {
    case 'ARRAY':
      return (json as readonly Json[]).map((item) => scalarOf(t.element, item));
    case 'MAP':
      return new Map(
        Object.entries(json).map(([key, value]) => [scalarOf(t.key, key), scalarOf(t.value, value as Json)]),
      );
    case 'MULTISET':
      return new Map(Object.entries(json).map(([key, count]) => [scalarOf(t.element, key), count as number]));
    case 'ROW':
      return t.fields.map((field) =>
        scalarOf(field.type, (json as { readonly [key: string]: Json })[field.name] ?? null),
      );
    case 'CHAR':
    case 'VARCHAR':
      return String(json);
    case 'BINARY':
    case 'VARBINARY':
      return new Uint8Array(Buffer.from(String(json), 'hex'));
    default: {
      const from: DataType = { kind: 'VARCHAR', length: 2147483647, nullable: false };
      const cast = resolveCast(from, t, 'UTC');
      if (cast === undefined) throw new Error(`rows of a test cannot hold ${typeText(t)}`);
      // JSON tells -0.0 from 0.0, its text does not.
      return (cast.evaluate as (value: Scalar) => Scalar)(Object.is(json, -0) ? '-0.0' : String(json));
    }
  }
}
