import { type Column, columnOf, valueAt } from '../../types/batch.ts';
import { resolveCast } from '../../types/cast.ts';
import { isInteger, isNumeric } from '../../types/coerce.ts';
import { type Scalar, type } from '../../types/data-type.ts';
import { type Accumulators, type AggregateRows, defineAggregate, isRetraction } from '../aggregate.ts';
import { compareValues } from '../compare-values.ts';
import type { Argument, Mismatch } from '../define.ts';
import { checkCount, untypedNull, wrongType } from '../signature.ts';

const DOUBLE = type.double();

/** The different numbers of a group in ascending order, and how often each is there. */
interface Counted {
  readonly values: number[];
  readonly counts: number[];
  total: number;
}

/** All numbers of each group, sorted. */
class Percentiles implements Accumulators {
  readonly #groups: Counted[] = [];
  readonly #shares: readonly number[];
  readonly #several: boolean;

  /** `shares`: from 0 to 1; `several`: the value is an array of them. */
  constructor(shares: readonly number[], several: boolean) {
    this.#shares = shares;
    this.#several = several;
  }

  grow(capacity: number): void {
    while (this.#groups.length < capacity) this.#groups.push(nothing());
  }

  clear(slot: number): void {
    this.#groups[slot] = nothing();
  }

  /** Columns: the number, then, where rows say how often theirs counts, what is ignored here and how often. */
  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    const [numbers, , times] = columns;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      const value = valueAt(DOUBLE, numbers!, row) as number | null;
      const count = times === undefined ? 1 : Number(valueAt(type.bigint(), times, row) ?? 0n);
      if (value === null || count <= 0) continue;
      add(this.#groups[slots[i]!]!, value, kinds !== undefined && isRetraction(kinds[row]!) ? -count : count);
    }
  }

  merge(from: number, to: number): void {
    const { values, counts } = this.#groups[from]!;
    for (const [i, value] of values.entries()) add(this.#groups[to]!, value, counts[i]!);
  }

  values(slots: Int32Array, length: number): Column {
    const scalars = Array.from({ length }, (_, i) => this.#valueOf(this.#groups[slots[i]!]!));
    return columnOf(this.#several ? type.array(type.double()) : type.double(), scalars);
  }

  save(slot: number): unknown {
    return copy(this.#groups[slot]!);
  }

  load(slot: number, saved: unknown): void {
    this.#groups[slot] = saved as Counted;
  }

  snapshot(limit: number): unknown {
    return this.#groups.slice(0, limit).map(copy);
  }

  restore(image: unknown): void {
    this.#groups.splice(0, this.#groups.length, ...(image as readonly Counted[]).map(copy));
  }

  #valueOf(group: Counted): Scalar {
    if (group.total <= 0) return null;
    return this.#several
      ? this.#shares.map((share) => numberBelow(group, share))
      : numberBelow(group, this.#shares[0]!);
  }
}

function nothing(): Counted {
  return { values: [], counts: [], total: 0 };
}

function copy({ values, counts, total }: Counted): Counted {
  return { values: [...values], counts: [...counts], total };
}

function add(group: Counted, value: number, count: number): void {
  const { values, counts } = group;
  const at = placeOf(values, value);
  group.total += count;
  if (at < values.length && compareValues(DOUBLE, values[at]!, value) === 0) {
    counts[at]! += count;
    if (counts[at] !== 0) return;
    values.splice(at, 1);
    counts.splice(at, 1);
  } else {
    values.splice(at, 0, value);
    counts.splice(at, 0, count);
  }
}

/** The first place whose number is not less. */
function placeOf(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareValues(DOUBLE, values[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Between two numbers in proportion; counted from 1 as Flink does, which decides about the last bit. */
function numberBelow(group: Counted, share: number): number {
  const position = (group.total - 1) * share + 1;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  const low = numberAt(group, below);
  const high = below === above ? low : numberAt(group, above);
  return low === high || below === above ? low : (above - position) * low + (position - below) * high;
}

/** The `n`th number, from 1. */
function numberAt({ values, counts }: Counted, n: number): number {
  let passed = 0;
  for (const [i, count] of counts.entries()) {
    passed += count;
    if (passed >= n) return values[i]!;
  }
  return values.at(-1)!;
}

/** The shares as numbers, from a constant that is one or an array of them. */
function sharesOf(argument: Argument): readonly number[] | Mismatch {
  const { type: t, literal } = argument;
  const element = t.kind === 'ARRAY' ? t.element : t;
  const items = t.kind === 'ARRAY' ? (literal as readonly Scalar[] | null | undefined) : [literal ?? null];
  const cast = isNumeric(element) ? resolveCast(element, type.double(), 'UTC') : undefined;
  const shares = items?.map((item) => {
    return item === null || cast === undefined
      ? Number.NaN
      : Number((cast.evaluate as (value: Scalar) => Scalar)(item));
  });
  if (shares?.every((share) => share >= 0 && share <= 1)) return shares;
  const help = 'write a number such as 0.95, or several: ARRAY[0.5, 0.95]';
  return { mismatch: 'the percentage of PERCENTILE is a constant from 0 to 1', argument: 1, help };
}

export const percentile = defineAggregate({
  name: 'PERCENTILE',
  doc: 'The number below which a share of all numbers lies, in proportion between two of them; of several shares an array. NULL is left out. A third argument says how often a row counts.',
  syntax: ['PERCENTILE(x, share [, times])', 'PERCENTILE(x, ARRAY[share, …] [, times])'],
  examples: [
    { sql: 'PERCENTILE(a, 0.5)', rows: '(1), (2), (4)', value: '2.0' },
    { sql: 'PERCENTILE(a, ARRAY[0.25, 1.0])', rows: '(1), (2), (4)', value: '[1.5, 4.0]' },
    { sql: 'PERCENTILE(a, 0.5, b)', rows: '(1, 1), (2, 1), (4, 5)', value: '4.0' },
  ],
  resolve: (args) => {
    const wrong = checkCount('PERCENTILE', args.length, 2, 3);
    if (wrong !== undefined) return wrong;
    const [value, share, times] = args as [Argument, Argument, Argument | undefined];
    if (value.type.kind === 'NULL') return untypedNull(0);
    if (!isNumeric(value.type)) return wrongType('PERCENTILE', 'a number', value, 0);
    if (times !== undefined && !isInteger(times.type)) return wrongType('PERCENTILE', 'an integer', times, 2);
    const shares = sharesOf(share);
    if ('mismatch' in shares) return shares;
    const several = share.type.kind === 'ARRAY';
    return {
      type: several ? type.array(type.double()) : type.double(),
      parameters: [type.double(), ...(times === undefined ? [] : [share.type, type.bigint()])],
      clauses: several ? `ARRAY[${shares.join(', ')}]` : String(shares[0]),
      create: () => new Percentiles(shares, several),
    };
  },
});
