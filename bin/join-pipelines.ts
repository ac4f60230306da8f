import type { PipelineStatus } from '../engine/index.ts';
import { addCounts } from './add-counts.ts';
import type { ThreadStatus } from './thread-job.ts';

const worstFirst = ['failed', 'degraded', 'starting', 'running', 'finished'] as const;

type Totals = Pick<
  PipelineStatus,
  'rowsIn' | 'rowsOut' | 'rowsRead' | 'heldBack' | 'commits' | 'lastCommit' | 'restarts' | 'commitTime' | 'latency'
>;

/** A pipeline of all its workers together: totals are added up, its state is that of the worker that fares worst. */
export function joinPipelines(own: PipelineStatus, others: () => readonly ThreadStatus[]): PipelineStatus {
  const all = () => [own, ...others()];
  const sum = (of: (status: Totals) => number) => total(all(), of);
  return {
    ...own,
    get state() {
      return worstFirst.find((state) => all().some((s) => s.state === state)) ?? own.state;
    },
    get rowsIn() {
      return sum((s) => s.rowsIn);
    },
    get rowsOut() {
      return sum((s) => s.rowsOut);
    },
    get rowsRead() {
      return addCounts(all().map((s) => s.rowsRead));
    },
    get heldBack() {
      return addCounts(all().map((s) => s.heldBack));
    },
    get commitTime() {
      return merged(all().map((s) => s.commitTime));
    },
    get latency() {
      return merged(all().map((s) => s.latency));
    },
    get commits() {
      return sum((s) => s.commits);
    },
    get lastCommit() {
      return newest(all());
    },
    get restarts() {
      return sum((s) => s.restarts);
    },
    get lastError() {
      return all()
        .map((s) => s.lastError)
        .find((error) => error !== undefined);
    },
    lag: () => [...own.lag(), ...others().flatMap((s) => s.lag)],
  };
}

/** What a worker that is gone leaves to its successor: its totals, so that counters never fall. */
export function inherit(status: ThreadStatus, from: ThreadStatus | undefined): ThreadStatus {
  if (from === undefined) return status;
  const both = [status, from];
  return {
    ...status,
    rowsIn: total(both, (s) => s.rowsIn),
    rowsOut: total(both, (s) => s.rowsOut),
    rowsRead: addCounts(both.map((s) => s.rowsRead)),
    heldBack: addCounts(both.map((s) => s.heldBack)),
    commitTime: merged(both.map((s) => s.commitTime)),
    latency: merged(both.map((s) => s.latency)),
    commits: total(both, (s) => s.commits),
    lastCommit: newest(both),
    restarts: total(both, (s) => s.restarts),
  };
}

function total(parts: readonly Totals[], of: (status: Totals) => number): number {
  return parts.reduce((sum, status) => sum + of(status), 0);
}

function newest(parts: readonly Totals[]): number | undefined {
  const time = Math.max(...parts.map((s) => s.lastCommit ?? 0));
  return time === 0 ? undefined : time;
}

function merged(parts: readonly PipelineStatus['latency'][]): PipelineStatus['latency'] {
  const { bounds, counts } = parts[0]!;
  return {
    bounds,
    counts: counts.map((_, range) => parts.reduce((sum, part) => sum + part.counts[range]!, 0)),
    sum: parts.reduce((sum, part) => sum + part.sum, 0),
  };
}
