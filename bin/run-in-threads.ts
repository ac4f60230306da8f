import { Worker } from 'node:worker_threads';
import { type Log, type PipelineStatus, RunError, type StartedJob } from '../engine/index.ts';
import { addCounts } from './add-counts.ts';
import type { ThreadJob, ThreadMessage, ThreadStatus } from './thread-job.ts';

/** How often it is looked whether the first worker reads, and how long a crashed thread rests, ms. */
const LOOK_EVERY = 20;
const REST = 1000;

/**
 * Lets further workers of a job run in threads beside `first`, which runs here; they start once it reads, so that one
 * worker decides where the job begins. The answer is the job as a whole. A thread that crashes is started again; what
 * fails for a lasting reason stops them all.
 */
export function runInThreads(first: StartedJob, log: Log, job: Omit<ThreadJob, 'worker'>, count: number): StartedJob {
  const threads = Array.from(
    { length: count - 1 },
    (_, i) => new JobThread({ ...job, worker: { index: i + 1, count } }, log),
  );
  let stopped = false;
  const stop = () => {
    stopped = true;
    first.stop();
    for (const thread of threads) thread.stop();
  };
  const started = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const ready = first.pipelines.every((p) => p.state === 'running' || p.state === 'finished');
      if (!ready && !stopped) return;
      clearInterval(timer);
      resolve();
    }, LOOK_EVERY);
  });
  const others = started.then(() => Promise.all(threads.map((thread) => (stopped ? undefined : thread.run()))));
  const orStop = (done: Promise<unknown>) =>
    done.catch((error: unknown) => {
      stop();
      throw error;
    });
  const done = Promise.allSettled([orStop(first.done), orStop(others)]).then((results) => {
    const failed = results.find((r) => r.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  });
  return {
    pipelines: first.pipelines.map((own, i) => joined(own, () => threads.flatMap((t) => t.pipelines[i] ?? []))),
    get counted() {
      return addCounts([first.counted, ...threads.map((t) => t.counted)]);
    },
    get countedByTable() {
      const all = [first.countedByTable, ...threads.map((t) => t.countedByTable)];
      const tables = new Set(all.flatMap((counts) => [...counts.keys()]));
      return new Map([...tables].map((table) => [table, addCounts(all.flatMap((counts) => counts.get(table) ?? []))]));
    },
    done,
    stop,
  };
}

/** One worker in a thread of its own, over crashes. */
class JobThread {
  pipelines: readonly ThreadStatus[] = [];
  counted: ReadonlyMap<string, number> = new Map();
  countedByTable: StartedJob['countedByTable'] = new Map();
  readonly #job: ThreadJob;
  readonly #log: Log;
  #thread: Worker | undefined;
  #stopped = false;

  constructor(job: ThreadJob, log: Log) {
    this.#job = job;
    this.#log = log;
  }

  stop(): void {
    this.#stopped = true;
    this.#thread?.postMessage('stop');
  }

  /** Resolves when its part is read to the end or stopped; rejects for a lasting reason. */
  async run(): Promise<void> {
    for (;;) {
      const crash = await this.#once();
      if (crash === undefined || this.#stopped) return;
      const { index } = this.#job.worker;
      this.#log.error('worker_crashed', { worker: index, reason: crash });
      await new Promise((resolve) => setTimeout(resolve, REST));
      if (this.#stopped) return;
    }
  }

  #tell({ level, component, event, fields }: ThreadMessage & { readonly kind: 'log' }): void {
    const log = (component === undefined ? undefined : this.#log.component?.(component)) ?? this.#log;
    log[level](event, { ...fields, worker: this.#job.worker.index });
  }

  /** Resolves with why the thread crashed, or undefined. */
  #once(): Promise<string | undefined> {
    const thread = new Worker(new URL('./job-thread.js', import.meta.url), { workerData: this.#job });
    this.#thread = thread;
    return new Promise((resolve, reject) => {
      let ended = false;
      let reason = 'the thread ended';
      thread.on('message', (message: ThreadMessage) => {
        switch (message.kind) {
          case 'log':
            this.#tell(message);
            return;
          case 'status':
            this.pipelines = message.pipelines;
            this.counted = message.counted;
            this.countedByTable = message.countedByTable;
            return;
          case 'failed':
            if (message.code === undefined) reject(new Error(message.reason));
            else reject(new RunError(message.code, message.reason, { help: message.help }));
            return;
          case 'ended':
            ended = true;
        }
      });
      thread.on('error', (error) => {
        reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      });
      thread.on('exit', () => resolve(ended ? undefined : reason));
    });
  }
}

function merged(parts: readonly PipelineStatus['latency'][]): PipelineStatus['latency'] {
  const { bounds, counts } = parts[0]!;
  return {
    bounds,
    counts: counts.map((_, range) => parts.reduce((total, part) => total + part.counts[range]!, 0)),
    sum: parts.reduce((total, part) => total + part.sum, 0),
  };
}

/** A pipeline of all workers together. */
function joined(own: PipelineStatus, others: () => readonly ThreadStatus[]): PipelineStatus {
  const order = ['failed', 'degraded', 'starting', 'running', 'finished'] as const;
  const sum = (of: (status: PipelineStatus | ThreadStatus) => number) =>
    of(own) + others().reduce((total, status) => total + of(status), 0);
  const newest = () => Math.max(...[own, ...others()].map((s) => s.lastCommit ?? 0));
  return {
    ...own,
    get state() {
      return order.find((state) => [own, ...others()].some((s) => s.state === state)) ?? own.state;
    },
    get rowsIn() {
      return sum((s) => s.rowsIn);
    },
    get rowsOut() {
      return sum((s) => s.rowsOut);
    },
    get rowsRead() {
      return addCounts([own, ...others()].map((s) => s.rowsRead));
    },
    get heldBack() {
      return addCounts([own, ...others()].map((s) => s.heldBack));
    },
    get commitTime() {
      return merged([own, ...others()].map((s) => s.commitTime));
    },
    get latency() {
      return merged([own, ...others()].map((s) => s.latency));
    },
    get commits() {
      return sum((s) => s.commits);
    },
    get lastCommit() {
      return newest() === 0 ? undefined : newest();
    },
    get attempts() {
      return sum((s) => s.attempts);
    },
    get lastError() {
      return [own, ...others()].map((s) => s.lastError).find((error) => error !== undefined);
    },
    lag: () => [...own.lag(), ...others().flatMap((s) => s.lag)],
  };
}
