import type { Column } from '../../types/batch.ts';
import { type DataType, withNullable } from '../../types/data-type.ts';
import { type Accumulators, type AggregateFunction, type AggregateRows, defineAggregate } from '../aggregate.ts';
import { checkCount, untypedNull } from '../signature.ts';
import { type SavedSlot, SlotColumn, type SlotImage } from './slots.ts';
import { ValueLists } from './value-lists.ts';

/** The first or the last value of each group, where none is taken back. */
class Ends implements Accumulators {
  readonly #value: SlotColumn;
  readonly #last: boolean;

  constructor(t: DataType, last: boolean) {
    this.#value = new SlotColumn(t);
    this.#last = last;
  }

  grow(capacity: number): void {
    this.#value.grow(capacity);
  }

  clear(slot: number): void {
    this.#value.clear(slot);
  }

  update({ columns, rows, slots, length }: AggregateRows): void {
    const { values, nulls } = columns[0]!;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      if (nulls === undefined || nulls[row] === 0) this.#take(slots[i]!, values[row]);
    }
  }

  merge(from: number, to: number): void {
    if (this.#value.nulls[from] === 0) this.#take(to, this.#value.values[from]);
  }

  values(slots: Int32Array, length: number): Column {
    return this.#value.gather(slots, length);
  }

  save(slot: number): unknown {
    return this.#value.save(slot);
  }

  load(slot: number, saved: unknown): void {
    this.#value.load(slot, saved as SavedSlot);
  }

  snapshot(limit: number): unknown {
    return this.#value.snapshot(limit);
  }

  restore(image: unknown): void {
    this.#value.restore(image as SlotImage);
  }

  #take(slot: number, value: unknown): void {
    const { values, nulls } = this.#value;
    if (nulls[slot] === 0 && !this.#last) return;
    (values as unknown[])[slot] = value;
    nulls[slot] = 0;
  }
}

function end(name: 'FIRST_VALUE' | 'LAST_VALUE', doc: string, example: string): AggregateFunction {
  const last = name === 'LAST_VALUE';
  return defineAggregate({
    name,
    doc,
    syntax: [`${name}(x)`],
    examples: [{ sql: `${name}(a)`, rows: '(CAST(NULL AS INT)), (1), (3), (2), (CAST(NULL AS INT))', value: example }],
    resolve: (args, { mayBeEmpty }) => {
      const wrong = checkCount(name, args.length, 1);
      if (wrong !== undefined) return wrong;
      const element = args[0]!.type;
      if (element.kind === 'NULL') return untypedNull(0);
      const result = withNullable(element, element.nullable || mayBeEmpty);
      return {
        type: result,
        parameters: [element],
        create: (retracts) =>
          retracts
            ? new ValueLists({
                element,
                result,
                keepNulls: false,
                finish: (list) => (last ? list.at(-1) : list[0]) ?? null,
              })
            : new Ends(result, last),
      };
    },
  });
}

export const firstValue = end('FIRST_VALUE', 'The value that came first of all that are not NULL.', '1');
export const lastValue = end('LAST_VALUE', 'The value that came last of all that are not NULL.', '2');
