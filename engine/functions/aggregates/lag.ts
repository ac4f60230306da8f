import { allocate, type Column, columnOf, valueAt } from '../../types/batch.ts';
import { type DataType, type Scalar, type, withNullable } from '../../types/data-type.ts';
import { type Accumulators, type AggregateRows, defineAggregate, isRetraction } from '../aggregate.ts';
import { untypedNull } from '../signature.ts';

/** The last values of each group, as many as LAG looks back and one more. */
class Lag implements Accumulators {
  readonly #type: DataType;
  readonly #result: DataType;
  readonly #offset: number;
  #values: (Scalar[] | undefined)[] = [];
  #otherwise: Scalar = null;

  constructor(t: DataType, result: DataType, offset: number) {
    this.#type = t;
    this.#result = result;
    this.#offset = offset;
  }

  grow(): void {}

  clear(slot: number): void {
    this.#values[slot] = undefined;
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      // How far LAG looks back is its own matter, not the frame's.
      if (kinds !== undefined && isRetraction(kinds[row]!)) continue;
      const slot = slots[i]!;
      const values = this.#values[slot] ?? [];
      this.#values[slot] = values;
      values.push(valueAt(this.#type, columns[0]!, row));
      if (values.length > this.#offset + 1) values.shift();
      if (columns[2] !== undefined) this.#otherwise = valueAt(this.#result, columns[2], row);
    }
  }

  merge(): void {
    throw new Error('LAG stands in OVER alone: it has no groups to merge');
  }

  values(slots: Int32Array, length: number): Column {
    if (length === 0) return { values: allocate(this.#result, 0) };
    const found = Array.from(slots.subarray(0, length), (slot) => {
      const values = this.#values[slot] ?? [];
      return values.length <= this.#offset ? this.#otherwise : values[0]!;
    });
    return columnOf(this.#result, found);
  }

  save(slot: number): unknown {
    return this.#values[slot]?.slice();
  }

  load(slot: number, saved: unknown): void {
    this.#values[slot] = saved as Scalar[] | undefined;
  }

  snapshot(limit: number): unknown {
    return { values: this.#values.slice(0, limit).map((each) => each?.slice()), otherwise: this.#otherwise };
  }

  restore(image: unknown): void {
    const { values, otherwise } = image as { values: (Scalar[] | undefined)[]; otherwise: Scalar };
    this.#values = values.map((each) => each?.slice());
    this.#otherwise = otherwise;
  }
}

/** `LAG(value, offset, default)` in OVER: the value of an earlier row; `offset` is a constant, 1 where absent. */
export const lag = defineAggregate({
  name: 'LAG',
  doc: 'The value of the row that stands n rows before, in OVER; NULL or the default where there is none.',
  syntax: ['LAG(x) OVER (…)', 'LAG(x, n) OVER (…)', 'LAG(x, n, default) OVER (…)'],
  examples: [],
  resolve: (args) => {
    const [value, offset, otherwise] = args;
    if (value === undefined || args.length > 3) return { mismatch: `LAG takes 1 to 3 arguments, found ${args.length}` };
    if (value.type.kind === 'NULL') return untypedNull(0);
    const back = offset === undefined ? 1 : offset.literal;
    if (typeof back !== 'number' || back < 0) {
      return { mismatch: 'LAG looks back a constant number of rows', argument: 1 };
    }
    const result = withNullable(value.type, value.type.nullable || (otherwise?.type.nullable ?? true));
    return {
      type: result,
      parameters: [value.type, type.int(), withNullable(value.type, true)].slice(0, args.length),
      create: () => new Lag(value.type, result, back),
    };
  },
});
