import type { Random } from './random.ts';

/** 'time' is a TIMESTAMP(3), 'micros' a TIMESTAMP(6). */
export type ColumnType =
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'string'
  | 'boolean'
  | 'date'
  | 'time'
  | 'micros'
  | 'other';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** A query that was made up, and what is known of its rows. */
export interface Relation {
  readonly sql: string;
  readonly columns: readonly Column[];
  /** No row is ever changed or taken back. */
  readonly appends: boolean;
  /** Rows come in one order, however the sources race. */
  readonly ordered: boolean;
  /** Name of a column that still is a time attribute. */
  readonly rowtime?: string;
}

/** What queries are made of while one is written: choices, and the views that it needs. */
export interface Writing {
  readonly random: Random;
  /** Statements before the query. */
  readonly views: string[];
}

const shape: readonly Column[] = [
  { name: 'id', type: 'int' },
  { name: 'k', type: 'string' },
  { name: 'g', type: 'int' },
  { name: 'v', type: 'int' },
  { name: 'n', type: 'bigint' },
  { name: 'd', type: 'decimal' },
  { name: 'f', type: 'double' },
  { name: 's', type: 'string' },
  { name: 'b', type: 'boolean' },
  { name: 'e', type: 'date' },
  { name: 'm', type: 'micros' },
  { name: 'ts', type: 'time' },
];

/** A table of the scene as it is. */
export function base(name: string): Relation {
  const sql = `SELECT * FROM ${name}`;
  const byKey = name === 'p1' || name === 'p2';
  return { sql, columns: shape, appends: !byKey, ordered: !byKey, ...(!byKey && { rowtime: 'ts' }) };
}

/** A name by which FROM can take the relation: the table's own, or a subquery. */
export function from(relation: Relation, alias: string): string {
  const table = /^SELECT \* FROM (\w+)$/.exec(relation.sql)?.[1];
  return `${table ?? `(${relation.sql})`} AS ${alias}`;
}

/** The relation as a view, for places that take names alone. */
export function named(writing: Writing, relation: Relation): string {
  const table = /^SELECT \* FROM (\w+)$/.exec(relation.sql)?.[1];
  return table ?? view(writing, relation.sql);
}

/** The name of a new view. */
export function view({ views }: Writing, sql: string): string {
  const name = `view${views.length}`;
  views.push(`CREATE VIEW ${name} AS ${sql}`);
  return name;
}

export function ofType(columns: readonly Column[], ...types: readonly ColumnType[]): readonly Column[] {
  return columns.filter(({ type }) => types.includes(type));
}

/** Columns that can be keys: of groups, joins, partitions. */
export function keysOf(columns: readonly Column[]): readonly Column[] {
  return columns.filter(({ type }) => type !== 'other' && type !== 'double');
}

/** A condition over columns of `alias`. */
export function condition({ random }: Writing, columns: readonly Column[], alias: string, depth = 1): string {
  if (depth > 0 && random.once(3)) {
    const [left, right] = [0, 0].map(() => condition({ random, views: [] }, columns, alias, depth - 1));
    return random.pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `NOT (${left})`, `(${left}) IS NOT TRUE`]);
  }
  const column = random.pick(columns);
  const name = `${alias}.${column.name}`;
  switch (column.type) {
    case 'int':
    case 'bigint':
      return random.pick([
        `${name} > ${random.below(6)}`,
        `${name} <= ${random.below(10)}`,
        `${name} IS NOT NULL`,
        `${name} <> 2`,
        `${name} IN (0, 1, 3, 5)`,
        `MOD(${name}, 2) = 0`,
        `${name} IS NOT DISTINCT FROM 1`,
      ]);
    case 'decimal':
      return random.pick([`${name} > 8.5`, `${name} BETWEEN 0 AND 21.25`, `${name} IS NULL`]);
    case 'double':
      return random.pick([`${name} < 4.5`, `${name} IS NOT NULL`]);
    case 'string':
      return random.pick([
        `${name} IN ('a', 'b', 'x')`,
        `${name} <> 'c'`,
        `${name} LIKE 'x%'`,
        `${name} IS NULL`,
        `CHAR_LENGTH(${name}) = 1`,
      ]);
    case 'boolean':
      return random.pick([name, `NOT ${name}`, `${name} IS NOT TRUE`, `${name} IS UNKNOWN`, `${name} IS FALSE`]);
    case 'date':
      return random.pick([`${name} > DATE '2024-01-01'`, `${name} IS NULL`, `EXTRACT(DAY FROM ${name}) = 31`]);
    case 'time':
      return `${name} < TIMESTAMP '2024-01-01 10:0${1 + random.below(4)}:00'`;
    case 'micros':
      return random.pick([`${name} > TIMESTAMP '2024-01-01 10:00:07.0001'`, `${name} IS NOT NULL`]);
    case 'other':
      return 'TRUE';
  }
}
