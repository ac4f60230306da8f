import type { SplitLag } from '../connector/source.ts';

/** 'degraded': an attempt failed for a passing reason and is being repeated. */
export type PipelineState = 'starting' | 'running' | 'degraded' | 'finished' | 'failed';

/** Live figures of one pipeline, updated in place by the runtime and read by status lines and metrics. */
export interface PipelineStatus {
  readonly name: string;
  state: PipelineState;
  /** Rows that the sources gave, and rows that commits wrote. */
  rowsIn: number;
  rowsOut: number;
  commits: number;
  /** Milliseconds since 1970; undefined before the first commit. */
  lastCommit: number | undefined;
  attempts: number;
  lastError: string | undefined;
  /** Asks the sources. */
  lag: () => readonly SplitLag[];
}

export function createStatus(name: string): PipelineStatus {
  return {
    name,
    state: 'starting',
    rowsIn: 0,
    rowsOut: 0,
    commits: 0,
    lastCommit: undefined,
    attempts: 0,
    lastError: undefined,
    lag: () => [],
  };
}
