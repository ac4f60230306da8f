import type { Column } from '../../types/batch.ts';
import { type DataType, type Scalar, withNullable } from '../../types/data-type.ts';
import type { AggregateFunction } from '../aggregate.ts';
import { type Accumulators, type AggregateRows, defineAggregate, isRetraction } from '../aggregate.ts';
import { compareValues } from '../compare-values.ts';
import { untypedNull, wrongType } from '../signature.ts';
import { type SavedSlot, SlotColumn, type SlotImage } from './slots.ts';

type Better = (a: unknown, b: unknown) => boolean;

/** The best value of each group. */
class Extremes implements Accumulators {
  readonly #best: SlotColumn;
  readonly #better: Better;

  constructor(t: DataType, better: Better) {
    this.#best = new SlotColumn(t);
    this.#better = better;
  }

  grow(capacity: number): void {
    this.#best.grow(capacity);
  }

  clear(slot: number): void {
    this.#best.clear(slot);
  }

  update({ columns, rows, slots, length }: AggregateRows): void {
    const { values, nulls } = columns[0]!;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      if (nulls === undefined || nulls[row] === 0) this.#take(slots[i]!, values[row]);
    }
  }

  merge(from: number, to: number): void {
    if (this.#best.nulls[from] === 0) this.#take(to, this.#best.values[from]);
  }

  values(slots: Int32Array, length: number): Column {
    return this.#best.gather(slots, length);
  }

  save(slot: number): unknown {
    return this.#best.save(slot);
  }

  load(slot: number, saved: unknown): void {
    this.#best.load(slot, saved as SavedSlot);
  }

  snapshot(limit: number): unknown {
    return this.#best.snapshot(limit);
  }

  restore(image: unknown): void {
    this.#best.restore(image as SlotImage);
  }

  #take(slot: number, value: unknown): void {
    const { values, nulls } = this.#best;
    if (nulls[slot] === 0 && !this.#better(value, values[slot])) return;
    (values as unknown[])[slot] = value;
    nulls[slot] = 0;
  }
}

/** The same where values are taken back: how often each value is there, looked through when the best one goes. */
class RetractableExtremes implements Accumulators {
  readonly #best: SlotColumn;
  readonly #better: Better;
  readonly #counts: (Map<unknown, number> | undefined)[] = [];

  constructor(t: DataType, better: Better) {
    this.#best = new SlotColumn(t);
    this.#better = better;
  }

  grow(capacity: number): void {
    this.#best.grow(capacity);
  }

  clear(slot: number): void {
    this.#best.clear(slot);
    this.#counts[slot] = undefined;
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    const { values, nulls } = columns[0]!;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      this.#change(slots[i]!, values[row], kinds !== undefined && isRetraction(kinds[row]!) ? -1 : 1);
    }
  }

  merge(from: number, to: number): void {
    for (const [value, count] of this.#counts[from] ?? []) this.#change(to, value, count);
  }

  values(slots: Int32Array, length: number): Column {
    return this.#best.gather(slots, length);
  }

  save(slot: number): unknown {
    return [this.#best.save(slot), new Map(this.#counts[slot])];
  }

  load(slot: number, saved: unknown): void {
    const [best, counts] = saved as [SavedSlot, Map<unknown, number>];
    this.#best.load(slot, best);
    this.#counts[slot] = counts;
  }

  snapshot(limit: number): unknown {
    return [this.#best.snapshot(limit), this.#counts.slice(0, limit).map((counts) => counts && new Map(counts))];
  }

  restore(image: unknown): void {
    const [best, counts] = image as [SlotImage, (Map<unknown, number> | undefined)[]];
    this.#best.restore(best);
    this.#counts.splice(0, this.#counts.length, ...counts);
  }

  #change(slot: number, value: unknown, by: number): void {
    const counts = this.#counts[slot] ?? new Map<unknown, number>();
    this.#counts[slot] = counts;
    const count = (counts.get(value) ?? 0) + by;
    if (count === 0) counts.delete(value);
    else counts.set(value, count);
    const { values, nulls } = this.#best;
    if (count > 0 && (nulls[slot] === 1 || this.#better(value, values[slot]))) {
      (values as unknown[])[slot] = value;
      nulls[slot] = 0;
    } else if (count <= 0 && nulls[slot] === 0 && values[slot] === value) this.#search(slot, counts);
  }

  #search(slot: number, counts: ReadonlyMap<unknown, number>): void {
    this.#best.clear(slot);
    for (const [value, count] of counts) {
      if (count <= 0 || (this.#best.nulls[slot] === 0 && !this.#better(value, this.#best.values[slot]))) continue;
      (this.#best.values as unknown[])[slot] = value;
      this.#best.nulls[slot] = 0;
    }
  }
}

/** Types with an order that Flink takes; their values are equal where they are the same JavaScript value. */
const ORDERED =
  /^(BOOLEAN|TINYINT|SMALLINT|INT|BIGINT|FLOAT|DOUBLE|DECIMAL|CHAR|VARCHAR|DATE|TIME|TIMESTAMP|TIMESTAMP_LTZ)$/;

function extreme(name: 'MIN' | 'MAX', doc: string, example: string): AggregateFunction {
  return defineAggregate({
    name,
    doc,
    syntax: [`${name}(x)`],
    examples: [{ sql: `${name}(a)`, rows: '(1), (3), (2)', value: example }],
    idempotent: true,
    resolve: (args, { mayBeEmpty }) => {
      const [argument] = args;
      if (args.length !== 1 || argument === undefined) {
        return { mismatch: `${name} takes 1 argument, found ${args.length === 0 ? 'none' : args.length}` };
      }
      if (argument.type.kind === 'NULL') return untypedNull(0);
      if (!ORDERED.test(argument.type.kind)) return wrongType(name, 'a value that has an order', argument, 0);
      const t = argument.type;
      const better: Better =
        name === 'MAX'
          ? (a, b) => compareValues(t, a as Scalar, b as Scalar) > 0
          : (a, b) => compareValues(t, a as Scalar, b as Scalar) < 0;
      return {
        type: withNullable(t, t.nullable || mayBeEmpty),
        parameters: [t],
        mergeable: true,
        create: (retracts) => (retracts ? new RetractableExtremes(t, better) : new Extremes(t, better)),
      };
    },
  });
}

export const min = extreme('MIN', 'The least of all values that are not NULL.', '1');
export const max = extreme('MAX', 'The greatest of all values that are not NULL.', '3');
