import { type Field, type RowBatch, textOf, valueAt } from '../../engine/index.ts';
import type { RowsHeader, RowsView } from './messages.ts';
import type { Redaction } from './redaction.ts';

/** Rows shown of what passed between two messages, columns of a row, and characters of a cell. */
export const ROWS = 20;
const COLUMNS = 50;
const CHARACTERS = 200;

const kinds = ['+I', '-U', '+U', '-D'] as const;
const numbers = new Set(['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL']);

/** Holds on to the newest rows that pass somewhere; they become text only when they are asked for. */
export class Tap {
  readonly #fields: readonly Field[];
  readonly #zone: string;
  readonly #batches: RowBatch[] = [];
  #held = 0;
  #seen = 0;

  constructor(fields: readonly Field[], zone: string) {
    this.#fields = fields.slice(0, COLUMNS);
    this.#zone = zone;
  }

  /** Batches are never written to once they were handed on: holding them copies nothing. */
  take(batch: RowBatch): void {
    if (batch.length === 0) return;
    this.#seen += batch.length;
    this.#held += batch.length;
    this.#batches.push(batch);
    while (this.#held - this.#batches[0]!.length >= ROWS) this.#held -= this.#batches.shift()!.length;
  }

  header(key: readonly string[]): RowsHeader {
    return {
      columns: this.#fields.map(({ name, type }) => ({ name, type: type.kind, numeric: numbers.has(type.kind) })),
      key: key.map((name) => this.#fields.findIndex((field) => field.name === name)).filter((i) => i >= 0),
    };
  }

  /** The newest rows since the last call, oldest first; undefined where none passed. */
  rows(redaction: Redaction, now: number): RowsView | undefined {
    if (this.#held === 0) return undefined;
    const rows: { kind: string; cells: (string | null)[] }[] = [];
    let skip = Math.max(0, this.#held - ROWS);
    for (const batch of this.#batches.splice(0)) {
      for (let i = skip; i < batch.length; i++) {
        rows.push({
          kind: kinds[batch.kinds?.[i] ?? 0]!,
          cells: this.#fields.map(({ type }, c) => {
            const text = textOf(type, valueAt(type, batch.columns[c]!, i), this.#zone);
            return text === null ? null : shorten(redaction.text(text));
          }),
        });
      }
      skip = Math.max(0, skip - batch.length);
    }
    this.#held = 0;
    return { time: now, seen: this.#seen, rows };
  }
}

function shorten(text: string): string {
  return text.length <= CHARACTERS ? text : `${text.slice(0, CHARACTERS)} …`;
}
