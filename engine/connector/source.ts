import type { RowBatch } from '../types/batch.ts';

/**
 * Split → position. A split is what one reader owns (a topic-partition, a symbol, a file), e.g. 'BTC-0'; its position
 * is the text of where reading goes on, e.g. the next offset '42'. Only the source itself understands a position.
 */
export type Positions = ReadonlyMap<string, string>;

/** Looks up committed positions; splits that were never committed are absent from the answer. */
export type RestorePositions = (splits: readonly string[]) => Promise<Positions>;

/** Splits that a worker may read from now on, where several workers share a job. */
export interface Claim {
  /** Split → committed position; undefined where it was never committed. */
  readonly splits: ReadonlyMap<string, string | undefined>;
  /** No split of the source was ever committed: this is the job's first start. Otherwise a split without a position is
   * new, and to be read from its beginning. */
  readonly anew: boolean;
}

/** Asks which of the splits this worker may read; the others are given to `Source.acquire` when their time comes. */
export type ClaimSplits = (splits: readonly string[]) => Promise<Claim>;

/** How far behind a split is. */
export interface SplitLag {
  readonly split: string;
  /** Records between the position and the newest one; undefined where unknown. */
  readonly records?: number;
  /** Timestamp of the newest record read, in milliseconds since 1970. */
  readonly timestamp?: number;
}

/**
 * Reads one table. Lives from `open` to `close`; after an error it is closed and a new one is created.
 * Errors are `RunError`s where a user can do something about them.
 */
export interface Source {
  /**
   * Connects, finds the splits and seeks each to its restored position, or else to where the table's options say.
   * `restore` may be called again later for splits gained while running. A source that has `acquire` and `revoke` calls
   * `claim` instead, where it is given, for all splits that it finds, whenever it finds some.
   */
  open(restore: RestorePositions, claim?: ClaimSplits): Promise<void>;
  /** Takes splits that other workers read until now. Present together with `revoke`: splits can be shared. */
  acquire?(claim: Claim): Promise<void>;
  /** Stops reading splits, at once and between two polls; returns where others go on with them. */
  revoke?(splits: readonly string[]): Positions;
  /**
   * The next batch, with exactly the columns that were asked for, in that order; null once a bounded source is read.
   * Never called again before its promise settled. Rejects with the signal's reason when the signal aborts.
   * May resolve with an empty batch, e.g. where only positions moved.
   */
  poll(signal: AbortSignal): Promise<RowBatch | null>;
  /** Positions of all owned splits after the last polled batch, from `open` on. A new map on each call. */
  positions(): Positions;
  /**
   * The splits that are read at the same time and may give more rows: event time waits for each. Present where batches
   * name their splits.
   */
  openSplits?(): readonly string[];
  /** Tells the outside (e.g. group offsets, for lag dashboards) what was committed; never read back. */
  acknowledge?(positions: Positions): void;
  lag?(): readonly SplitLag[];
  close(): Promise<void>;
}
