import type { CheckedJob, Observer, Pipeline, RowBatch } from '../../engine/index.ts';
import type { PassingPlace } from '../thread-job.ts';
import type { RowsHeader, RowsView } from './messages.ts';
import type { Redaction } from './redaction.ts';
import { ROWS, Tap } from './tap.ts';

/** How often whoever looks is sent rows, ms. */
const EVERY = 500;

/** A place where rows pass: a source of a pipeline, or its sink. */
export interface Place {
  readonly pipeline: Pipeline;
  readonly source: Pipeline['sources'][number] | undefined;
  readonly zone: string;
  /** Names of the columns that tell rows apart. */
  readonly key: readonly string[];
  /** Brings the rows that pass there in other threads, until what it returns is called; absent where there are none. */
  readonly others?: ((take: TakeRows) => () => void) | undefined;
}

/** Takes rows that were seen by a worker in another thread. */
export type TakeRows = (worker: number, rows: RowsView) => void;

/** Whoever looks at rows. */
export interface RowReader {
  send(...message: [event: 'columns', header: RowsHeader] | [event: 'rows', rows: RowsView]): void;
}

interface Watched {
  readonly tap: Tap;
  readonly readers: Set<RowReader>;
  readonly others: OtherRows;
  readonly end: (() => void) | undefined;
}

/** The rows that somebody looks at. While nobody does, the observer has no hook for rows, and they pass unseen. */
export class Taps {
  readonly observer: Observer = {};
  /** By the source, or the pipeline for its sink. */
  readonly #watched = new Map<Place['pipeline'] | NonNullable<Place['source']>, Watched>();
  #timer: NodeJS.Timeout | undefined;

  /** Sends rows of a place to a reader until `remove`. */
  add(place: Place, reader: RowReader, redaction: Redaction): void {
    const { pipeline, source } = place;
    let watched = this.#watched.get(source ?? pipeline);
    if (watched === undefined) {
      watched = watch(place);
      this.#watched.set(source ?? pipeline, watched);
    }
    watched.readers.add(reader);
    reader.send('columns', watched.tap.header());
    this.observer.read = (_, from, batch) => this.#take(from, batch);
    this.observer.written = (to, batch) => this.#take(to, batch);
    this.#timer ??= setInterval(() => this.#send(redaction), EVERY);
    this.#timer.unref();
  }

  remove({ pipeline, source }: Place, reader: RowReader): void {
    const watched = this.#watched.get(source ?? pipeline);
    watched?.readers.delete(reader);
    if (watched?.readers.size === 0) {
      watched.end?.();
      this.#watched.delete(source ?? pipeline);
    }
    if (this.#watched.size > 0) return;
    delete this.observer.read;
    delete this.observer.written;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #take(place: Pipeline | Pipeline['sources'][number], batch: RowBatch): void {
    this.#watched.get(place)?.tap.take(batch);
  }

  #send(redaction: Redaction): void {
    const now = Date.now();
    for (const { tap, readers, others } of this.#watched.values()) {
      const rows = others.join(tap.rows(redaction, now), now);
      if (rows !== undefined) for (const reader of readers) reader.send('rows', rows);
    }
  }
}

/** A place of a job by its names; undefined where there is none. */
export function placeIn(job: CheckedJob, { pipeline: index, source: id }: PassingPlace): Place | undefined {
  const pipeline = job.pipelines?.[index];
  const source = pipeline?.sources.find((each) => each.id === id);
  if (pipeline === undefined || (id !== undefined && source === undefined)) return undefined;
  const table = (source?.id ?? pipeline.name).replace(/#\d+$/, '');
  const key = job.tables.find(({ name }) => name === table)?.primaryKey ?? [];
  return { pipeline, source, zone: job.timeZone, key };
}

function watch({ pipeline, source, zone, key, others }: Place): Watched {
  const elsewhere = new OtherRows();
  return {
    tap: new Tap((source ?? pipeline).fields, zone, key),
    readers: new Set(),
    others: elsewhere,
    end: others?.((worker, rows) => elsewhere.take(worker, rows)),
  };
}

/** What passed a place in other threads since it was last asked for. */
class OtherRows {
  readonly #fresh = new Map<number, RowsView['rows']>();
  /** What each worker counted, over all threads that it had. */
  readonly #counts = new Map<number, { readonly last: number; readonly total: number }>();
  #here = 0;

  take(worker: number, { seen, rows }: RowsView): void {
    this.#fresh.set(worker, [...(this.#fresh.get(worker) ?? []), ...rows].slice(-ROWS));
    const { last, total } = this.#counts.get(worker) ?? { last: 0, total: 0 };
    // A thread that took the place of another counts from zero.
    this.#counts.set(worker, { last: seen, total: total + (seen < last ? seen : seen - last) });
  }

  /** With those that passed here, those of the workers by turns. */
  join(here: RowsView | undefined, now: number): RowsView | undefined {
    if (this.#fresh.size === 0 && this.#counts.size === 0) return here;
    if (here !== undefined) this.#here = here.seen;
    const parts = [...(here === undefined ? [] : [here.rows]), ...this.#fresh.values()];
    this.#fresh.clear();
    if (parts.length === 0) return undefined;
    const elsewhere = [...this.#counts.values()].reduce((sum, { total }) => sum + total, 0);
    return { time: now, seen: this.#here + elsewhere, rows: byTurns(parts) };
  }
}

function byTurns(parts: readonly RowsView['rows'][]): RowsView['rows'] {
  const longest = Math.max(...parts.map(({ length }) => length));
  // The last of each part are the newest.
  return Array.from({ length: longest }, (_, i) =>
    parts.flatMap((part) => part[part.length - longest + i] ?? []),
  ).flat();
}
