import { type Field, type RowBatch, textOf, valueAt } from '../../engine/index.ts';
import type { RowsHeader, RowsView } from './messages.ts';
import type { Redaction } from './redaction.ts';

/** Rows shown of what passed between two messages, columns of a row, and characters of a cell. */
export const ROWS = 20;
/** Batches held between two messages, and rows at the end of each that are looked at. */
const BATCHES = 32;
const EXAMINED = 50;
const COLUMNS = 50;
const CHARACTERS = 200;

const kinds = ['+I', '-U', '+U', '-D'] as const;
const numbers = new Set(['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL']);

/**
 * Holds on to a sample of the rows that pass somewhere: the newest, and the newest of each key, so that a key whose rows
 * come seldom is seen beside one whose rows come often. They become text only when they are asked for.
 */
export class Tap {
  readonly #fields: readonly Field[];
  readonly #zone: string;
  /** Indexes of the columns that tell rows apart: the declared key, or the first text. */
  readonly #key: readonly number[];
  readonly #declared: readonly number[];
  readonly #batches: RowBatch[] = [];
  #seen = 0;

  /** `key`: names of columns. */
  constructor(fields: readonly Field[], zone: string, key: readonly string[]) {
    this.#fields = fields.slice(0, COLUMNS);
    this.#zone = zone;
    this.#declared = key.map((name) => this.#fields.findIndex((field) => field.name === name)).filter((i) => i >= 0);
    const text = this.#fields.findIndex(({ type }) => type.kind === 'VARCHAR');
    this.#key = this.#declared.length > 0 ? this.#declared : text >= 0 ? [text] : [];
  }

  /** Batches are never written to once they were handed on: holding them copies nothing. */
  take(batch: RowBatch): void {
    if (batch.length === 0) return;
    this.#seen += batch.length;
    this.#batches.push(batch);
    if (this.#batches.length > BATCHES) this.#thin();
  }

  /** Of the older half every second batch goes: what is left still spans the time since rows were last asked for. */
  #thin(): void {
    const older = this.#batches.splice(0, BATCHES / 2);
    this.#batches.unshift(...older.filter((_, i) => i % 2 === 1));
  }

  header(): RowsHeader {
    return {
      columns: this.#fields.map(({ name, type }) => ({ name, type: type.kind, numeric: numbers.has(type.kind) })),
      key: this.#declared,
    };
  }

  /** A sample of the rows since the last call, oldest first; undefined where none passed. */
  rows(redaction: Redaction, now: number): RowsView | undefined {
    const batches = this.#batches.splice(0);
    if (batches.length === 0) return undefined;
    const rows = this.#choose(batches).map(({ batch, row }) => ({
      kind: kinds[batch.kinds?.[row] ?? 0]!,
      cells: this.#fields.map((_, c) => {
        const text = this.#text(batch, row, c);
        return text === null ? null : shorten(redaction.text(text));
      }),
    }));
    return { time: now, seen: this.#seen, rows };
  }

  #choose(batches: readonly RowBatch[]): readonly Chosen[] {
    const keys = new Set<string>();
    const newest: Chosen[] = [];
    const others: Chosen[] = [];
    for (const batch of batches.toReversed()) {
      for (let row = batch.length - 1; row >= Math.max(0, batch.length - EXAMINED); row--) {
        const key = this.#key.map((c) => this.#text(batch, row, c)).join('\0');
        const isNew = this.#key.length > 0 && keys.size < ROWS && !keys.has(key);
        if (isNew) keys.add(key);
        if (isNew) newest.push({ batch, row });
        else if (others.length < ROWS) others.push({ batch, row });
      }
    }
    const chosen = new Set([...newest, ...others.slice(0, ROWS - newest.length)]);
    const order = new Map(batches.map((batch, i) => [batch, i]));
    return [...chosen].sort((a, b) => order.get(a.batch)! - order.get(b.batch)! || a.row - b.row);
  }

  #text(batch: RowBatch, row: number, column: number): string | null {
    const { type } = this.#fields[column]!;
    return textOf(type, valueAt(type, batch.columns[column]!, row), this.#zone);
  }
}

interface Chosen {
  readonly batch: RowBatch;
  readonly row: number;
}

function shorten(text: string): string {
  return text.length <= CHARACTERS ? text : `${text.slice(0, CHARACTERS)} …`;
}
