import { type Column, columnOf } from '../../types/batch.ts';
import { numericCast } from '../../types/cast-number.ts';
import { type DecimalType, isNumeric } from '../../types/coerce.ts';
import { type DataType, type Scalar, type, withNullable } from '../../types/data-type.ts';
import {
  type Accumulators,
  type AggregateFunction,
  type AggregateRows,
  defineAggregate,
  isRetraction,
} from '../aggregate.ts';
import { fitted, quotient } from '../decimal-arithmetic.ts';
import { productType, quotientType, sumType } from '../decimal-type.ts';
import { checkCount, untypedNull, wrongType } from '../signature.ts';
import { type SavedSlot, SlotColumn, type SlotImage } from './slots.ts';
import { averageType } from './sum.ts';

/**
 * What a type's values do on their way to a variance: Flink computes (SUM(x·x) - SUM(x)·SUM(x) / COUNT(x)) / n, each
 * step in the type that it would have in SQL. null: beyond the digits of a DECIMAL.
 */
interface Steps<T> {
  readonly zero: T;
  readonly sums: DataType;
  readonly squares: DataType;
  square(value: T): T;
  add(sum: T, value: T, sign: 1 | -1): T;
  addSquare(sum: T, square: T, sign: 1 | -1): T;
  /** `divisor` is the count or one less. */
  variance(sum: T, squares: T, count: number, divisor: number): T | null;
  /** As a value of the result's type. */
  finish(variance: T, root: boolean): Scalar;
}

type Value = number | bigint;

/** The sum, the sum of squares and the number of values of each group. */
class Moments implements Accumulators {
  readonly #steps: Steps<Value>;
  readonly #kind: Kind;
  readonly #result: DataType;
  readonly #sums: SlotColumn;
  readonly #squares: SlotColumn;
  readonly #counts = new SlotColumn(type.double());

  constructor(steps: Steps<Value>, kind: Kind, result: DataType) {
    this.#steps = steps;
    this.#kind = kind;
    this.#result = result;
    this.#sums = new SlotColumn(steps.sums);
    this.#squares = new SlotColumn(steps.squares);
  }

  grow(capacity: number): void {
    for (const each of [this.#sums, this.#squares, this.#counts]) each.grow(capacity);
  }

  clear(slot: number): void {
    for (const each of [this.#sums, this.#squares, this.#counts]) each.clear(slot);
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    const { values, nulls } = columns[0]!;
    const { square } = this.#steps;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      const value = values[row] as Value;
      this.#add(slots[i]!, value, square(value), kinds !== undefined && isRetraction(kinds[row]!) ? -1 : 1, 1);
    }
  }

  merge(from: number, to: number): void {
    const sum = (this.#sums.values[from] ?? this.#steps.zero) as Value;
    const squares = (this.#squares.values[from] ?? this.#steps.zero) as Value;
    this.#add(to, sum, squares, 1, this.#counts.values[from] as number);
  }

  values(slots: Int32Array, length: number): Column {
    return columnOf(
      this.#result,
      Array.from({ length }, (_, i) => this.#valueOf(slots[i]!)),
    );
  }

  save(slot: number): unknown {
    return [this.#sums, this.#squares, this.#counts].map((each) => each.save(slot));
  }

  load(slot: number, saved: unknown): void {
    for (const [i, each] of [this.#sums, this.#squares, this.#counts].entries()) {
      each.load(slot, (saved as SavedSlot[])[i]!);
    }
  }

  snapshot(limit: number): unknown {
    return [this.#sums, this.#squares, this.#counts].map((each) => each.snapshot(limit));
  }

  restore(image: unknown): void {
    const images = image as readonly SlotImage[];
    for (const [i, each] of [this.#sums, this.#squares, this.#counts].entries()) each.restore(images[i]!);
  }

  #add(slot: number, value: Value, square: Value, sign: 1 | -1, count: number): void {
    const { add, addSquare, zero } = this.#steps;
    const sums = this.#sums.values as Value[];
    const squares = this.#squares.values as Value[];
    sums[slot] = add(sums[slot] ?? zero, value, sign);
    squares[slot] = addSquare(squares[slot] ?? zero, square, sign);
    (this.#counts.values as Float64Array)[slot]! += sign * count;
  }

  #valueOf(slot: number): Scalar {
    const count = this.#counts.values[slot] as number;
    const divisor = this.#kind.sample ? count - 1 : count;
    if (count <= 0 || divisor === 0) return null;
    const { variance, finish, zero } = this.#steps;
    const sum = (this.#sums.values[slot] ?? zero) as Value;
    const found = variance(sum, (this.#squares.values[slot] ?? zero) as Value, count, divisor);
    return found === null ? null : finish(found, this.#kind.root);
  }
}

const BITS: Readonly<Record<string, number>> = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 };

/** Integers wrap in their own type until they are divided, then as BIGINT. */
function integerSteps(t: DataType): Steps<bigint> {
  const bits = BITS[t.kind]!;
  const wrap = (value: bigint) => BigInt.asIntN(bits, value);
  const add = (sum: bigint, value: bigint, sign: 1 | -1) => wrap(sign > 0 ? sum + value : sum - value);
  const whole =
    t.kind === 'BIGINT'
      ? (value: bigint): Scalar => value
      : (numericCast(type.bigint(false), t)!.evaluate as (value: bigint) => Scalar);
  const real = numericCast(type.double(false), t)!.evaluate as (value: number) => Scalar;
  return {
    zero: 0n,
    sums: type.bigint(),
    squares: type.bigint(),
    square: (value) => wrap(value * value),
    add,
    addSquare: add,
    variance: (sum, squares, count, divisor) =>
      BigInt.asIntN(64, squares - wrap(sum * sum) / BigInt(count)) / BigInt(divisor),
    finish: (variance, root) => (root ? real(Math.sqrt(Number(variance))) : whole(variance)),
  };
}

function approximateSteps(t: DataType): Steps<number> {
  const round = t.kind === 'FLOAT' ? Math.fround : (value: number) => value;
  const add = (sum: number, value: number, sign: 1 | -1) => round(sum + sign * value);
  return {
    zero: 0,
    sums: t,
    squares: t,
    square: (value) => round(value * value),
    add,
    addSquare: add,
    variance: (sum, squares, count, divisor) => (squares - round(sum * sum) / count) / divisor,
    finish: (variance, root) => round(root ? Math.sqrt(variance) : variance),
  };
}

/** COUNT as a divisor. */
const countType: DecimalType = { kind: 'DECIMAL', precision: 19, scale: 0, nullable: false };

function decimalSteps(t: DecimalType, result: DecimalType): Steps<bigint> {
  const wide = (scale: number): DecimalType => ({ kind: 'DECIMAL', precision: 38, scale, nullable: false });
  const squareType = productType(t, t);
  const sums = wide(t.scale);
  const productOfSums = productType(sums, sums);
  const mean = quotientType(productOfSums, countType);
  const squares = wide(squareType.scale);
  const difference = sumType(squares, mean);
  const variance = quotientType(difference, countType);
  const add = (sum: bigint, value: bigint, sign: 1 | -1) => (sign > 0 ? sum + value : sum - value);
  const toDouble = numericCast(variance, type.double(false))!.evaluate as (value: bigint) => number;
  const fromDouble = numericCast(type.double(false), result)!.evaluate as (value: number) => Scalar;
  return {
    zero: 0n,
    sums,
    squares,
    square: (value) => fitted(value * value, t.scale * 2, squareType) ?? 0n,
    add,
    addSquare: add,
    variance: (sum, sumOfSquares, count, divisor) => {
      const product = fitted(sum * sum, t.scale * 2, productOfSums);
      const part = product === null ? null : quotient(product, productOfSums.scale, BigInt(count), 0, mean);
      if (part === null) return null;
      const left = fitted(
        sumOfSquares * 10n ** BigInt(Math.max(0, mean.scale - squares.scale)) -
          part * 10n ** BigInt(Math.max(0, squares.scale - mean.scale)),
        Math.max(squares.scale, mean.scale),
        difference,
      );
      return left === null ? null : quotient(left, difference.scale, BigInt(divisor), 0, variance);
    },
    finish: (found, root) => (root ? fromDouble(Math.sqrt(toDouble(found))) : fitted(found, variance.scale, result)),
  };
}

function stepsOf(t: DataType, result: DataType): Steps<Value> {
  switch (t.kind) {
    case 'DECIMAL':
      return decimalSteps(t, result as DecimalType) as Steps<never> as Steps<Value>;
    case 'FLOAT':
    case 'DOUBLE':
      return approximateSteps(t) as Steps<never> as Steps<Value>;
    default:
      return integerSteps(t) as Steps<never> as Steps<Value>;
  }
}

interface Kind {
  /** Divides by one less than the count; NULL for a single value. */
  readonly sample: boolean;
  /** The deviation instead of the variance. */
  readonly root: boolean;
}

function moment(name: string, aliases: readonly string[], kind: Kind, doc: string, example: string): AggregateFunction {
  return defineAggregate({
    name,
    aliases,
    doc,
    syntax: [name, ...aliases].map((each) => `${each}(x)`),
    examples: [{ sql: `${name}(a)`, rows: '(1e0), (2e0), (4e0)', value: example }],
    resolve: (args, { mayBeEmpty }) => {
      const wrong = checkCount(name, args.length, 1);
      if (wrong !== undefined) return wrong;
      const t = args[0]!.type;
      if (t.kind === 'NULL') return untypedNull(0);
      if (!isNumeric(t)) return wrongType(name, 'a number', args[0]!, 0);
      const result = withNullable(averageType(t), t.nullable || mayBeEmpty || kind.sample);
      const whole = t.kind !== 'DECIMAL' && t.kind !== 'FLOAT' && t.kind !== 'DOUBLE';
      return {
        type: result,
        parameters: [whole ? withNullable(type.bigint(), t.nullable) : t],
        mergeable: true,
        create: () => new Moments(stepsOf(t, result), kind, result),
      };
    },
  });
}

export const moments: readonly AggregateFunction[] = [
  moment(
    'VAR_POP',
    [],
    { sample: false, root: false },
    'The variance of all values that are not NULL, in their own type.',
    '1.555555555555556',
  ),
  moment(
    'VAR_SAMP',
    ['VARIANCE'],
    { sample: true, root: false },
    'The variance of a sample, in the type of the values; NULL for a single value.',
    '2.333333333333334',
  ),
  moment(
    'STDDEV_POP',
    [],
    { sample: false, root: true },
    'The standard deviation of all values that are not NULL, in their own type.',
    '1.2472191289246473',
  ),
  moment(
    'STDDEV_SAMP',
    ['STDDEV'],
    { sample: true, root: true },
    'The standard deviation of a sample, in the type of the values; NULL for a single value.',
    '1.5275252316519468',
  ),
];
