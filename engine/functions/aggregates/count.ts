import type { Column } from '../../types/batch.ts';
import { type } from '../../types/data-type.ts';
import { type Accumulators, type AggregateRows, defineAggregate, isRetraction } from '../aggregate.ts';

/** COUNT: rows whose argument, if there is one, is not NULL. */
class Counts implements Accumulators {
  #counts = new BigInt64Array(0);

  grow(capacity: number): void {
    const counts = new BigInt64Array(capacity);
    counts.set(this.#counts);
    this.#counts = counts;
  }

  clear(slot: number): void {
    this.#counts[slot] = 0n;
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    const counts = this.#counts;
    const nulls = columns[0]?.nulls;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      if (nulls?.[row] === 1) continue;
      if (kinds !== undefined && isRetraction(kinds[row]!)) counts[slots[i]!]!--;
      else counts[slots[i]!]!++;
    }
  }

  merge(from: number, to: number): void {
    this.#counts[to]! += this.#counts[from]!;
  }

  values(slots: Int32Array, length: number): Column {
    const values = new BigInt64Array(length);
    for (let i = 0; i < length; i++) values[i] = this.#counts[slots[i]!]!;
    return { values };
  }

  save(slot: number): unknown {
    return this.#counts[slot];
  }

  load(slot: number, saved: unknown): void {
    this.#counts[slot] = saved as bigint;
  }

  snapshot(limit: number): unknown {
    return this.#counts.slice(0, limit);
  }

  restore(image: unknown): void {
    this.#counts = (image as BigInt64Array).slice();
  }
}

export const count = defineAggregate({
  name: 'COUNT',
  doc: 'The number of rows, or of those where the argument is not NULL.',
  syntax: ['COUNT(*)', 'COUNT(x)'],
  examples: [
    { sql: 'COUNT(*)', rows: '(1), (CAST(NULL AS INT))', value: '2' },
    { sql: 'COUNT(a)', rows: '(1), (CAST(NULL AS INT))', value: '1' },
  ],
  resolve: (args) =>
    args.length > 1
      ? { mismatch: `COUNT takes '*' or one argument in Flink SQL, found ${args.length}` }
      : {
          type: type.bigint(false),
          parameters: args.map((argument) => argument.type),
          mergeable: true,
          create: () => new Counts(),
        },
});
