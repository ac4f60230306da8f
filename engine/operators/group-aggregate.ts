import type { Accumulators, ResolvedAggregate } from '../functions/aggregate.ts';
import { isRetraction } from '../functions/aggregate.ts';
import { allocate, type Column, type RowBatch, RowKind } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { gather } from '../types/gather.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { Ages, type AgesImage } from './ages.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { sameValues } from './same-values.ts';
import { bytesOf, Spill, type Spillable, type SpillImage, type SpillOptions } from './spill.ts';

export interface GroupAggregateProgram {
  /** Of the input's columns. */
  readonly types: readonly DataType[];
  readonly keys: readonly number[];
  readonly calls: readonly {
    readonly resolved: ResolvedAggregate;
    readonly arguments: readonly number[];
    readonly filter?: number;
  }[];
  /** Whether rows are taken back. */
  readonly retracts: boolean;
  /** Milliseconds after which a group that no row touched is forgotten, without a word; absent: never. */
  readonly ttl?: number;
  /** Whether what reads this needs -U rows; where not, an update is +U alone and -D rows hold only the key. */
  readonly before: boolean;
  /** Where groups go that memory has no room for; absent: nowhere. */
  readonly spill?: SpillOptions;
}

interface Image {
  readonly index: KeyIndexImage;
  readonly counts: Float64Array;
  readonly calls: readonly unknown[];
  readonly ages?: AgesImage | undefined;
  readonly spilled?: SpillImage | undefined;
}

/** A group as it is kept outside of memory; `written`: when last, where groups are forgotten after a while. */
type SavedGroup = readonly [count: number, calls: readonly unknown[], written?: number];

/** What the index and the counts take for each group, in bytes, and a call whatever it remembers. */
const GROUP_BYTES = 40;
const CALL_BYTES = 24;

/**
 * A row for each group that has rows, updated once a batch: what a batch does to one group is folded into one change.
 * A retraction for a group that is not there is left out, as in Flink.
 */
export class GroupAggregate implements Operator {
  readonly #program: GroupAggregateProgram;
  readonly #index: KeyIndex;
  readonly #accumulators: readonly Accumulators[];
  readonly #ages: Ages | undefined;
  readonly #spill: Spill | undefined;
  readonly tick?: NonNullable<Operator['tick']>;
  /** Rows of each group. */
  #counts = new Float64Array(0);
  /** The number of the last batch that touched a group. */
  #touched = new Int32Array(0);
  #batch = 0;
  #slots = new Int32Array(0);
  #rows = new Int32Array(0);

  constructor(program: GroupAggregateProgram) {
    this.#program = program;
    this.#index = new KeyIndex(
      program.keys.map((i) => program.types[i]!),
      { nulls: true },
    );
    this.#accumulators = program.calls.map(({ resolved }) => resolved.create(program.retracts));
    this.#ages = program.ttl === undefined ? undefined : new Ages(program.ttl);
    if (this.#ages !== undefined) this.tick = (now) => this.#forgetOld(now);
    this.#spill = program.spill && new Spill(program.spill, bytesOfGroup(program), this.#index, this.#spillable);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => {
      const { limit } = this.#index;
      return {
        index: this.#index.snapshot(),
        counts: this.#counts.slice(0, limit),
        calls: this.#accumulators.map((each) => each.snapshot(limit)),
        ages: this.#ages?.snapshot(),
        spilled: this.#spill?.snapshot(),
      };
    },
    restore: (image) => {
      const { index, counts, calls, ages, spilled } = image as Image;
      this.#ages?.restore(ages, () => counts);
      this.#index.restore(index);
      this.#counts = counts.slice();
      this.#touched = new Int32Array(counts.length);
      for (const [i, each] of this.#accumulators.entries()) each.restore(calls[i]);
      this.#spill?.restore(spilled);
    },
  };

  readonly #spillable: Spillable = {
    save: (slot): SavedGroup => {
      const written = this.#ages?.writtenAt(slot);
      const calls = this.#accumulators.map((each) => each.save(slot));
      return written === undefined ? [this.#counts[slot]!, calls] : [this.#counts[slot]!, calls, written];
    },
    load: (slot, saved) => {
      const [count, calls, written] = saved as SavedGroup;
      if (written !== undefined && this.#ages?.isOld(written) === true) return;
      this.#counts[slot] = count;
      for (const [i, each] of this.#accumulators.entries()) each.load(slot, calls[i]);
    },
    drop: (slot) => {
      this.#counts[slot] = 0;
      this.#drop(slot);
    },
    until: (slot) => this.#ages?.until([slot]),
    now: () => this.#ages?.now ?? 0,
  };

  push(batch: RowBatch, _input: number, emit: Emit): void | Promise<void> {
    const { keys, before } = this.#program;
    const keyColumns = keys.map((i) => batch.columns[i]!);
    if (this.#slots.length < batch.length) {
      this.#slots = new Int32Array(batch.length);
      this.#rows = new Int32Array(batch.length);
    }
    this.#index.assign(keyColumns, batch.length, undefined, this.#slots);
    this.#grow(this.#index.limit);
    this.#spill?.touch(this.#slots, batch.length);
    const groups = this.#touchedGroups(batch.length);
    const existed = Uint8Array.from(groups.slots, (slot) => (this.#counts[slot]! > 0 ? 1 : 0));
    const old = before ? this.#values(groups.slots) : undefined;
    const length = this.#count(batch);
    this.#update(batch, length);
    const now = this.#values(groups.slots);
    const keyValues = keyColumns.map((column) => gather(column, groups.rows, groups.rows.length));
    const changes = this.#changes(groups.slots, existed, old, now);
    const columns = [
      ...keyValues.map((column) => gather(column, changes.at, changes.at.length)),
      ...now.map((column, c) => this.#pick(c, old?.[c] ?? column, column, changes)),
    ];
    this.#forgetEmpty(groups.slots);
    if (this.#ages !== undefined) for (const slot of groups.slots) this.#ages.note(slot);
    this.#spill?.evict(this.#index.count);
    const rows = changes.at.length;
    if (rows === 0) return undefined;
    const plain = changes.kinds.every((kind) => kind === RowKind.insert);
    return emit(plain ? { length: rows, columns } : { length: rows, columns, kinds: changes.kinds });
  }

  #grow(limit: number): void {
    if (limit <= this.#counts.length) return;
    const capacity = Math.max(limit, this.#counts.length * 2, 64);
    const counts = new Float64Array(capacity);
    counts.set(this.#counts);
    this.#counts = counts;
    const touched = new Int32Array(capacity);
    touched.set(this.#touched);
    this.#touched = touched;
    for (const each of this.#accumulators) each.grow(capacity);
  }

  /** The groups of the batch's rows in the order of their first rows. */
  #touchedGroups(length: number): { readonly slots: Int32Array; readonly rows: Int32Array } {
    this.#batch++;
    const slots = new Int32Array(length);
    const rows = new Int32Array(length);
    let n = 0;
    for (let row = 0; row < length; row++) {
      const slot = this.#slots[row]!;
      if (this.#touched[slot] === this.#batch) continue;
      this.#touched[slot] = this.#batch;
      slots[n] = slot;
      rows[n++] = row;
    }
    return { slots: slots.subarray(0, n), rows: rows.subarray(0, n) };
  }

  /** Counts the rows of the groups; those that take back what is not there are left out of `#rows` and `#slots`. */
  #count({ length, kinds }: RowBatch): number {
    const counts = this.#counts;
    let n = 0;
    for (let row = 0; row < length; row++) {
      const slot = this.#slots[row]!;
      if (kinds === undefined || !isRetraction(kinds[row]!)) counts[slot]!++;
      else if (counts[slot] === 0) continue;
      else counts[slot]!--;
      this.#rows[n] = row;
      this.#slots[n++] = slot;
    }
    return n;
  }

  #update(batch: RowBatch, length: number): void {
    const kinds = batch.kinds === undefined ? {} : { kinds: batch.kinds };
    for (const [c, call] of this.#program.calls.entries()) {
      const columns = call.arguments.map((i) => batch.columns[i]!);
      const all = { columns, rows: this.#rows, slots: this.#slots, length, ...kinds };
      this.#accumulators[c]!.update(call.filter === undefined ? all : filtered(all, batch.columns[call.filter]!));
    }
  }

  #values(slots: Int32Array): Column[] {
    return this.#accumulators.map((each) => each.values(slots, slots.length));
  }

  /** The output rows: the place in `slots` of each one's group, and its kind. */
  #changes(
    slots: Int32Array,
    existed: Uint8Array,
    old: readonly Column[] | undefined,
    now: readonly Column[],
  ): { readonly at: Int32Array; readonly kinds: Uint8Array } {
    const at = new Int32Array(slots.length * 2);
    const kinds = new Uint8Array(slots.length * 2);
    let n = 0;
    const add = (g: number, kind: number) => {
      at[n] = g;
      kinds[n++] = kind;
    };
    for (let g = 0; g < slots.length; g++) {
      const exists = this.#counts[slots[g]!]! > 0;
      if (existed[g] === 0) {
        if (exists) add(g, RowKind.insert);
      } else if (!exists) add(g, RowKind.delete);
      else if (now.length === 0) continue;
      else if (old === undefined) add(g, RowKind.updateAfter);
      else if (!this.#same(old, now, g)) {
        add(g, RowKind.updateBefore);
        add(g, RowKind.updateAfter);
      }
    }
    return { at: at.slice(0, n), kinds: kinds.slice(0, n) };
  }

  #same(old: readonly Column[], now: readonly Column[], g: number): boolean {
    return now.every((column, c) => sameValues(this.#program.calls[c]!.resolved.type, old[c]!, g, column, g));
  }

  #pick(
    c: number,
    old: Column,
    now: Column,
    { at, kinds }: { readonly at: Int32Array; readonly kinds: Uint8Array },
  ): Column {
    const values = allocate(this.#program.calls[c]!.resolved.type, at.length) as unknown[];
    const nulls = old.nulls === undefined && now.nulls === undefined ? undefined : new Uint8Array(at.length);
    for (let i = 0; i < at.length; i++) {
      const from = isRetraction(kinds[i]!) ? old : now;
      values[i] = from.values[at[i]!];
      if (nulls !== undefined && from.nulls?.[at[i]!] === 1) nulls[i] = 1;
    }
    return nulls === undefined ? { values: values as Column['values'] } : { values: values as Column['values'], nulls };
  }

  #forgetEmpty(slots: Int32Array): void {
    for (const slot of slots) if (this.#counts[slot] === 0) this.#forget(slot);
  }

  #forgetOld(now: number): void {
    for (const slot of this.#ages!.expire(now)) {
      if (this.#counts[slot] === 0) continue;
      this.#counts[slot] = 0;
      this.#forget(slot);
    }
  }

  #forget(slot: number): void {
    this.#spill?.forget(slot);
    this.#drop(slot);
  }

  #drop(slot: number): void {
    for (const each of this.#accumulators) each.clear(slot);
    this.#index.remove(slot);
  }
}

function bytesOfGroup({ keys, types, calls }: GroupAggregateProgram): number {
  const remembered = calls.flatMap(({ resolved }) => resolved.parameters);
  return GROUP_BYTES + bytesOf(keys.map((i) => types[i]!)) + calls.length * CALL_BYTES + bytesOf(remembered);
}

/** Only the rows for which a condition is TRUE. */
export function filtered<R extends { rows: Int32Array; slots: Int32Array; length: number }>(
  all: R,
  condition: Column,
): R {
  const rows = new Int32Array(all.length);
  const slots = new Int32Array(all.length);
  let length = 0;
  for (let i = 0; i < all.length; i++) {
    const row = all.rows[i]!;
    if (condition.nulls?.[row] === 1 || condition.values[row] !== 1) continue;
    rows[length] = row;
    slots[length++] = all.slots[i]!;
  }
  return { ...all, rows, slots, length };
}
