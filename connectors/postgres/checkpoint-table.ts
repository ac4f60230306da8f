import { RunError } from '../../engine/connector/errors.ts';
import type { Checkpoint } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { Connection } from './connection.ts';
import { createMissing } from './create-missing.ts';
import { quoteName } from './quote.ts';
import { quoteTable, type TableName, tableText } from './table-name.ts';

/** Name of the table of positions where no option says otherwise: in the schema of the rows' table. */
export const CHECKPOINT_TABLE = 'cryptopipe_checkpoint';

/** Positions that a commit moves, as parallel lists. */
export interface PositionChanges {
  readonly sources: readonly string[];
  readonly splits: readonly string[];
  /** null: the split has no position yet. */
  readonly expected: readonly (string | null)[];
  readonly next: readonly string[];
}

/**
 * The positions of one sink, stored beside its rows. Remembers what this worker read or wrote last for each split: that
 * is what must still stand there when it writes again.
 */
export class CheckpointTable {
  readonly name: Required<TableName>;
  readonly #job: string;
  readonly #sink: string;
  readonly #known = new Map<string, Map<string, string>>();
  #checked: Promise<void> | undefined;

  constructor(name: Required<TableName>, job: string, sink: string) {
    this.name = name;
    this.#job = job;
    this.#sink = sink;
  }

  /** The statement that creates the table. Half of each page stays free, so that updates need no new index entries. */
  get createStatement(): string {
    return `CREATE TABLE IF NOT EXISTS ${quoteTable(this.name)} (
  job text NOT NULL,
  sink text NOT NULL,
  source text NOT NULL,
  split text NOT NULL,
  position text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (job, sink, source, split)
) WITH (fillfactor = 50)`;
  }

  async restore(connection: Connection, source: string, splits: readonly string[]): Promise<Positions> {
    await this.#ensure(connection);
    const { rows } = await connection.query({
      text: `SELECT split, position FROM ${quoteTable(this.name)}
WHERE job = $1 AND sink = $2 AND source = $3 AND split = ANY ($4::text[])`,
      values: [this.#job, this.#sink, source, splits],
    });
    const found = new Map(rows.map(([split, position]) => [split as string, position as string]));
    const known = this.#of(source);
    for (const split of splits) {
      const position = found.get(split);
      if (position === undefined) known.delete(split);
      else known.set(split, position);
    }
    return found;
  }

  async forget(connection: Connection): Promise<void> {
    await this.#ensure(connection);
    await connection.query({
      text: `DELETE FROM ${quoteTable(this.name)} WHERE job = $1 AND sink = $2`,
      values: [this.#job, this.#sink],
    });
    this.#known.clear();
  }

  /** Which positions a checkpoint moves, against what is known to be stored. */
  changes(checkpoint: Checkpoint): PositionChanges {
    const sources: string[] = [];
    const splits: string[] = [];
    const expected: (string | null)[] = [];
    const next: string[] = [];
    for (const [source, positions] of checkpoint.positions) {
      const known = this.#of(source);
      for (const [split, position] of positions) {
        const stored = known.get(split);
        if (stored === position) continue;
        sources.push(source);
        splits.push(split);
        expected.push(stored ?? null);
        next.push(position);
      }
    }
    return { sources, splits, expected, next };
  }

  /** Parameters of the statement part that moves positions. */
  parameters({ sources, splits, expected, next }: PositionChanges): unknown[] {
    return [this.#job, this.#sink, sources, splits, expected, next, splits.length];
  }

  /** The changes are durable. */
  committed({ sources, splits, next }: PositionChanges): void {
    for (const [i, source] of sources.entries()) this.#of(source).set(splits[i]!, next[i]!);
  }

  /** What stands there now instead of what was expected, as `split: expected → found`, for a message. */
  async conflicts(connection: Connection, changes: PositionChanges): Promise<string[]> {
    const { rows } = await connection.query({
      text: `SELECT source, split, position FROM ${quoteTable(this.name)} WHERE job = $1 AND sink = $2`,
      values: [this.#job, this.#sink],
    });
    const stored = new Map(rows.map(([source, split, position]) => [`${source}\0${split}`, position as string]));
    return changes.splits.flatMap((split, i) => {
      const found = stored.get(`${changes.sources[i]}\0${split}`) ?? null;
      const expected = changes.expected[i]!;
      return found === expected ? [] : [`${split} is at ${found ?? 'no position'}, not at ${expected ?? 'none'}`];
    });
  }

  /** Why the table cannot be used, with what helps; undefined where it can or can be created. */
  async obstacle(connection: Connection): Promise<{ message: string; fix: string } | undefined> {
    const { rows } = await connection.query({
      text: `SELECT current_user::text, n.oid IS NOT NULL, c.oid IS NOT NULL,
  CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(n.oid, 'CREATE') END,
  c.oid IS NULL OR (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
    AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1::name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2::name`,
      values: [this.name.schema, this.name.table],
    });
    const [user, , exists, mayCreate, mayUse] = rows[0] as [string, boolean, boolean, boolean, boolean];
    const grantee = quoteName(user);
    if (exists && !mayUse) {
      return {
        message: `user '${user}' may not use ${tableText(this.name)}, where the job keeps its positions`,
        fix: `GRANT SELECT, INSERT, UPDATE, DELETE ON ${quoteTable(this.name)} TO ${grantee}`,
      };
    }
    if (!exists && !mayCreate) {
      return {
        message: `user '${user}' may not create ${tableText(this.name)}, where the job keeps its positions`,
        fix: `name another place with option 'checkpoint-table', or let its owner run:
${this.createStatement};
GRANT SELECT, INSERT, UPDATE, DELETE ON ${quoteTable(this.name)} TO ${grantee}`,
      };
    }
    return undefined;
  }

  #of(source: string): Map<string, string> {
    let known = this.#known.get(source);
    if (known === undefined) {
      known = new Map();
      this.#known.set(source, known);
    }
    return known;
  }

  /** Checks, once, that the table can be used, and creates it where it is missing. */
  #ensure(connection: Connection): Promise<void> {
    this.#checked ??= this.#create(connection);
    return this.#checked;
  }

  async #create(connection: Connection): Promise<void> {
    const obstacle = await this.obstacle(connection);
    if (obstacle !== undefined) throw new RunError('jdbc-checkpoint', obstacle.message, { help: obstacle.fix });
    await createMissing(connection, this.name, this.createStatement);
  }
}
