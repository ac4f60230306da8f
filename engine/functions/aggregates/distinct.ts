import type { Column } from '../../types/batch.ts';
import { type DataType, type } from '../../types/data-type.ts';
import { gather } from '../../types/gather.ts';
import { KeyIndex, type KeyIndexImage } from '../../types/key-index.ts';
import { type Accumulators, type AggregateRows, isRetraction, type ResolvedAggregate } from '../aggregate.ts';

/** The same call over each different set of arguments once: DISTINCT. */
export function distinctOf(resolved: ResolvedAggregate): ResolvedAggregate {
  return {
    ...resolved,
    create: (retracts) => new DistinctValues(resolved.parameters, resolved.create(retracts)),
  };
}

interface Image {
  readonly index: KeyIndexImage;
  readonly counts: Float64Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  readonly first: Int32Array;
  readonly inner: unknown;
}

/** The sets of arguments of one group, in the order in which they came. */
interface SavedValues {
  readonly columns: readonly Column[];
  readonly counts: Float64Array;
  readonly inner: unknown;
}

const NONE = -1;

/**
 * How often each group has each set of arguments; the accumulators behind hear of the first one that comes and the last
 * one that goes. An entry a set in columns, those of a group in a list through `next` and `previous`.
 */
class DistinctValues implements Accumulators {
  readonly #parameters: readonly DataType[];
  readonly #inner: Accumulators;
  readonly #index: KeyIndex;
  #counts = new Float64Array(0);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  /** The first entry of each group. */
  #first = new Int32Array(0);

  constructor(parameters: readonly DataType[], inner: Accumulators) {
    this.#parameters = parameters;
    this.#inner = inner;
    this.#index = new KeyIndex([type.int(false), ...parameters], { nulls: true });
  }

  grow(capacity: number): void {
    const before = this.#first.length;
    if (capacity > before) this.#first = grown(this.#first, new Int32Array(capacity).fill(NONE, before));
    this.#inner.grow(capacity);
  }

  clear(slot: number): void {
    for (const entry of this.#entriesOf(slot)) {
      this.#counts[entry] = 0;
      this.#index.remove(entry);
    }
    this.#first[slot] = NONE;
    this.#inner.clear(slot);
  }

  update({ columns, rows, slots, length, kinds }: AggregateRows): void {
    const entries = new Int32Array(length);
    this.#index.assign(
      [{ values: slots }, ...columns.map((column) => gather(column, rows, length))],
      length,
      undefined,
      entries,
    );
    this.#growEntries(this.#index.limit);
    const changedRows = new Int32Array(length);
    const changedSlots = new Int32Array(length);
    let changed = 0;
    for (let i = 0; i < length; i++) {
      const entry = entries[i]!;
      const retracted = kinds !== undefined && isRetraction(kinds[rows[i]!]!);
      const count = this.#counts[entry]!;
      // What is not there cannot be taken back.
      if (retracted && count === 0) continue;
      this.#counts[entry] = count + (retracted ? -1 : 1);
      if (count !== (retracted ? 1 : 0)) continue;
      changedRows[changed] = rows[i]!;
      changedSlots[changed++] = slots[i]!;
      if (retracted) this.#unlink(entry, slots[i]!);
      else this.#link(entry, slots[i]!);
    }
    this.#forgetUnused(entries);
    const kept = kinds === undefined ? {} : { kinds };
    this.#inner.update({ columns, rows: changedRows, slots: changedSlots, length: changed, ...kept });
  }

  merge(from: number, to: number): void {
    const entries = this.#entriesOf(from);
    const { length } = entries;
    const counts = entries.map((entry) => this.#counts[entry]!);
    const columns = this.#argumentsOf(Int32Array.from(entries));
    const rows = Int32Array.from(entries, (_, i) => i);
    const slots = new Int32Array(length).fill(to);
    this.update({ columns, rows, slots, length });
    const merged = new Int32Array(length);
    this.#index.assign([{ values: slots }, ...columns], length, undefined, merged);
    for (let i = 0; i < length; i++) this.#counts[merged[i]!]! += counts[i]! - 1;
  }

  values(slots: Int32Array, length: number): Column {
    return this.#inner.values(slots, length);
  }

  save(slot: number): SavedValues {
    const entries = this.#entriesOf(slot);
    return {
      columns: this.#argumentsOf(Int32Array.from(entries)),
      counts: Float64Array.from(entries, (entry) => this.#counts[entry]!),
      inner: this.#inner.save(slot),
    };
  }

  load(slot: number, saved: unknown): void {
    const { columns, counts, inner } = saved as SavedValues;
    const { length } = counts;
    const entries = new Int32Array(length);
    this.#index.assign([{ values: new Int32Array(length).fill(slot) }, ...columns], length, undefined, entries);
    this.#growEntries(this.#index.limit);
    for (let i = 0; i < length; i++) {
      this.#counts[entries[i]!] = counts[i]!;
      this.#link(entries[i]!, slot);
    }
    this.#inner.load(slot, inner);
  }

  snapshot(limit: number): Image {
    const entries = this.#index.limit;
    return {
      index: this.#index.snapshot(),
      counts: this.#counts.slice(0, entries),
      next: this.#next.slice(0, entries),
      previous: this.#previous.slice(0, entries),
      first: this.#first.slice(0, limit),
      inner: this.#inner.snapshot(limit),
    };
  }

  restore(image: unknown): void {
    const { index, counts, next, previous, first, inner } = image as Image;
    this.#index.restore(index);
    this.#counts = counts.slice();
    this.#next = next.slice();
    this.#previous = previous.slice();
    this.#first = first.slice();
    this.#inner.restore(inner);
  }

  #growEntries(limit: number): void {
    if (limit <= this.#counts.length) return;
    const capacity = Math.max(limit, this.#counts.length * 2, 64);
    this.#counts = grown(this.#counts, new Float64Array(capacity));
    this.#next = grown(this.#next, new Int32Array(capacity));
    this.#previous = grown(this.#previous, new Int32Array(capacity));
  }

  #link(entry: number, slot: number): void {
    const first = this.#first[slot]!;
    this.#next[entry] = first;
    this.#previous[entry] = NONE;
    if (first !== NONE) this.#previous[first] = entry;
    this.#first[slot] = entry;
  }

  #unlink(entry: number, slot: number): void {
    const next = this.#next[entry]!;
    const previous = this.#previous[entry]!;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous === NONE) this.#first[slot] = next;
    else this.#next[previous] = next;
  }

  #forgetUnused(entries: Int32Array): void {
    const unused = new Set<number>();
    for (const entry of entries) if (this.#counts[entry] === 0) unused.add(entry);
    for (const entry of unused) this.#index.remove(entry);
  }

  /** The entries of a group, in the order in which they came. */
  #entriesOf(slot: number): number[] {
    const entries: number[] = [];
    for (let entry = this.#first[slot]!; entry !== NONE; entry = this.#next[entry]!) entries.push(entry);
    return entries.reverse();
  }

  #argumentsOf(entries: Int32Array): Column[] {
    return this.#parameters.map((_, i) => this.#index.gather(i + 1, entries, entries.length));
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from as never);
  return to;
}
