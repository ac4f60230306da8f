import type { RowsView } from '../messages.ts';
import { showNumber } from './show-figures.ts';

const POINTS = 1200;
/** More lines than this are no picture. */
const KEYS = 8;

/** The values of a column over time, one line for each key: of the first keys that came. */
export class KeyedLines {
  readonly keys: string[] = [];
  readonly #times: number[] = [];
  readonly #lines: (number | null)[][] = [];

  /** Takes rows that passed at `time` (ms): the last one of each key counts. Without a key column there is one line. */
  add(time: number, rows: RowsView['rows'], value: number, key: number | undefined): void {
    const newest = new Map<string, number>();
    for (const { kind, cells } of rows) {
      const n = Number(cells[value] ?? Number.NaN);
      // A row that is taken back or about to change has no new value.
      if (Number.isFinite(n) && kind !== '-U' && kind !== '-D')
        newest.set(key === undefined ? '' : (cells[key] ?? 'NULL'), n);
    }
    for (const name of newest.keys()) {
      if (this.keys.includes(name) || this.keys.length >= KEYS) continue;
      this.keys.push(name);
      this.#lines.push(this.#times.map(() => null));
    }
    this.#times.push(time / 1000);
    for (const [i, name] of this.keys.entries()) this.#lines[i]!.push(newest.get(name) ?? null);
    if (this.#times.length > POINTS) for (const line of [this.#times, ...this.#lines]) line.shift();
  }

  /** The names of the lines, short enough for a legend. */
  labels(): string[] {
    return this.keys.map(shorten);
  }

  /** Seconds since 1970, then the values of each key. */
  data(): readonly (readonly (number | null)[])[] {
    return [this.#times, ...this.#lines];
  }

  /** The same with each value as its change since the first of its line, in percent. */
  changes(): readonly (readonly (number | null)[])[] {
    return [
      this.#times,
      ...this.#lines.map((line) => {
        const first = line.find((value) => value !== null && value !== 0) ?? 1;
        return line.map((value) => (value === null ? null : ((value - first) / Math.abs(first)) * 100));
      }),
    ];
  }

  /** Whether values of different keys are so far apart that each would be a straight line beside the others. */
  get apart(): boolean {
    const sizes = this.#lines
      .map((line) => Math.abs(line.findLast((value) => value !== null) ?? 0))
      .filter((n) => n > 0);
    return Math.max(...sizes) > 5 * Math.min(...sizes);
  }

  /** The newest value of each key. */
  summary(): string {
    return this.keys
      .map((name, i) =>
        `${name} ${showNumber(this.#lines[i]!.findLast((value) => value !== null) ?? Number.NaN)}`.trim(),
      )
      .join(', ');
  }
}

function shorten(name: string): string {
  return name.length <= 24 ? name : `${name.slice(0, 24)}…`;
}
