import type { Observer, Pipeline, RowBatch } from '../../engine/index.ts';
import type { EventStream } from './event-stream.ts';
import type { Redaction } from './redaction.ts';
import { Tap } from './tap.ts';

/** How often whoever looks is sent rows, ms. */
const EVERY = 250;

/** A place where rows pass: a source of a pipeline, or its sink. */
export interface Place {
  readonly pipeline: Pipeline;
  readonly source: Pipeline['sources'][number] | undefined;
  readonly zone: string;
  /** Names of the columns that tell rows apart. */
  readonly key: readonly string[];
}

interface Watched {
  readonly tap: Tap;
  readonly readers: Set<EventStream>;
}

/** The rows that somebody looks at. While nobody does, the observer has no hook for rows, and they pass unseen. */
export class Taps {
  readonly observer: Observer = {};
  /** By the source, or the pipeline for its sink. */
  readonly #watched = new Map<Place['pipeline'] | NonNullable<Place['source']>, Watched>();
  #timer: NodeJS.Timeout | undefined;

  /** Sends rows of a place to a reader until `remove`. */
  add({ pipeline, source, zone, key }: Place, reader: EventStream, redaction: Redaction): void {
    let watched = this.#watched.get(source ?? pipeline);
    if (watched === undefined) {
      watched = { tap: new Tap((source ?? pipeline).fields, zone), readers: new Set() };
      this.#watched.set(source ?? pipeline, watched);
    }
    watched.readers.add(reader);
    reader.send('columns', watched.tap.header(key));
    this.observer.read = (_, from, batch) => this.#take(from, batch);
    this.observer.written = (to, batch) => this.#take(to, batch);
    this.#timer ??= setInterval(() => this.#send(redaction), EVERY);
    this.#timer.unref();
  }

  remove({ pipeline, source }: Place, reader: EventStream): void {
    const watched = this.#watched.get(source ?? pipeline);
    watched?.readers.delete(reader);
    if (watched?.readers.size === 0) this.#watched.delete(source ?? pipeline);
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
    for (const { tap, readers } of this.#watched.values()) {
      const rows = tap.rows(redaction, now);
      if (rows !== undefined) for (const reader of readers) reader.send('rows', rows);
    }
  }
}
