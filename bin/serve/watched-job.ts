import type { PipelineStatus } from '../../engine/index.ts';
import type { RowsView } from '../dashboard/messages.ts';
import type { PassingPlace } from '../thread-job.ts';

/** A running job as those who watch it see it: metrics, alerts, dashboard, `cryptopipe status`. */
export interface WatchedJob {
  readonly name: string;
  /** As the user named it. */
  readonly file: string;
  readonly pipelines: readonly PipelineStatus[];
  /** What connectors counted, by table and name. */
  counted(): ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Rows of its workers in other threads; absent where it has none. */
  readonly watchRows?: WatchRows;
  stop(): void;
}

/**
 * Gives `take` a sample of the rows that pass at a place in each of the other workers, with `secrets` hidden, until the
 * function that it returns is called.
 */
export type WatchRows = (
  place: PassingPlace,
  secrets: readonly string[],
  take: (worker: number, rows: RowsView) => void,
) => () => void;
