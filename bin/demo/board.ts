import { type Field, type RowBatch, rowsOf, textOf } from '../../engine/index.ts';

/** A row as texts by column, and when it became durable, in milliseconds since 1970. */
export interface BoardRow {
  readonly values: Readonly<Record<string, string>>;
  readonly committedAt: number;
}

/** The newest rows of one sink by key, so far as the database holds them. */
export class Board {
  readonly #keys: readonly string[];
  readonly #rows = new Map<string, BoardRow>();
  #written = new Map<string, BoardRow['values']>();
  #committing = new Map<string, BoardRow['values']>();
  /** Commits that brought rows. */
  commits = 0;

  /** `keys`: columns that name a row; there are only so many as they have values. */
  constructor(...keys: readonly string[]) {
    this.#keys = keys;
  }

  written(fields: readonly Field[], batch: RowBatch): void {
    const types = fields.map(({ type }) => type);
    for (const row of rowsOf(types, batch)) {
      const texts = row.map((value, i) => [fields[i]!.name, textOf(types[i]!, value) ?? '']);
      const values = Object.fromEntries(texts) as BoardRow['values'];
      this.#written.set(this.#keys.map((key) => values[key]).join('\0'), values);
    }
  }

  committing(): void {
    this.#committing = this.#written;
    this.#written = new Map();
  }

  committed(now: number): void {
    if (this.#committing.size > 0) this.commits++;
    for (const [key, values] of this.#committing) this.#rows.set(key, { values, committedAt: now });
    this.#committing = new Map();
  }

  /** Sorted by key. */
  rows(): BoardRow[] {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}
