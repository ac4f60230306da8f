import type { Histogram, PipelineStatus } from '../../engine/index.ts';
import type { WatchedJob } from '../serve/watched-job.ts';
import type { PipelineTick, SourceTick, Tick } from './messages.ts';

/** The counters of a pipeline when they were last looked at. */
interface Before {
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly rowsRead: ReadonlyMap<string, number>;
  readonly heldBack: ReadonlyMap<string, number>;
  readonly latency: readonly number[];
}

/** Makes rates of the counters of running jobs; looks only when it is asked, and counts nothing itself. */
export class Figures {
  readonly #before = new Map<string, Before>();
  #last: number | undefined;

  /** What happened since the last call; rates are 0 on the first. `now`: milliseconds since 1970. */
  tick(jobs: readonly WatchedJob[], now: number): Tick {
    const seconds = this.#last === undefined ? 0 : (now - this.#last) / 1000;
    this.#last = now;
    const pipelines = jobs.flatMap((job, j) =>
      job.pipelines.map((status, p) => {
        const key = `${j} ${p}`;
        const tick = pipelineTick(status, this.#before.get(key), seconds, now);
        this.#before.set(key, remember(status));
        return { job: j, pipeline: p, ...tick };
      }),
    );
    return { time: now, memoryBytes: process.memoryUsage.rss(), pipelines };
  }
}

function remember({ rowsIn, rowsOut, rowsRead, heldBack, latency }: PipelineStatus): Before {
  return {
    rowsIn,
    rowsOut,
    rowsRead: new Map(rowsRead),
    heldBack: new Map(heldBack),
    latency: [...latency.counts],
  };
}

function pipelineTick(
  status: PipelineStatus,
  before: Before | undefined,
  seconds: number,
  now: number,
): Omit<PipelineTick, 'job' | 'pipeline'> {
  const { state, rowsIn, rowsOut, lastCommit, lastError, restarts, latency } = status;
  // Figures of workers that were started again begin anew.
  const rate = (value: number, old: number | undefined) =>
    old === undefined || seconds <= 0 ? 0 : Math.max(0, value - old) / seconds;
  const lags = new Map<string, { records: number | null; seconds: number | null }>();
  for (const { source, records, timestamp } of status.lag()) {
    const lag = lags.get(source) ?? { records: null, seconds: null };
    if (records !== undefined) lag.records = (lag.records ?? 0) + records;
    const age = records === 0 ? 0 : timestamp === undefined ? undefined : Math.max(0, now - timestamp) / 1000;
    if (age !== undefined) lag.seconds = Math.max(lag.seconds ?? 0, age);
    lags.set(source, lag);
  }
  const ids = [...new Set([...status.rowsRead.keys(), ...lags.keys()])];
  const sources = ids.map((id): SourceTick => {
    const rows = status.rowsRead.get(id) ?? 0;
    const held = rate(status.heldBack.get(id) ?? 0, before?.heldBack.get(id) ?? 0) / 1000;
    return {
      id,
      rows,
      rate: rate(rows, before?.rowsRead.get(id) ?? (before === undefined ? undefined : 0)),
      lagRecords: lags.get(id)?.records ?? null,
      lagSeconds: lags.get(id)?.seconds ?? null,
      heldBack: Math.min(1, held),
    };
  });
  const fresh = latency.counts.map((n, i) => n - (before?.latency[i] ?? 0));
  return {
    state,
    lastError: state === 'running' ? null : (lastError ?? null),
    restarts,
    lastCommit: lastCommit ?? null,
    rowsIn,
    rowsOut,
    figures: {
      in: rate(rowsIn, before?.rowsIn),
      out: rate(rowsOut, before?.rowsOut),
      p50: quantile(latency.bounds, fresh, 0.5),
      p99: quantile(latency.bounds, fresh, 0.99),
      lagRecords: of(
        sources,
        (s) => s.lagRecords,
        (a, b) => a + b,
      ),
      lagSeconds: of(sources, (s) => s.lagSeconds, Math.max),
      heldBack: of(sources, (s) => s.heldBack, Math.max),
    },
    sources,
  };
}

function of(
  sources: readonly SourceTick[],
  value: (source: SourceTick) => number | null,
  join: (a: number, b: number) => number,
): number | null {
  const known = sources.map(value).filter((v) => v !== null);
  return known.length === 0 ? null : known.reduce((a, b) => join(a, b));
}

/** Where the share `q` of the counted values ends, on a straight line within its range; null where nothing was counted. */
export function quantile(bounds: Histogram['bounds'], counts: readonly number[], q: number): number | null {
  const total = counts.reduce((a, b) => a + b, 0);
  if (total <= 0) return null;
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (count > 0 && below + count >= q * total) {
      const from = i === 0 ? 0 : bounds[i - 1]!;
      // Nothing is known about what is above the last bound but that it is.
      return from + ((bounds[i] ?? from) - from) * ((q * total - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}
