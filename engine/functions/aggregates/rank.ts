import type { Column } from '../../types/batch.ts';
import { type } from '../../types/data-type.ts';
import { type Accumulators, type AggregateRows, defineAggregate } from '../aggregate.ts';

/** Numbers of rows in their order; rows that are taken in at once are equal in it. */
class Ranks implements Accumulators {
  readonly #dense: boolean;
  #counts = new BigInt64Array(0);
  #ranks = new BigInt64Array(0);

  constructor(dense: boolean) {
    this.#dense = dense;
  }

  grow(capacity: number): void {
    this.#counts = grown(this.#counts, capacity);
    this.#ranks = grown(this.#ranks, capacity);
  }

  clear(slot: number): void {
    this.#counts[slot] = 0n;
    this.#ranks[slot] = 0n;
  }

  update({ slots, length }: AggregateRows): void {
    const before = new Map<number, bigint>();
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const count = before.get(slot) ?? this.#counts[slot]!;
      if (!before.has(slot)) {
        before.set(slot, count);
        this.#ranks[slot] = this.#dense ? this.#ranks[slot]! + 1n : count + 1n;
      }
      this.#counts[slot] = this.#counts[slot]! + 1n;
    }
  }

  merge(): void {
    throw new Error('RANK stands in OVER alone: it has no groups to merge');
  }

  values(slots: Int32Array, length: number): Column {
    return { values: BigInt64Array.from({ length }, (_, i) => this.#ranks[slots[i]!]!) };
  }

  save(slot: number): unknown {
    return [this.#counts[slot], this.#ranks[slot]];
  }

  load(slot: number, saved: unknown): void {
    [this.#counts[slot], this.#ranks[slot]] = saved as [bigint, bigint];
  }

  snapshot(limit: number): unknown {
    return { counts: this.#counts.slice(0, limit), ranks: this.#ranks.slice(0, limit) };
  }

  restore(image: unknown): void {
    const { counts, ranks } = image as { counts: BigInt64Array; ranks: BigInt64Array };
    this.#counts = counts.slice();
    this.#ranks = ranks.slice();
  }
}

function grown(values: BigInt64Array<ArrayBuffer>, capacity: number): BigInt64Array<ArrayBuffer> {
  if (capacity <= values.length) return values;
  const more = new BigInt64Array(capacity);
  more.set(values);
  return more;
}

/** `RANK()` and `DENSE_RANK()` in OVER by a time attribute. */
export const ranks = [
  {
    name: 'RANK',
    dense: false,
    doc: 'One more than how many rows stand before, in OVER; rows of one time have one rank.',
  },
  {
    name: 'DENSE_RANK',
    dense: true,
    doc: 'One more than how many times stand before, in OVER; rows of one time have one rank.',
  },
].map(({ name, dense, doc }) =>
  defineAggregate({
    name,
    doc,
    syntax: [`${name}() OVER (…)`],
    examples: [],
    resolve: (args) => {
      if (args.length > 0) return { mismatch: `${name} takes no arguments, found ${args.length}` };
      return { type: type.bigint(false), parameters: [], create: () => new Ranks(dense) };
    },
  }),
);
