import { parentPort, workerData } from 'node:worker_threads';
import { registry } from '../connectors/index.ts';
import { check, type Log, run } from '../engine/index.ts';
import { type KeptLetter, LETTERS, letterOf } from './dashboard/problem-ring.ts';
import { createRedaction } from './dashboard/redaction.ts';
import { type Place, placeIn, type RowReader, Taps } from './dashboard/taps.ts';
import type { LogSeverity, ThreadJob, ThreadMessage, ThreadOrder } from './thread-job.ts';

/** How often the main thread is told how the job is doing, ms. */
const TELL_EVERY = 200;

const parent = parentPort;
if (parent === null) throw new Error('a thread of a job is started by runInThreads');
const tell = (message: ThreadMessage): void => parent.postMessage(message);

const { job, settings, variables, options, worker, tellsLetters } = workerData as ThreadJob;
const logOf = (component: string | undefined): Log => {
  const at =
    (level: LogSeverity) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      // Through JSON: not everything that can be logged can be posted.
      const posted = JSON.parse(JSON.stringify(fields)) as Record<string, unknown>;
      tell({ kind: 'log', level, component, event, fields: posted });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), component: logOf };
};
const log = logOf(undefined);

const environment = { registry, settings, variables: (name: string) => process.env[name] ?? variables.get(name) };
const checked = check(job, environment);
const taps = new Taps();
const letters: KeptLetter[] = [];
if (tellsLetters) {
  taps.observer.rejected = (table, rejection) => {
    letters.push(letterOf(table, rejection));
    if (letters.length > LETTERS) letters.shift();
  };
}
const running = run(checked, { ...options, fresh: false, log, worker, observer: taps.observer });
const tellStatus = (): void =>
  tell({
    kind: 'status',
    pipelines: running.pipelines.map(({ lag, ...figures }) => ({ ...figures, lag: lag() })),
    counted: running.counted,
    countedByTable: running.countedByTable,
    letters: letters.splice(0),
  });
const timer = setInterval(tellStatus, TELL_EVERY);

const watching = new Map<number, { readonly place: Place; readonly reader: RowReader }>();
parent.on('message', (order: ThreadOrder) => {
  switch (order.kind) {
    case 'stop':
      running.stop();
      return;
    case 'watch': {
      const place = placeIn(checked, order.place);
      if (place === undefined) return;
      const reader: RowReader = {
        send(...[event, value]) {
          if (event === 'rows') tell({ kind: 'rows', id: order.id, rows: value });
        },
      };
      watching.set(order.id, { place, reader });
      taps.add(place, reader, createRedaction([checked], order.secrets));
      return;
    }
    case 'unwatch': {
      const watched = watching.get(order.id);
      watching.delete(order.id);
      if (watched !== undefined) taps.remove(watched.place, watched.reader);
    }
  }
});

running.done
  .then(
    () => tellStatus(),
    (error: unknown) => {
      tellStatus();
      const { code, help } = error as { code?: string; help?: string };
      const known = error instanceof Error && error.name === 'RunError' && code !== undefined;
      const reason = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
      tell({ kind: 'failed', code: known ? code : undefined, reason, help });
    },
  )
  .finally(() => {
    clearInterval(timer);
    tell({ kind: 'ended' });
    parent.close();
  });
