import type { FittedColumn } from './check-target.ts';
import { quoteName } from './quote.ts';
import { quoteTable, type TableName } from './table-name.ts';

/** What a statement does; the parts it has decide its parameters, which follow each other in this order. */
export interface StatementParts {
  /** One array for each column. */
  readonly rows: boolean;
  /** One array for each key column, and one for the column `newest`. */
  readonly deletes: boolean;
  /**
   * Job, sink, then arrays of source, split, expected position (NULL: none yet) and epoch (NULL: no row yet), new
   * position and epoch; the fence's count.
   */
  readonly positions: boolean;
}

export interface StatementShape {
  readonly target: TableName;
  readonly columns: readonly FittedColumn[];
  /** Indexes into `columns`; empty: rows are appended. */
  readonly key: readonly number[];
  /** Index into `columns`: rows that are older there than the one in the table change nothing. */
  readonly newest?: number | undefined;
  readonly checkpointTable: TableName;
  /** Stands in the error by which the fence undoes the statement. */
  readonly fence: string;
}

/**
 * One statement that writes rows, deletes rows and moves positions: a transaction of its own in a single round trip,
 * with no state of the session needed. Where fewer positions move than were expected, another worker has moved them;
 * then the statement fails on purpose, by a cast of the fence's text to a number.
 */
export function writeStatement(shape: StatementShape, parts: StatementParts): string {
  let parameter = 0;
  const next = (type: string) => `$${++parameter}::${type}`;
  const steps: string[] = [];
  if (parts.rows) steps.push(`written AS (${insert(shape, next)})`);
  if (parts.deletes) steps.push(`deleted AS (${remove(shape, next)})`);
  if (!parts.positions) return `WITH ${steps.join(',\n')}\nSELECT 1`;
  const table = quoteTable(shape.checkpointTable);
  const job = next('text');
  const sink = next('text');
  const arrays = ['text[]', 'text[]', 'text[]', 'int8[]', 'text[]', 'int8[]'].map(next);
  steps.push(`positions AS (
  SELECT * FROM unnest(${arrays.join(', ')}) AS p(source, split, expected, epoch, next, next_epoch))`);
  steps.push(`moved AS (
  UPDATE ${table} AS c SET position = p.next, epoch = p.next_epoch, updated_at = now() FROM positions p
  WHERE c.job = ${job} AND c.sink = ${sink} AND c.source = p.source AND c.split = p.split
    AND c.epoch = p.epoch AND c.position IS NOT DISTINCT FROM p.expected
  RETURNING 1)`);
  steps.push(`placed AS (
  INSERT INTO ${table} (job, sink, source, split, position, epoch)
  SELECT ${job}, ${sink}, p.source, p.split, p.next, p.next_epoch FROM positions p WHERE p.epoch IS NULL
  ON CONFLICT DO NOTHING RETURNING 1)`);
  return `WITH ${steps.join(',\n')}
SELECT CASE WHEN m.n + p.n = ${next('int8')} THEN 1 ELSE ('${shape.fence} ' || m.n || ' ' || p.n)::int4 END
FROM (SELECT count(*) AS n FROM moved) AS m, (SELECT count(*) AS n FROM placed) AS p`;
}

function insert({ target, columns, key, newest }: StatementShape, next: (type: string) => string): string {
  const names = columns.map((c) => quoteName(c.field.name));
  const arrays = columns.map((c) => next(`${c.fit.element}[]`));
  const values = columns.map((c, i) => c.fit.expression(`u.c${i}`));
  const statement = `
  INSERT INTO ${quoteTable(target)} AS t (${names.join(', ')})
  SELECT ${values.join(', ')}
  FROM unnest(${arrays.join(', ')}) AS u(${columns.map((_, i) => `c${i}`).join(', ')})`;
  if (key.length === 0) return statement;
  const updates = names.filter((_, i) => !key.includes(i)).map((name) => `${name} = EXCLUDED.${name}`);
  const action = updates.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${updates.join(', ')}`;
  const where = newest === undefined ? '' : ` WHERE ${notOlder(names[newest]!, `EXCLUDED.${names[newest]}`)}`;
  return `${statement}
  ON CONFLICT (${key.map((i) => names[i]).join(', ')}) ${action}${where}`;
}

/** A row without a time is older than every row with one. */
function notOlder(name: string, value: string): string {
  return `(t.${name} IS NULL OR t.${name} <= ${value})`;
}

function remove({ target, columns, key, newest }: StatementShape, next: (type: string) => string): string {
  const compared = newest === undefined ? key : [...key, newest];
  const arrays = compared.map((i) => next(`${columns[i]!.fit.element}[]`));
  const same = compared.map((i, k) => {
    const { field, fit, target: column } = columns[i]!;
    const value = `${fit.expression(`d.k${k}`)}::${quoteName(column.type.schema)}.${quoteName(column.type.name)}`;
    const name = quoteName(field.name);
    return k < key.length ? `t.${name} = ${value}` : notOlder(name, value);
  });
  return `
  DELETE FROM ${quoteTable(target)} AS t
  USING unnest(${arrays.join(', ')}) AS d(${compared.map((_, k) => `k${k}`).join(', ')})
  WHERE ${same.join(' AND ')}`;
}
