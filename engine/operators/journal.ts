import type { Column, RowBatch } from '../types/batch.ts';
import type { Emit, Operator } from './operator.ts';

/** One call of an operator that remembers; `operator` is its number among those that are observed. */
export type JournalEntry =
  | { readonly kind: 'push'; readonly operator: number; readonly input: number; readonly batch: RowBatch }
  | { readonly kind: 'advance'; readonly operator: number; readonly watermark: bigint }
  | { readonly kind: 'tick'; readonly operator: number; readonly now: number };

/**
 * What the operators of a plan were told since the last commit. An operator is a function of that, so the entries since
 * an image bring back its state: a commit costs what its rows cost, however many keys are remembered. Nothing is kept
 * before `begin`.
 */
export class Journal {
  readonly #operators: Operator[] = [];
  #entries: JournalEntry[] = [];
  #recording = false;
  #replaying = false;

  /** Entries are being taken in again: whatever operators send on was sent before. */
  get replaying(): boolean {
    return this.#replaying;
  }

  /** The operator, its calls noted. Those whose state is saved whole, or who have none, are left as they are. */
  observe(operator: Operator): Operator {
    if (operator.state === undefined || operator.state.whole === true) return operator;
    const number = this.#operators.push(operator) - 1;
    const { advance, tick } = operator;
    return {
      state: operator.state,
      ...(operator.delay === undefined ? {} : { delay: operator.delay }),
      push: (batch, input, emit) => {
        if (this.#replaying) return undefined;
        if (this.#recording) this.#entries.push({ kind: 'push', operator: number, input, batch });
        return operator.push(batch, input, emit);
      },
      ...(advance && {
        advance: (watermark, emit) => {
          if (this.#replaying) return undefined;
          if (this.#recording) this.#entries.push({ kind: 'advance', operator: number, watermark });
          return advance.call(operator, watermark, emit);
        },
      }),
      ...(tick && {
        tick: (now, emit) => {
          if (this.#recording) this.#entries.push({ kind: 'tick', operator: number, now });
          return tick.call(operator, now, emit);
        },
      }),
    };
  }

  /** The number of an operator that `observe` gave, under which its entries stand; undefined where none are noted. */
  numberOf({ state }: Operator): number | undefined {
    const number = this.#operators.findIndex((operator) => operator.state === state);
    return number < 0 ? undefined : number;
  }

  /** Entries are kept from now on: whoever calls this takes them. */
  begin(): void {
    this.#recording = true;
  }

  /** The entries since the last time, their batches no longer than their rows. */
  take(): readonly JournalEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries.map((entry) => (entry.kind === 'push' ? { ...entry, batch: trim(entry.batch) } : entry));
  }

  /**
   * Brings operators to where they were after these calls, once their images are restored. `numbers`: the number of an
   * operator by the one that it had when the entry was noted; entries of others are left out.
   */
  replay(entries: readonly JournalEntry[], numbers: ReadonlyMap<number, number>): void {
    this.#replaying = true;
    for (const entry of entries) {
      const number = numbers.get(entry.operator);
      if (number === undefined) continue;
      const operator = this.#operators[number]!;
      switch (entry.kind) {
        case 'push':
          void operator.push(entry.batch, entry.input, nowhere);
          break;
        case 'advance':
          void operator.advance!(entry.watermark, nowhere);
          break;
        case 'tick':
          void operator.tick!(entry.now, nowhere);
      }
    }
    this.#replaying = false;
  }
}

const nowhere: Emit = () => undefined;

/** Arrays of columns may be longer than the batch. */
function trim({ length, columns, kinds }: RowBatch): RowBatch {
  const trimmed = columns.map(
    ({ values, nulls }): Column => ({
      values: values.length === length ? values : values.slice(0, length),
      ...(nulls === undefined ? {} : { nulls: nulls.length === length ? nulls : nulls.subarray(0, length) }),
    }),
  );
  return kinds === undefined
    ? { length, columns: trimmed }
    : { length, columns: trimmed, kinds: kinds.subarray(0, length) };
}
