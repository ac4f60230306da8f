import type { SplitLag } from '../connector/source.ts';
import { createHistogram, type Histogram, secondBounds } from './histogram.ts';

/** 'degraded': an attempt failed for a passing reason and is being repeated. */
export type PipelineState = 'starting' | 'running' | 'degraded' | 'finished' | 'failed';

/** Live figures of one pipeline, updated in place by the runtime and read by status lines and metrics. */
export interface PipelineStatus {
  readonly name: string;
  state: PipelineState;
  /** Rows that the sources gave, and rows that commits wrote. */
  rowsIn: number;
  rowsOut: number;
  /** Rows that each source gave, by its id. */
  readonly rowsRead: Map<string, number>;
  /** Milliseconds that each source waited for operators and sink since the start, by its id. */
  readonly heldBack: Map<string, number>;
  commits: number;
  /** Milliseconds since 1970; undefined before the first commit. */
  lastCommit: number | undefined;
  /** Attempts that failed for a passing reason and were repeated. */
  restarts: number;
  lastError: string | undefined;
  /** Seconds that commits took. */
  readonly commitTime: Histogram;
  /** Seconds from the timestamp of a split's newest record to the commit that made it durable. */
  readonly latency: Histogram;
  /** Asks the sources; `source` is the id of each. */
  lag: () => readonly SourceLag[];
}

export interface SourceLag extends SplitLag {
  readonly source: string;
}

export function createStatus(name: string): PipelineStatus {
  return {
    name,
    state: 'starting',
    rowsIn: 0,
    rowsOut: 0,
    rowsRead: new Map(),
    heldBack: new Map(),
    commits: 0,
    lastCommit: undefined,
    restarts: 0,
    lastError: undefined,
    commitTime: createHistogram(secondBounds),
    latency: createHistogram(secondBounds),
    lag: () => [],
  };
}
