import type { Random } from './random.ts';

export type ColumnType = 'int' | 'bigint' | 'decimal' | 'double' | 'string' | 'time' | 'other';

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
  { name: 'd', type: 'decimal' },
  { name: 'f', type: 'double' },
  { name: 's', type: 'string' },
  { name: 'ts', type: 'time' },
];

/** A table of the scene as it is. */
export function base(name: string): Relation {
  return { sql: `SELECT * FROM ${name}`, columns: shape, appends: true, ordered: true, rowtime: 'ts' };
}

/** A name by which FROM can take the relation: the table's own, or a subquery. */
export function from(relation: Relation, alias: string): string {
  const table = /^SELECT \* FROM (\w+)$/.exec(relation.sql)?.[1];
  return `${table ?? `(${relation.sql})`} AS ${alias}`;
}

/** The relation as a view, for places that take names alone. */
export function named(writing: Writing, relation: Relation): string {
  const table = /^SELECT \* FROM (\w+)$/.exec(relation.sql)?.[1];
  if (table !== undefined) return table;
  const name = `view${writing.views.length}`;
  writing.views.push(`CREATE VIEW ${name} AS ${relation.sql}`);
  return name;
}

export function ofType(columns: readonly Column[], ...types: readonly ColumnType[]): readonly Column[] {
  return columns.filter(({ type }) => types.includes(type));
}

/** Columns that can be keys: of groups, joins, partitions. */
export function keysOf(columns: readonly Column[]): readonly Column[] {
  return ofType(columns, 'int', 'bigint', 'string', 'decimal', 'time');
}

/** A condition over columns of `alias`. */
export function condition({ random }: Writing, columns: readonly Column[], alias: string, depth = 1): string {
  if (depth > 0 && random.once(3)) {
    const [left, right] = [0, 0].map(() => condition({ random, views: [] }, columns, alias, depth - 1));
    return random.pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `NOT (${left})`]);
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
    case 'time':
      return `${name} < TIMESTAMP '2024-01-01 10:0${1 + random.below(4)}:00'`;
    case 'other':
      return 'TRUE';
  }
}
