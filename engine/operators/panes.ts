import type { TimeZone } from '../types/time-zone.ts';
import { type AlignedWindow, lastInstant, startOf } from './window-rows.ts';

export interface PanesImage {
  readonly panes: ReadonlyMap<bigint, readonly number[]>;
  readonly waiting: readonly bigint[];
  readonly watermark: bigint | undefined;
}

/**
 * Which numbers are in which pane of overlapping windows, and which windows event time has closed. Panes and windows are
 * known by their ends; times are in microseconds, of the zone's clock where there is one.
 */
export class Panes {
  readonly #window: Extract<AlignedWindow, { kind: 'hop' | 'cumulate' }>;
  readonly #zone: TimeZone | undefined;
  /** How long a pane is. */
  readonly length: bigint;
  #panes = new Map<bigint, number[]>();
  /** Windows with rows that are not closed yet. */
  #waiting = new Set<bigint>();
  #watermark: bigint | undefined;
  /** What was last asked about. */
  #asked: bigint | undefined;
  #askedLate = false;

  constructor(window: Extract<AlignedWindow, { kind: 'hop' | 'cumulate' }>, zone: TimeZone | undefined) {
    this.#window = window;
    this.#zone = zone;
    this.length = window.kind === 'hop' ? window.slide : window.step;
  }

  /** Whether all windows that a pane is in are closed. */
  isLate(pane: bigint): boolean {
    if (this.#watermark === undefined) return false;
    if (pane !== this.#asked) {
      this.#asked = pane;
      this.#askedLate = this.#isClosed(this.lastWindow(pane));
    }
    return this.#askedLate;
  }

  /** The last window that a pane is in. */
  lastWindow(pane: bigint): bigint {
    if (this.#window.kind === 'hop') return pane + this.#window.size - this.length;
    return this.startOf(pane) + this.#window.size;
  }

  /** Where a window begins. */
  startOf(window: bigint): bigint {
    const { size, offset } = this.#window;
    return this.#window.kind === 'hop' ? window - size : startOf(window - 1n, offset, size);
  }

  /** Notes a number in a pane, and the windows that it makes due. */
  add(pane: bigint, number: number): void {
    const numbers = this.#panes.get(pane);
    if (numbers !== undefined) {
      numbers.push(number);
      return;
    }
    this.#panes.set(pane, [number]);
    const last = this.lastWindow(pane);
    for (let window = pane; window <= last; window += this.length) {
      if (!this.#isClosed(window)) this.#waiting.add(window);
    }
  }

  /** The windows that event time closes, in their order. */
  advance(watermark: bigint): bigint[] {
    this.#watermark = watermark;
    this.#asked = undefined;
    const due = [...this.#waiting].filter((window) => this.#isClosed(window)).sort((a, b) => (a < b ? -1 : 1));
    for (const window of due) this.#waiting.delete(window);
    return due;
  }

  /** The numbers to merge for a window that closes, the newest pane first as in Flink; `done`: those no window needs. */
  take(window: bigint): { readonly panes: readonly (readonly number[])[]; readonly done: readonly number[] } {
    const start = this.startOf(window);
    const panes: (readonly number[])[] = [];
    for (let pane = window; pane > start; pane -= this.length) {
      const numbers = this.#panes.get(pane);
      if (numbers !== undefined) panes.push(numbers);
      else if (this.#panes.size === 0) break;
      if (this.#window.kind === 'cumulate') this.#panes.delete(pane);
    }
    if (this.#window.kind === 'cumulate') return { panes, done: panes.flat() };
    const oldest = start + this.length;
    const done = this.#panes.get(oldest) ?? [];
    this.#panes.delete(oldest);
    return { panes, done };
  }

  /** Whether the window after this one begins with nothing. */
  endsResult(window: bigint): boolean {
    return this.#window.kind === 'hop' || window === this.lastWindow(window);
  }

  snapshot(): PanesImage {
    const panes = new Map([...this.#panes].map(([pane, numbers]) => [pane, [...numbers]]));
    return { panes, waiting: [...this.#waiting], watermark: this.#watermark };
  }

  restore({ panes, waiting, watermark }: PanesImage): void {
    this.#panes = new Map([...panes].map(([pane, numbers]) => [pane, [...numbers]]));
    this.#waiting = new Set(waiting);
    this.#watermark = watermark;
    this.#asked = undefined;
  }

  #isClosed(window: bigint): boolean {
    return this.#watermark !== undefined && lastInstant(window, this.#zone) <= this.#watermark;
  }
}
