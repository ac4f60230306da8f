import { Worker } from 'node:worker_threads';
import { type Log, RunError, type StartedJob } from '../engine/index.ts';
import { addCounts, addTables } from './add-counts.ts';
import type { RowsView } from './dashboard/messages.ts';
import type { KeptLetter } from './dashboard/problem-ring.ts';
import { inherit } from './join-pipelines.ts';
import type { PassingPlace, ThreadJob, ThreadMessage, ThreadOrder, ThreadStatus } from './thread-job.ts';

/** How long a crashed thread rests, ms: twice as long each time, unless it had run for a minute. */
const FIRST_REST = 1000;
const LONGEST_REST = 30_000;
const HEALTHY = 60_000;

/** What one worker counted, over all threads that it had. */
interface Counts {
  readonly pipelines: readonly ThreadStatus[];
  readonly counted: StartedJob['counted'];
  readonly countedByTable: StartedJob['countedByTable'];
}

const nothing: Counts = { pipelines: [], counted: new Map(), countedByTable: new Map() };

/** One worker of a job in a thread of its own, over crashes. */
export class JobWorker {
  readonly #job: ThreadJob;
  readonly #log: Log;
  readonly #letters: ((letters: readonly KeptLetter[]) => void) | undefined;
  readonly #watching = new Map<number, { readonly order: ThreadOrder; take(rows: RowsView): void }>();
  #thread: Worker | undefined;
  #stopped = false;
  #orders = 0;
  /** Of the thread that runs, and of those before it. */
  #counts = nothing;
  #past = nothing;

  constructor(job: ThreadJob, log: Log, letters: ((letters: readonly KeptLetter[]) => void) | undefined) {
    this.#job = job;
    this.#log = log;
    this.#letters = letters;
  }

  get pipelines(): readonly ThreadStatus[] {
    return this.#counts.pipelines;
  }

  get counted(): StartedJob['counted'] {
    return this.#counts.counted;
  }

  get countedByTable(): StartedJob['countedByTable'] {
    return this.#counts.countedByTable;
  }

  stop(): void {
    this.#stopped = true;
    this.#order({ kind: 'stop' });
  }

  /** Takes the rows that pass at a place of this worker until the function that it returns is called. */
  watch(place: PassingPlace, secrets: readonly string[], take: (rows: RowsView) => void): () => void {
    const id = this.#orders++;
    const order = { kind: 'watch', id, place, secrets } as const;
    this.#watching.set(id, { order, take });
    this.#order(order);
    return () => {
      this.#watching.delete(id);
      this.#order({ kind: 'unwatch', id });
    };
  }

  /** Resolves when its part is read to the end or stopped; rejects for a lasting reason. */
  async run(): Promise<void> {
    let rest = FIRST_REST;
    for (;;) {
      const began = performance.now();
      const crash = await this.#once();
      if (crash === undefined || this.#stopped) return;
      const { index } = this.#job.worker;
      this.#log.error('worker_crashed', { worker: index, reason: crash });
      const lastError = `worker ${index} crashed`;
      this.#past = {
        ...this.#counts,
        // It holds nothing any more, and its successor is about to begin.
        pipelines: this.#counts.pipelines.map((p) =>
          p.state === 'finished' ? p : { ...p, state: 'degraded', lastError, lag: [], restarts: p.restarts + 1 },
        ),
      };
      this.#counts = this.#past;
      if (performance.now() - began > HEALTHY) rest = FIRST_REST;
      await new Promise((resolve) => setTimeout(resolve, rest));
      rest = Math.min(rest * 2, LONGEST_REST);
      if (this.#stopped) return;
    }
  }

  #order(order: ThreadOrder): void {
    this.#thread?.postMessage(order);
  }

  #tell({ level, component, event, fields }: ThreadMessage & { readonly kind: 'log' }): void {
    const log = (component === undefined ? undefined : this.#log.component?.(component)) ?? this.#log;
    log[level](event, { ...fields, worker: this.#job.worker.index });
  }

  #count({ pipelines, counted, countedByTable, letters }: ThreadMessage & { readonly kind: 'status' }): void {
    const past = this.#past;
    this.#counts = {
      pipelines: pipelines.map((status, i) => inherit(status, past.pipelines[i])),
      counted: addCounts([past.counted, counted]),
      countedByTable: addTables([past.countedByTable, countedByTable]),
    };
    if (letters.length > 0) this.#letters?.(letters);
  }

  /** Resolves with why the thread crashed, or undefined. */
  #once(): Promise<string | undefined> {
    const thread = new Worker(new URL('./job-thread.js', import.meta.url), { workerData: this.#job });
    this.#thread = thread;
    for (const { order } of this.#watching.values()) this.#order(order);
    return new Promise((resolve, reject) => {
      let ended = false;
      let reason = 'the thread ended';
      thread.on('message', (message: ThreadMessage) => {
        switch (message.kind) {
          case 'log':
            this.#tell(message);
            return;
          case 'status':
            this.#count(message);
            return;
          case 'rows':
            this.#watching.get(message.id)?.take(message.rows);
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
