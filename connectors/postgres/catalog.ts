import type { PostgresType } from './column-type.ts';
import type { Connection } from './connection.ts';
import type { TableName } from './table-name.ts';

export interface TargetColumn {
  readonly name: string;
  readonly type: PostgresType;
  readonly notNull: boolean;
  /** It has a value where none is given. */
  readonly hasDefault: boolean;
  /** It computes its own value and takes no other. */
  readonly generated: boolean;
  readonly may: { readonly insert: boolean; readonly update: boolean; readonly select: boolean };
}

/** What the catalog says about a table that rows are to be written to. */
export interface Target {
  readonly name: Required<TableName>;
  /** pg_class.relkind: r table, p partitioned table, v view, m materialized view, f foreign table, … */
  readonly kind: string;
  readonly columns: readonly TargetColumn[];
  /** Columns of each unique index that ON CONFLICT can name. */
  readonly uniqueKeys: readonly (readonly string[])[];
  readonly maySeeSchema: boolean;
  /** The user the connection belongs to. */
  readonly user: string;
  /** A view through which rows can be inserted. */
  readonly insertable: boolean;
}

/** The table of that name, or undefined; an unqualified name is looked up in the search path. */
export async function findTarget(connection: Connection, name: TableName): Promise<Target | undefined> {
  const found = await connection.query({ text: FIND_TABLE, values: [name.table, name.schema ?? null] });
  const row = found.rows[0];
  if (row === undefined) return undefined;
  const [oid, schema, kind, user, maySeeSchema, insertable] = row as [number, string, string, string, boolean, boolean];
  const columns = await connection.query({ text: FIND_COLUMNS, values: [oid] });
  const keys = await connection.query({ text: FIND_UNIQUE_KEYS, values: [oid] });
  return {
    name: { schema, table: name.table },
    kind,
    columns: columns.rows.map(readColumn),
    uniqueKeys: keys.rows.map(([names]) => names as string[]),
    user,
    maySeeSchema,
    insertable,
  };
}

const FIND_TABLE = `
SELECT c.oid, n.nspname, c.relkind::text, current_user::text, has_schema_privilege(n.oid, 'USAGE'),
  (pg_relation_is_updatable(c.oid, false) & 8) = 8
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1::name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND CASE WHEN $2::text IS NULL THEN n.nspname = ANY (current_schemas(false)) ELSE n.nspname = $2::name END
ORDER BY array_position(current_schemas(false), n.nspname) LIMIT 1`;

const FIND_COLUMNS = `
WITH RECURSIVE domains AS (
  SELECT a.attnum, a.atttypid AS type, a.atttypmod AS typmod, false AS required
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT d.attnum, t.typbasetype, t.typtypmod, d.required OR t.typnotnull
  FROM domains d JOIN pg_catalog.pg_type t ON t.oid = d.type WHERE t.typtype = 'd'
)
SELECT a.attname, format_type(a.atttypid, a.atttypmod), n.nspname, t.typname, t.typcategory::text, d.typmod,
  e.typname, e.typcategory::text, a.attnotnull OR d.required,
  a.atthasdef OR a.attidentity <> '', a.attgenerated <> '' OR a.attidentity = 'a',
  has_column_privilege($1::oid, a.attnum, 'INSERT'), has_column_privilege($1::oid, a.attnum, 'UPDATE'),
  has_column_privilege($1::oid, a.attnum, 'SELECT')
FROM domains d
JOIN pg_catalog.pg_type t ON t.oid = d.type AND t.typtype <> 'd'
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::oid AND a.attnum = d.attnum
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
ORDER BY a.attnum`;

/** Unique indexes that ON CONFLICT (columns) infers: of plain columns, of all rows, checked at once. */
const FIND_UNIQUE_KEYS = `
SELECT (SELECT array_agg(a.attname::text) FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
FROM pg_catalog.pg_index i
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indimmediate AND i.indisvalid
  AND i.indpred IS NULL AND i.indexprs IS NULL`;

type ColumnRow = [string, string, string, string, string, number, string | null, string | null, ...boolean[]];

function readColumn(row: unknown[]): TargetColumn {
  const [name, text, schema, typeName, category, typmod, element, elementCategory, ...flags] = row as ColumnRow;
  const [notNull, hasDefault, generated, insert, update, select] = flags;
  return {
    name,
    type: {
      text,
      schema,
      name: typeName,
      category,
      ...readModifier(typeName, typmod),
      ...(element === null ? {} : { element: { name: element, category: elementCategory ?? '' } }),
    },
    notNull: notNull === true,
    hasDefault: hasDefault === true,
    generated: generated === true,
    may: { insert: insert === true, update: update === true, select: select === true },
  };
}

/** Length, or precision and scale, of a type modifier; it counts 4 bytes of header. */
function readModifier(type: string, typmod: number): Pick<PostgresType, 'length' | 'precision' | 'scale'> {
  if (typmod < 4) return {};
  if (type === 'varchar' || type === 'bpchar') return { length: typmod - 4 };
  // The scale is 11 bits with a sign, since PostgreSQL 15.
  if (type === 'numeric')
    return { precision: ((typmod - 4) >> 16) & 0xffff, scale: (((typmod - 4) & 0x7ff) ^ 1024) - 1024 };
  return {};
}

/** Names near enough to a missing table or database, nearest schema first, for suggestions. */
export async function tableNames(connection: Connection): Promise<Required<TableName>[]> {
  const { rows } = await connection.query({
    text: `SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
ORDER BY n.nspname, c.relname LIMIT 1000`,
  });
  return rows.map(([schema, table]) => ({ schema: schema as string, table: table as string }));
}
