import type { Log, StartedJob } from '../engine/index.ts';
import { addCounts, addTables } from './add-counts.ts';
import type { KeptLetter } from './dashboard/problem-ring.ts';
import { JobWorker } from './job-worker.ts';
import { joinPipelines } from './join-pipelines.ts';
import type { WatchRows } from './serve/watched-job.ts';
import type { ThreadJob } from './thread-job.ts';

/** How often it is looked whether the first worker reads, ms. */
const LOOK_EVERY = 20;

/** A job whose workers run in several threads. */
export interface JobInThreads extends StartedJob {
  /** Rows of the workers that run in threads of their own. */
  readonly watchRows: WatchRows;
}

/**
 * Lets further workers of a job run in threads beside `first`, which runs here; they start once it reads, so that one
 * worker decides where the job begins. The answer is the job as a whole. A thread that crashes is started again; what
 * fails for a lasting reason stops them all. `letters` takes what the threads went on without.
 */
export function runInThreads(
  first: StartedJob,
  log: Log,
  job: Omit<ThreadJob, 'worker' | 'tellsLetters'>,
  count: number,
  letters: ((letters: readonly KeptLetter[]) => void) | undefined,
): JobInThreads {
  const threads = Array.from(
    { length: count - 1 },
    (_, i) =>
      new JobWorker({ ...job, worker: { index: i + 1, count }, tellsLetters: letters !== undefined }, log, letters),
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
    pipelines: first.pipelines.map((own, i) => joinPipelines(own, () => threads.flatMap((t) => t.pipelines[i] ?? []))),
    get counted() {
      return addCounts([first.counted, ...threads.map((t) => t.counted)]);
    },
    get countedByTable() {
      return addTables([first.countedByTable, ...threads.map((t) => t.countedByTable)]);
    },
    watchRows(place, secrets, take) {
      const ends = threads.map((thread, i) => thread.watch(place, secrets, (rows) => take(i + 1, rows)));
      return () => {
        for (const end of ends) end();
      };
    },
    done,
    stop,
  };
}
