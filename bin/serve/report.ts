import { packageVersion } from '../package.ts';
import type { WatchedJob } from './watched-job.ts';

/** What `cryptopipe status` and `/status` tell of a process; plain JSON. */
export interface ProcessReport {
  readonly pid: number;
  readonly version: string;
  /** ISO 8601. */
  readonly started: string;
  readonly memoryBytes: number;
  readonly jobs: readonly JobReport[];
}

export interface JobReport {
  readonly name: string;
  readonly file: string;
  readonly pipelines: readonly {
    readonly name: string;
    readonly state: string;
    readonly rowsIn: number;
    readonly rowsOut: number;
    readonly commits: number;
    readonly restarts: number;
    /** Milliseconds since 1970. */
    readonly lastCommit?: number;
    readonly lastError?: string;
    /** Records behind, all splits together; absent where unknown. */
    readonly lag?: number;
  }[];
}

const started = new Date(Date.now() - Math.round(process.uptime() * 1000)).toISOString();

export function reportProcess(jobs: readonly WatchedJob[]): ProcessReport {
  return {
    pid: process.pid,
    version: packageVersion(),
    started,
    memoryBytes: process.memoryUsage.rss(),
    jobs: jobs.map((job) => ({
      name: job.name,
      file: job.file,
      pipelines: job.pipelines.map((p) => {
        const lags = p.lag().flatMap(({ records }) => (records === undefined ? [] : [records]));
        return {
          name: p.name,
          state: p.state,
          rowsIn: p.rowsIn,
          rowsOut: p.rowsOut,
          commits: p.commits,
          restarts: p.restarts,
          ...(p.lastCommit === undefined ? {} : { lastCommit: p.lastCommit }),
          ...(p.lastError === undefined || p.state === 'running' ? {} : { lastError: p.lastError }),
          ...(lags.length === 0 ? {} : { lag: lags.reduce((a, b) => a + b, 0) }),
        };
      }),
    })),
  };
}

/** Connected and making progress: what `/readyz` answers. */
export function isReady(jobs: readonly WatchedJob[]): boolean {
  return (
    jobs.length > 0 &&
    jobs.every((job) => job.pipelines.every(({ state }) => state === 'running' || state === 'finished'))
  );
}
