import type { RowBatch } from '../types/batch.ts';
import type { Positions } from './source.ts';

/** What a commit makes durable beside the rows: for each source of the pipeline the positions of its splits. */
export interface Checkpoint {
  readonly positions: ReadonlyMap<string, Positions>;
}

/** What a worker tells the other workers of its job. */
export interface Holdings {
  /** Source → the splits that it reads, or is about to read. */
  readonly splits: ReadonlyMap<string, readonly string[]>;
  /** Bounded sources whose splits it read to their end and left. */
  readonly ended: readonly string[];
}

/** Another worker of the job that lives. */
export interface Peer extends Holdings {
  readonly id: string;
}

/**
 * Writes one table. Lives from `open` to `close`; after an error it is closed without commit and a new one is created.
 *
 * The runtime calls `write` for each batch and `commit` when `pending` reaches `flush.maxRows`, when `flush.interval`
 * has passed since the first uncommitted row, when the sources are idle, and at the end. While a commit is in flight
 * further batches may be written; they belong to the next commit. There is one commit in flight at a time.
 */
export interface Sink {
  /** Connects, checks the target against the table and reports everything that is wrong in one `RunError`. */
  open(): Promise<void>;
  /**
   * Takes a batch whose columns are the sink table's (physical, then writable metadata columns; see CreateSink).
   * A promise holds the sources back.
   */
  write(batch: RowBatch): void | Promise<void>;
  /** Rows that the next commit would write (after reduction by key). */
  readonly pending: number;
  /** false: nothing outlives the process (print, blackhole), so no checkpoint is kept either; true where absent. */
  readonly durable?: boolean;
  readonly flush: { readonly maxRows: number; readonly interval: number };
  /** Makes all rows written so far durable, together with the checkpoint where the sink keeps checkpoints itself. */
  commit(checkpoint: Checkpoint): Promise<void>;
  /**
   * Present where rows and checkpoints are kept in one transaction (exactly once): committed positions of one source's
   * splits. Sinks without it get their checkpoints from a file (at least once).
   */
  restore?(source: string, splits: readonly string[]): Promise<Positions>;
  /** Forgets the job's checkpoint (`run --fresh`); called after `open`, only where `restore` is present. */
  forget?(): Promise<void>;
  /**
   * Present where workers in several processes can share the job: tells the others what this one holds, and returns
   * them as they are after that. Called first after `open` and about every second from then on; whoever was not heard of
   * for the worker's `timeout` is left out, and must be kept from committing what it holds.
   */
  meet?(holdings: Holdings): Promise<readonly Peer[]>;
  /** Tells the others that this worker holds nothing any more; called last before `close`. */
  leave?(): Promise<void>;
  /**
   * Lets `other` share this sink's commits: what is written to it, even while a commit is in flight and waits for
   * `Rejects.refuse`, becomes durable in the same transaction, and `other.commit` is not called. False where it cannot:
   * another database. Called before `open` of both.
   */
  join?(other: Sink): boolean;
  close(): Promise<void>;
}
