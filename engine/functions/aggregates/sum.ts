import type { Column } from '../../types/batch.ts';
import { allocate } from '../../types/batch.ts';
import { isNumeric } from '../../types/coerce.ts';
import { type DataType, type, withNullable } from '../../types/data-type.ts';
import { divideHalfUp, fitsPrecision, rescale } from '../../types/decimal.ts';
import { type Accumulators, type AggregateRows, defineAggregate, isRetraction } from '../aggregate.ts';
import type { Argument, Mismatch } from '../define.ts';
import { untypedNull, wrongType } from '../signature.ts';
import { type SavedSlot, SlotColumn, type SlotImage } from './slots.ts';

/** How sums of a type are kept and added: wrapped like the type itself, as in Flink. */
interface Addition {
  readonly type: DataType;
  add(sum: never, value: never, sign: 1 | -1): number | bigint;
}

type Add = (sum: number | bigint, value: number | bigint, sign: 1 | -1) => number | bigint;

type Finish = (sum: number | bigint, count: bigint) => number | bigint | null;

/** A sum and the number of values in it for each group; NULL where there are none. */
class Sums implements Accumulators {
  readonly #sums: SlotColumn;
  readonly #counts = new SlotColumn(type.bigint());
  readonly #add: Add;
  readonly #finish: Finish;
  readonly #result: DataType;
  readonly #zero: number | bigint;

  constructor(addition: Addition, result: DataType, finish: Finish) {
    this.#sums = new SlotColumn(addition.type);
    this.#add = addition.add as Add;
    this.#finish = finish;
    this.#result = result;
    this.#zero = isInexact(addition.type) ? 0 : 0n;
  }

  grow(capacity: number): void {
    this.#sums.grow(capacity);
    this.#counts.grow(capacity);
  }

  clear(slot: number): void {
    this.#sums.clear(slot);
    this.#counts.clear(slot);
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    const { values, nulls } = columns[0]!;
    const sums = this.#sums.values as (number | bigint)[];
    const counts = this.#counts.values as BigInt64Array;
    const add = this.#add;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      const slot = slots[i]!;
      const sign = kinds !== undefined && isRetraction(kinds[row]!) ? -1 : 1;
      sums[slot] = add(sums[slot] ?? this.#zero, values[row] as number | bigint, sign);
      counts[slot]! += BigInt(sign);
    }
  }

  merge(from: number, to: number): void {
    const sums = this.#sums.values as (number | bigint)[];
    const counts = this.#counts.values as BigInt64Array;
    sums[to] = this.#add(sums[to] ?? this.#zero, sums[from] ?? this.#zero, 1);
    counts[to]! += counts[from]!;
  }

  values(slots: Int32Array, length: number): Column {
    const values = allocate(this.#result, length) as (number | bigint)[];
    const sums = this.#sums.values as (number | bigint)[];
    const counts = this.#counts.values as BigInt64Array;
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const count = counts[slot]!;
      const value = count === 0n ? null : this.#finish(sums[slot] ?? this.#zero, count);
      if (value !== null) values[i] = value;
      else {
        nulls ??= new Uint8Array(length);
        nulls[i] = 1;
      }
    }
    return nulls === undefined ? { values } : { values, nulls };
  }

  save(slot: number): unknown {
    return [this.#sums.save(slot), this.#counts.save(slot)];
  }

  load(slot: number, saved: unknown): void {
    const [sum, count] = saved as [SavedSlot, SavedSlot];
    this.#sums.load(slot, sum);
    this.#counts.load(slot, count);
  }

  snapshot(limit: number): unknown {
    return [this.#sums.snapshot(limit), this.#counts.snapshot(limit)];
  }

  restore(image: unknown): void {
    const [sums, counts] = image as [SlotImage, SlotImage];
    this.#sums.restore(sums);
    this.#counts.restore(counts);
  }
}

function isInexact(t: DataType): boolean {
  return t.kind !== 'BIGINT' && t.kind !== 'DECIMAL';
}

function additionOf(t: DataType): Addition {
  switch (t.kind) {
    case 'TINYINT':
      return { type: t, add: (sum: number, value: number, sign) => ((sum + sign * value) << 24) >> 24 };
    case 'SMALLINT':
      return { type: t, add: (sum: number, value: number, sign) => ((sum + sign * value) << 16) >> 16 };
    case 'INT':
      return { type: t, add: (sum: number, value: number, sign) => (sum + sign * value) | 0 };
    case 'BIGINT':
      return {
        type: t,
        add: (sum: bigint, value: bigint, sign) => BigInt.asIntN(64, sign > 0 ? sum + value : sum - value),
      };
    case 'FLOAT':
      return { type: t, add: (sum: number, value: number, sign) => Math.fround(sum + sign * value) };
    case 'DECIMAL':
      return {
        type: type.decimal(38, t.scale),
        add: (sum: bigint, value: bigint, sign) => (sign > 0 ? sum + value : sum - value),
      };
    default:
      return { type: type.double(), add: (sum: number, value: number, sign) => sum + sign * value };
  }
}

/** SUM keeps the type, a DECIMAL gets 38 digits. */
function sumType(t: DataType): DataType {
  return t.kind === 'DECIMAL' ? { ...t, precision: 38 } : t;
}

/** AVG keeps the type, a DECIMAL gets 38 digits and at least 6 behind the point. */
export function averageType(t: DataType): DataType {
  return t.kind === 'DECIMAL' ? { ...t, precision: 38, scale: Math.max(6, t.scale) } : t;
}

function number(name: string, args: readonly Argument[]): Mismatch | undefined {
  const [argument] = args;
  if (args.length !== 1 || argument === undefined) {
    return { mismatch: `${name} takes 1 argument, found ${args.length === 0 ? 'none' : args.length}` };
  }
  if (argument.type.kind === 'NULL') return untypedNull(0);
  return isNumeric(argument.type) ? undefined : wrongType(name, 'a number', argument, 0);
}

export const sum = defineAggregate({
  name: 'SUM',
  doc: 'The sum of all values that are not NULL, in their own type: integers wrap, a DECIMAL has 38 digits.',
  syntax: ['SUM(x)'],
  examples: [
    { sql: 'SUM(a)', rows: '(1), (2)', value: '3' },
    { sql: 'SUM(a)', rows: '(1.25), (2.5)', value: '3.75' },
  ],
  resolve: (args, { mayBeEmpty }) => {
    const wrong = number('SUM', args);
    if (wrong !== undefined) return wrong;
    const t = args[0]!.type;
    const result = withNullable(sumType(t), t.nullable || mayBeEmpty);
    const finish: Finish =
      t.kind === 'DECIMAL' ? (total) => (fitsPrecision(total as bigint, 38) ? total : null) : (total) => total;
    return { type: result, parameters: [t], mergeable: true, create: () => new Sums(additionOf(t), result, finish) };
  },
});

export const avg = defineAggregate({
  name: 'AVG',
  doc: 'The mean of all values that are not NULL, in their own type: that of integers is cut to an integer.',
  syntax: ['AVG(x)'],
  examples: [
    { sql: 'AVG(a)', rows: '(1), (2)', value: '1' },
    { sql: 'AVG(a)', rows: '(1.0), (2.5)', value: '1.750000' },
  ],
  resolve: (args, { mayBeEmpty }) => {
    const wrong = number('AVG', args);
    if (wrong !== undefined) return wrong;
    const t = args[0]!.type;
    const result = withNullable(averageType(t), t.nullable || mayBeEmpty);
    switch (t.kind) {
      case 'DECIMAL': {
        const { scale } = averageType(t) as typeof t;
        const finish: Finish = (total, count) => {
          const mean = divideHalfUp(rescale(total as bigint, t.scale, scale), count);
          return fitsPrecision(mean, 38) ? mean : null;
        };
        return {
          type: result,
          parameters: [t],
          mergeable: true,
          create: () => new Sums(additionOf(t), result, finish),
        };
      }
      case 'FLOAT':
      case 'DOUBLE': {
        const finish: Finish = (total, count) => {
          const mean = (total as number) / Number(count);
          return t.kind === 'FLOAT' ? Math.fround(mean) : mean;
        };
        return {
          type: result,
          parameters: [t],
          mergeable: true,
          create: () => new Sums(additionOf(type.double()), result, finish),
        };
      }
      default: {
        const finish: Finish = (total, count) =>
          t.kind === 'BIGINT' ? (total as bigint) / count : Number((total as bigint) / count);
        const create = () => new Sums(additionOf(type.bigint()), result, finish);
        return { type: result, parameters: [withNullable(type.bigint(), t.nullable)], mergeable: true, create };
      }
    }
  },
});
