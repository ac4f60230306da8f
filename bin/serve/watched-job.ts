import type { PipelineStatus } from '../../engine/index.ts';

/** A running job as those who watch it see it: metrics, alerts, dashboard, `cryptopipe status`. */
export interface WatchedJob {
  readonly name: string;
  /** As the user named it. */
  readonly file: string;
  readonly pipelines: readonly PipelineStatus[];
  /** What connectors counted, by table and name. */
  counted(): ReadonlyMap<string, ReadonlyMap<string, number>>;
  stop(): void;
}
