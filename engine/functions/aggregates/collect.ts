import { type Column, columnOf, valueAt } from '../../types/batch.ts';
import { type DataType, type Scalar, type } from '../../types/data-type.ts';
import { hashOf, hashOrder } from '../../types/hash-order.ts';
import { type Accumulators, type AggregateRows, defineAggregate, isRetraction } from '../aggregate.ts';
import { equalValues, hasIdentity } from '../compare-values.ts';
import { checkCount, untypedNull } from '../signature.ts';

/** How often each value is in each group. */
class Multisets implements Accumulators {
  readonly #element: DataType;
  readonly #hash: ((value: Scalar) => number) | undefined;
  readonly #counts: Map<Scalar, number>[] = [];

  constructor(element: DataType) {
    this.#element = element;
    this.#hash = hashOf(element);
  }

  grow(capacity: number): void {
    while (this.#counts.length < capacity) this.#counts.push(new Map());
  }

  clear(slot: number): void {
    this.#counts[slot] = new Map();
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      const value = valueAt(this.#element, columns[0]!, row);
      if (value === null) continue;
      this.#add(this.#counts[slots[i]!]!, value, kinds !== undefined && isRetraction(kinds[row]!) ? -1 : 1);
    }
  }

  merge(from: number, to: number): void {
    for (const [value, count] of this.#counts[from]!) this.#add(this.#counts[to]!, value, count);
  }

  values(slots: Int32Array, length: number): Column {
    return columnOf(
      type.multiset(this.#element, false),
      Array.from({ length }, (_, i) => this.#ordered(this.#counts[slots[i]!]!)),
    );
  }

  /** A copy, whose order does not tell which row was the first. */
  #ordered(counts: ReadonlyMap<Scalar, number>): Map<Scalar, number> {
    return this.#hash === undefined ? new Map(counts) : hashOrder(counts, this.#hash);
  }

  save(slot: number): unknown {
    return new Map(this.#counts[slot]);
  }

  load(slot: number, saved: unknown): void {
    this.#counts[slot] = saved as Map<Scalar, number>;
  }

  snapshot(limit: number): unknown {
    return this.#counts.slice(0, limit).map((counts) => new Map(counts));
  }

  restore(image: unknown): void {
    this.#counts.length = 0;
    for (const counts of image as readonly ReadonlyMap<Scalar, number>[]) this.#counts.push(new Map(counts));
  }

  #add(counts: Map<Scalar, number>, value: Scalar, by: number): void {
    const key = hasIdentity(this.#element) ? value : this.#same(counts, value);
    const count = (counts.get(key) ?? 0) + by;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  }

  /** The key in `counts` that equals the value; the value itself where none does. */
  #same(counts: ReadonlyMap<Scalar, number>, value: Scalar): Scalar {
    for (const key of counts.keys()) if (equalValues(this.#element, key, value)) return key;
    return value;
  }
}

export const collect = defineAggregate({
  name: 'COLLECT',
  doc: 'All values that are not NULL as a MULTISET: how often each one came.',
  syntax: ['COLLECT(x)'],
  examples: [
    { sql: 'COLLECT(a)', rows: '(1), (2), (1)', value: '{1=2, 2=1}' },
    { sql: 'COLLECT(DISTINCT a)', rows: '(1), (2), (1)', value: '{1=1, 2=1}' },
  ],
  resolve: (args) => {
    const wrong = checkCount('COLLECT', args.length, 1);
    if (wrong !== undefined) return wrong;
    const element = args[0]!.type;
    if (element.kind === 'NULL') return untypedNull(0);
    return {
      type: type.multiset(element, false),
      parameters: [element],
      mergeable: true,
      create: () => new Multisets(element),
    };
  },
});
