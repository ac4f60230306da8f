import type { RowBatch } from '../types/batch.ts';

/**
 * Split → position. A split is what one reader owns (a topic-partition, a symbol, a file), e.g. 'BTC-0'; its position
 * is the text of where reading goes on, e.g. the next offset '42'. Only the source itself understands a position.
 */
export type Positions = ReadonlyMap<string, string>;

/** Looks up committed positions; splits that were never committed are absent from the answer. */
export type RestorePositions = (splits: readonly string[]) => Promise<Positions>;

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
   * `restore` may be called again later for splits gained while running.
   */
  open(restore: RestorePositions): Promise<void>;
  /**
   * The next batch, with exactly the columns that were asked for, in that order; null once a bounded source is read.
   * Never called again before its promise settled. Rejects with the signal's reason when the signal aborts.
   * May resolve with an empty batch, e.g. where only positions moved.
   */
  poll(signal: AbortSignal): Promise<RowBatch | null>;
  /** Positions of all owned splits after the last polled batch, from `open` on. A new map on each call. */
  positions(): Positions;
  /** Tells the outside (e.g. group offsets, for lag dashboards) what was committed; never read back. */
  acknowledge?(positions: Positions): void;
  lag?(): readonly SplitLag[];
  close(): Promise<void>;
}
