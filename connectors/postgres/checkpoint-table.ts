import { RunError } from '../../engine/connector/errors.ts';
import type { Checkpoint } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { Connection } from './connection.ts';
import { createMissing } from './create-missing.ts';
import { quoteName } from './quote.ts';
import { quoteTable, type TableName, tableText } from './table-name.ts';

const CHECKPOINT_TABLE = 'cryptopipe_checkpoint';

/** The table of positions: the one that an option gives, else the usual one; in `schema`, that of the rows' table. */
export function checkpointTableName(given: TableName | undefined, schema: string): Required<TableName> {
  return { schema: given?.schema ?? schema, table: given?.table ?? CHECKPOINT_TABLE };
}

/** Positions that a commit moves, as parallel lists. */
export interface PositionChanges {
  readonly sources: readonly string[];
  readonly splits: readonly string[];
  /** null: the split has no position yet. */
  readonly expected: readonly (string | null)[];
  /** null: the split was never seen. */
  readonly epochs: readonly (number | null)[];
  readonly next: readonly string[];
  readonly nextEpochs: readonly number[];
}

/** Why the table cannot be used, with what helps. */
interface Obstacle {
  readonly kind: 'obstacle';
  readonly message: string;
  readonly fix: string;
}

/** What stands, or is to stand, for a split. */
interface Stored {
  /** null: forgotten by `--fresh`. */
  readonly position: string | null;
  /** Grows with every change, so that a position that comes round again is not taken for the one that was read. */
  readonly epoch: number;
}

/**
 * The positions of one sink, stored beside its rows. Remembers what this worker read or wrote last for each split: that
 * is what must still stand there when it writes again. Forgotten positions leave their epochs behind: a worker from
 * before must not pass for one that begins.
 */
export class CheckpointTable {
  readonly name: Required<TableName>;
  readonly #job: string;
  readonly #sink: string;
  readonly #known = new Map<string, Map<string, Stored>>();
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
  position text,
  epoch bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (job, sink, source, split)
) WITH (fillfactor = 50)`;
  }

  /** The statement that lets a table of earlier versions be used. Its workers may go on beside those of this one. */
  get migrateStatement(): string {
    return `ALTER TABLE ${quoteTable(this.name)} ADD COLUMN IF NOT EXISTS epoch bigint NOT NULL DEFAULT 0, ALTER COLUMN position DROP NOT NULL`;
  }

  async restore(connection: Connection, source: string, splits: readonly string[]): Promise<Positions> {
    await this.ensure(connection);
    const { rows } = await connection.query({
      text: `SELECT split, position, epoch::float8 FROM ${quoteTable(this.name)}
WHERE job = $1 AND sink = $2 AND source = $3 AND split = ANY ($4::text[])`,
      values: [this.#job, this.#sink, source, splits],
    });
    const known = this.#of(source);
    for (const split of splits) known.delete(split);
    const found = new Map<string, string>();
    for (const [split, position, epoch] of rows as [string, string | null, number][]) {
      known.set(split, { position, epoch });
      if (position !== null) found.set(split, position);
    }
    return found;
  }

  async forget(connection: Connection): Promise<void> {
    await this.ensure(connection);
    await connection.query({
      text: `UPDATE ${quoteTable(this.name)} SET position = NULL, epoch = epoch + 1, updated_at = now()
WHERE job = $1 AND sink = $2 AND source <> ''`,
      values: [this.#job, this.#sink],
    });
    this.#known.clear();
  }

  /** Which positions a checkpoint moves, against what is known to be stored. */
  changes(checkpoint: Checkpoint): PositionChanges {
    const sources: string[] = [];
    const splits: string[] = [];
    const expected: (string | null)[] = [];
    const epochs: (number | null)[] = [];
    const next: string[] = [];
    const nextEpochs: number[] = [];
    for (const [source, positions] of checkpoint.positions) {
      const known = this.#of(source);
      for (const [split, position] of positions) {
        const stored = known.get(split);
        if (stored?.position === position) continue;
        sources.push(source);
        splits.push(split);
        expected.push(stored?.position ?? null);
        epochs.push(stored?.epoch ?? null);
        next.push(position);
        // The clock: where somebody deleted a row, its epochs do not come round again either.
        nextEpochs.push(stored === undefined ? Date.now() : stored.epoch + 1);
      }
    }
    return { sources, splits, expected, epochs, next, nextEpochs };
  }

  /** Parameters of the statement part that moves positions. */
  parameters({ sources, splits, expected, epochs, next, nextEpochs }: PositionChanges): unknown[] {
    return [this.#job, this.#sink, sources, splits, expected, epochs, next, nextEpochs, splits.length];
  }

  /** The changes are durable. */
  committed({ sources, splits, next, nextEpochs }: PositionChanges): void {
    for (const [i, source] of sources.entries()) {
      this.#of(source).set(splits[i]!, { position: next[i]!, epoch: nextEpochs[i]! });
    }
  }

  /** What stands there now instead of what was expected, as `split: expected → found`, for a message. */
  async conflicts(connection: Connection, changes: PositionChanges): Promise<string[]> {
    const { rows } = await connection.query({
      text: `SELECT source, split, position, epoch::float8 FROM ${quoteTable(this.name)} WHERE job = $1 AND sink = $2`,
      values: [this.#job, this.#sink],
    });
    const stored = new Map(
      (rows as [string, string, string | null, number][]).map(([source, split, position, epoch]) => [
        `${source}\0${split}`,
        { position, epoch },
      ]),
    );
    return changes.splits.flatMap((split, i) => {
      const found = stored.get(`${changes.sources[i]}\0${split}`);
      const expected = changes.expected[i]!;
      if ((found?.position ?? null) !== expected) {
        return [`${split} is at ${found?.position ?? 'no position'}, not at ${expected ?? 'none'}`];
      }
      if ((found?.epoch ?? null) === changes.epochs[i]!) return [];
      return [`${split} was begun anew since this worker read its position (${expected ?? 'none'})`];
    });
  }

  /** Why the table cannot be used, with what helps; undefined where it can or can be created. */
  async obstacle(connection: Connection): Promise<Obstacle | undefined> {
    const state = await this.#look(connection);
    return state.kind === 'obstacle' ? state : undefined;
  }

  async #look(connection: Connection): Promise<Obstacle | { readonly kind: 'ready' | 'missing' | 'old' }> {
    const { rows } = await connection.query({
      text: `SELECT current_user::text, n.oid IS NOT NULL, c.oid IS NOT NULL,
  CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(n.oid, 'CREATE') END,
  c.oid IS NULL OR (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
    AND has_table_privilege(c.oid, 'UPDATE')),
  c.oid IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attname = 'epoch' AND NOT attisdropped),
  c.oid IS NULL OR pg_has_role(c.relowner, 'USAGE')
FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1::name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2::name`,
      values: [this.name.schema, this.name.table],
    });
    const [user, , exists, mayCreate, mayUse, current, mayAlter] = rows[0] as [string, ...boolean[]];
    const grantee = quoteName(user);
    if (exists && !mayUse) {
      return {
        kind: 'obstacle',
        message: `user '${user}' may not use ${tableText(this.name)}, where the job keeps its positions`,
        fix: `GRANT SELECT, INSERT, UPDATE ON ${quoteTable(this.name)} TO ${grantee}`,
      };
    }
    if (!exists && !mayCreate) {
      return {
        kind: 'obstacle',
        message: `user '${user}' may not create ${tableText(this.name)}, where the job keeps its positions`,
        fix: `name another place with option 'checkpoint-table', or let its owner run:
${this.createStatement};
GRANT SELECT, INSERT, UPDATE ON ${quoteTable(this.name)} TO ${grantee}`,
      };
    }
    if (!current && !mayAlter) {
      return {
        kind: 'obstacle',
        message: `${tableText(this.name)}, where the job keeps its positions, is of an earlier version and not owned by user '${user}'`,
        fix: `let its owner run: ${this.migrateStatement}`,
      };
    }
    return { kind: !exists ? 'missing' : current ? 'ready' : 'old' };
  }

  #of(source: string): Map<string, Stored> {
    let known = this.#known.get(source);
    if (known === undefined) {
      known = new Map();
      this.#known.set(source, known);
    }
    return known;
  }

  /** Checks, once, that the table can be used, and creates it where it is missing. */
  ensure(connection: Connection): Promise<void> {
    this.#checked ??= this.#create(connection);
    return this.#checked;
  }

  async #create(connection: Connection): Promise<void> {
    const state = await this.#look(connection);
    if (state.kind === 'obstacle') throw new RunError('jdbc-checkpoint', state.message, { help: state.fix });
    if (state.kind === 'missing') await createMissing(connection, this.name, this.createStatement);
    if (state.kind === 'old') await connection.query({ text: this.migrateStatement });
  }
}
