import { collectDefaultMetrics, type MetricObject, Registry } from 'prom-client';
import type { Histogram, PipelineStatus } from '../../engine/index.ts';
import type { WatchedJob } from './watched-job.ts';

/** One metric, declared once: its name, what it means, and its samples from the state of a job. */
interface Declared {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  samples(job: WatchedJob): Iterable<Sample>;
}

interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly metricName?: string;
}

const states = ['starting', 'running', 'degraded', 'finished', 'failed'] as const;

/** Every metric of cryptopipe's own; `docs/operations.md` lists them and a test produces each. */
export const metricDeclarations: readonly Declared[] = [
  {
    name: 'cryptopipe_rows_read_total',
    help: 'Rows that a source table gave.',
    type: 'counter',
    labels: ['job', 'pipeline', 'table'],
    *samples({ pipelines }) {
      for (const pipeline of pipelines) {
        for (const [table, value] of pipeline.rowsRead) yield { value, labels: { pipeline: pipeline.name, table } };
      }
    },
  },
  each('cryptopipe_rows_written_total', 'Rows that commits made durable in a sink table.', 'counter', (p) => p.rowsOut),
  each('cryptopipe_commits_total', 'Commits of a sink table.', 'counter', (p) => p.commits),
  each(
    'cryptopipe_restarts_total',
    'Attempts that failed for a passing reason and were repeated.',
    'counter',
    (p) => p.restarts,
  ),
  {
    name: 'cryptopipe_pipeline_state',
    help: `1 for the state that a pipeline is in: ${states.join(', ')}.`,
    type: 'gauge',
    labels: ['job', 'table', 'state'],
    *samples({ pipelines }) {
      for (const { name, state } of pipelines) {
        for (const each of states) yield { value: each === state ? 1 : 0, labels: { table: name, state: each } };
      }
    },
  },
  {
    name: 'cryptopipe_last_commit_timestamp_seconds',
    help: 'When a sink table was last committed, in seconds since 1970.',
    type: 'gauge',
    labels: ['job', 'table'],
    *samples({ pipelines }) {
      for (const { name, lastCommit } of pipelines) {
        if (lastCommit !== undefined) yield { value: lastCommit / 1000, labels: { table: name } };
      }
    },
  },
  {
    name: 'cryptopipe_lag_records',
    help: 'Records between the position of a split and its newest record.',
    type: 'gauge',
    labels: ['job', 'table', 'split'],
    *samples({ pipelines }) {
      for (const { source, split, records } of pipelines.flatMap((p) => p.lag())) {
        if (records !== undefined) yield { value: records, labels: { table: source, split } };
      }
    },
  },
  {
    name: 'cryptopipe_lag_seconds',
    help: 'Age of the newest record read from a split that has more to read; 0 where everything is read.',
    type: 'gauge',
    labels: ['job', 'table', 'split'],
    *samples({ pipelines }) {
      const now = Date.now();
      for (const { source, split, records, timestamp } of pipelines.flatMap((p) => p.lag())) {
        const behind = records === 0 ? 0 : timestamp === undefined ? undefined : Math.max(0, now - timestamp) / 1000;
        if (behind !== undefined) yield { value: behind, labels: { table: source, split } };
      }
    },
  },
  histogram(
    'cryptopipe_latency_seconds',
    "From the timestamp of a split's newest record to the commit that made it durable.",
    (p) => p.latency,
  ),
  histogram('cryptopipe_commit_duration_seconds', 'How long commits took.', (p) => p.commitTime),
  counted('cryptopipe_bytes_read_total', 'Bytes that a source received, as the server sent them.', 'bytes_read'),
  counted('cryptopipe_bytes_written_total', 'Bytes that a sink sent.', 'bytes_written'),
  counted('cryptopipe_reconnects_total', 'Connections that were lost and made again.', 'reconnects'),
  {
    name: 'cryptopipe_rejected_total',
    help: 'Records, rows and fields that were left out, whether or not they became dead letters, by reason.',
    type: 'counter',
    labels: ['job', 'table', 'reason'],
    *samples({ counted }) {
      for (const [table, counts] of counted()) {
        for (const [name, value] of counts) {
          const reason = rejectionOf(name);
          if (reason !== undefined) yield { value, labels: { table, reason } };
        }
      }
    },
  },
  counted('cryptopipe_dead_letters_total', 'Records and rows that were kept as dead letters.', 'dead_letters'),
  {
    name: 'cryptopipe_events_total',
    help: 'What else connectors counted, e.g. rate_limited.',
    type: 'counter',
    labels: ['job', 'table', 'event'],
    *samples({ counted }) {
      for (const [table, counts] of counted()) {
        for (const [name, value] of counts) {
          if (rejectionOf(name) === undefined && !own.has(name)) yield { value, labels: { table, event: name } };
        }
      }
    },
  },
];

/** Counters that have a metric of their own. */
const own = new Set(['bytes_read', 'bytes_written', 'reconnects', 'dead_letters', 'rejected_late']);

/** The reason that a counter stands for, if it counts what was left out. */
function rejectionOf(name: string): string | undefined {
  // Late rows are counted whether or not they are kept; 'rejected_late' are those that are.
  if (name === 'rows_late') return 'late';
  if (name === 'rejected_late') return undefined;
  if (name.startsWith('rejected_')) return name.slice('rejected_'.length);
  return /^(records|fields|rows)_(skipped|dropped)/.test(name) ? name : undefined;
}

function each(name: string, help: string, type: 'counter' | 'gauge', value: (p: PipelineStatus) => number): Declared {
  return {
    name,
    help,
    type,
    labels: ['job', 'table'],
    *samples({ pipelines }) {
      for (const pipeline of pipelines) yield { value: value(pipeline), labels: { table: pipeline.name } };
    },
  };
}

function counted(name: string, help: string, counter: string): Declared {
  return {
    name,
    help,
    type: 'counter',
    labels: ['job', 'table'],
    *samples({ counted }) {
      for (const [table, counts] of counted()) {
        const value = counts.get(counter);
        if (value !== undefined) yield { value, labels: { table } };
      }
    },
  };
}

function histogram(name: string, help: string, of: (p: PipelineStatus) => Histogram): Declared {
  return {
    name,
    help,
    type: 'histogram',
    labels: ['job', 'table'],
    *samples({ pipelines }) {
      for (const pipeline of pipelines) {
        const { bounds, counts, sum } = of(pipeline);
        const labels = { table: pipeline.name };
        let below = 0;
        for (let i = 0; i < bounds.length; i++) {
          below += counts[i]!;
          yield { value: below, labels: { ...labels, le: String(bounds[i]) }, metricName: `${name}_bucket` };
        }
        below += counts[bounds.length]!;
        yield { value: below, labels: { ...labels, le: '+Inf' }, metricName: `${name}_bucket` };
        yield { value: sum, labels, metricName: `${name}_sum` };
        yield { value: below, labels, metricName: `${name}_count` };
      }
    },
  };
}

/** Metrics of the jobs and of the process; nothing is computed until somebody asks. */
export function createMetrics(jobs: readonly WatchedJob[]): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const metric of metricDeclarations) {
    // The registry only asks for names and values: figures are kept by the runtime, not by the library.
    registry.registerMetric({
      name: metric.name,
      get: () => Promise.resolve(snapshot(metric, jobs)),
      reset: () => {},
    } as unknown as Parameters<Registry['registerMetric']>[0]);
  }
  return registry;
}

function snapshot({ name, help, type, samples }: Declared, jobs: readonly WatchedJob[]): MetricObject {
  const values = jobs.flatMap((job) =>
    [...samples(job)].map((sample) => ({ ...sample, labels: { job: job.name, ...sample.labels } })),
  );
  return { name, help, type, aggregator: 'sum', values } as unknown as MetricObject;
}
