import type { TimeZone } from '../types/time-zone.ts';
import { reopened } from './operator.ts';
import { type AlignedWindow, lastInstant, startOf } from './window-rows.ts';

export interface PanesImage {
  readonly panes: ReadonlyMap<bigint, readonly number[]>;
  readonly waiting: readonly bigint[];
  readonly watermark: bigint | undefined;
}

export interface PanesProgram {
  readonly window: Extract<AlignedWindow, { kind: 'hop' | 'cumulate' }>;
  /** Of TIMESTAMP_LTZ: windows begin by its clock. Absent for TIMESTAMP. */
  readonly zone?: TimeZone;
  /** How long a pane is: windows and what lies between their beginnings are whole panes. */
  readonly length: bigint;
  /** Whether a window takes its oldest pane first; else its newest. */
  readonly oldestFirst: boolean;
}

/**
 * Which numbers are in which pane of overlapping windows, and which windows event time has closed. Panes and windows are
 * known by their ends; times are in microseconds, of the zone's clock where there is one.
 */
export class Panes {
  readonly #program: PanesProgram;
  /** From one window to the next. */
  readonly #slide: bigint;
  #panes = new Map<bigint, number[]>();
  /** Windows with rows that are not closed yet. */
  #waiting = new Set<bigint>();
  #watermark: bigint | undefined;
  /** What was last asked about. */
  #asked: bigint | undefined;
  #askedLate = false;

  constructor(program: PanesProgram) {
    this.#program = program;
    this.#slide = program.window.kind === 'hop' ? program.window.slide : program.window.step;
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
    const { window, length } = this.#program;
    const { size, offset } = window;
    return startOf(pane - length, offset, window.kind === 'hop' ? window.slide : size) + size;
  }

  /** Where a window begins. */
  startOf(window: bigint): bigint {
    const { kind, size, offset } = this.#program.window;
    return kind === 'hop' ? window - size : startOf(window - 1n, offset, size);
  }

  /** Notes a number in a pane, and the windows that it makes due. */
  add(pane: bigint, number: number): void {
    const numbers = this.#panes.get(pane);
    if (numbers !== undefined) {
      numbers.push(number);
      return;
    }
    this.#panes.set(pane, [number]);
    for (let window = this.lastWindow(pane); window >= pane; window -= this.#slide) {
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

  /** The numbers to merge for a window that closes, in the order of Flink; `done`: those that no window needs after it. */
  take(window: bigint): { readonly panes: readonly (readonly number[])[]; readonly done: readonly number[] } {
    const { window: shape, length, oldestFirst } = this.#program;
    const start = this.startOf(window);
    // The next window of a CUMULATE goes on from this one.
    const next = shape.kind === 'hop' ? start + this.#slide : window;
    const panes: (readonly number[])[] = [];
    const done: number[] = [];
    for (let pane = window; pane > start && this.#panes.size > 0; pane -= length) {
      const numbers = this.#panes.get(pane);
      if (numbers === undefined) continue;
      panes.push(numbers);
      if (pane > next) continue;
      done.push(...numbers);
      this.#panes.delete(pane);
    }
    return { panes: oldestFirst ? panes.reverse() : panes, done };
  }

  /** Whether the window after this one begins with nothing. */
  endsResult(window: bigint): boolean {
    return this.#program.window.kind === 'hop' || window === this.lastWindow(window);
  }

  snapshot(): PanesImage {
    const panes = new Map([...this.#panes].map(([pane, numbers]) => [pane, [...numbers]]));
    return { panes, waiting: [...this.#waiting], watermark: this.#watermark };
  }

  reopen(): void {
    this.#watermark = reopened(this.#watermark);
    this.#asked = undefined;
  }

  restore({ panes, waiting, watermark }: PanesImage): void {
    this.#panes = new Map([...panes].map(([pane, numbers]) => [pane, [...numbers]]));
    this.#waiting = new Set(waiting);
    this.#watermark = watermark;
    this.#asked = undefined;
  }

  #isClosed(window: bigint): boolean {
    return this.#watermark !== undefined && lastInstant(window, this.#program.zone) <= this.#watermark;
  }
}
