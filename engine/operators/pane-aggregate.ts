import type { Accumulators } from '../functions/aggregate.ts';
import { SlotColumn } from '../functions/aggregates/slots.ts';
import type { Column, RowBatch } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import { KeyIndex, type KeyIndexImage } from '../types/key-index.ts';
import { filtered, type GroupAggregateProgram } from './group-aggregate.ts';
import type { Emit, Operator, OperatorState } from './operator.ts';
import { Panes, type PanesImage, type PanesProgram } from './panes.ts';
import { lastInstant } from './window-rows.ts';

type Bound = 'start' | 'end' | 'time';

export interface PaneAggregateProgram extends Pick<GroupAggregateProgram, 'types' | 'calls'>, PanesProgram {
  /** What rows are grouped by: columns, or bounds of their windows. */
  readonly keys: readonly (number | Bound)[];
  /** The columns that hold bounds of a row's pane. */
  readonly bounds: ReadonlyMap<number, Bound>;
  /** Told of the rows of a batch that are late; they have the bounds of their last window. */
  late(batch: RowBatch, rows: Int32Array): void;
}

interface Image {
  readonly slots: KeyIndexImage;
  readonly groups: KeyIndexImage;
  readonly groupOf: Int32Array;
  readonly uses: Int32Array;
  readonly panes: PanesImage;
  readonly result: readonly number[];
  readonly calls: readonly unknown[];
}

const PANE = { kind: 'TIMESTAMP', precision: 6, nullable: false } as const;

/**
 * A final row for each group of a window when the window closes, where windows overlap: rows are aggregated once, for
 * their pane, and a window merges the panes that it is made of. Windows that begin together (CUMULATE) go on from what
 * the one before has. Rows that are in no open window any more are late and left out.
 *
 * In the accumulators a group of a pane has the slot 2n, n being its number in `#slots`, and a group of a window 2n + 1,
 * n being its number in `#groups`.
 */
export class PaneAggregate implements Operator {
  readonly #program: PaneAggregateProgram;
  /** The columns of the keys that are no bounds. */
  readonly #columns: readonly number[];
  readonly #pane: { readonly column: number; readonly bound: Bound };
  readonly #slots: KeyIndex;
  readonly #groups: KeyIndex;
  readonly #accumulators: readonly Accumulators[];
  readonly #panes: Panes;
  /** The group of each slot, and how many slots and results each group has. */
  #groupOf = new Int32Array(0);
  #uses = new Int32Array(0);
  /** The groups of the window that is put together, and whether a group is among them. */
  #result: number[] = [];
  #inResult = new Uint8Array(0);
  #capacity = 0;

  constructor(program: PaneAggregateProgram) {
    this.#program = program;
    this.#columns = program.keys.filter((key) => typeof key === 'number');
    const [pane] = [...program.bounds].filter(([, bound]) => bound !== 'time');
    this.#pane = { column: pane![0], bound: pane![1] };
    const types: DataType[] = this.#columns.map((i) => program.types[i]!);
    this.#slots = new KeyIndex([...types, PANE], { nulls: true });
    this.#groups = new KeyIndex(types, { nulls: true });
    this.#accumulators = program.calls.map(({ resolved }) => resolved.create(false));
    this.#panes = new Panes(program);
  }

  readonly state: OperatorState = {
    snapshot: (): Image => ({
      slots: this.#slots.snapshot(),
      groups: this.#groups.snapshot(),
      groupOf: this.#groupOf.slice(0, this.#slots.limit),
      uses: this.#uses.slice(0, this.#groups.limit),
      panes: this.#panes.snapshot(),
      result: [...this.#result],
      calls: this.#accumulators.map((each) => each.snapshot(this.#limit)),
    }),
    restore: (image) => {
      const { slots, groups, groupOf, uses, panes, result, calls } = image as Image;
      this.#slots.restore(slots);
      this.#groups.restore(groups);
      this.#groupOf = groupOf.slice();
      this.#uses = uses.slice();
      this.#panes.restore(panes);
      for (const [i, each] of this.#accumulators.entries()) each.restore(calls[i]);
      this.#capacity = this.#limit;
      this.#inResult = new Uint8Array(this.#groups.limit);
      this.#result = [...result];
      for (const group of result) this.#inResult[group] = 1;
    },
    reopen: () => this.#panes.reopen(),
  };

  /** All slots of the accumulators are below. */
  get #limit(): number {
    return 2 * Math.max(this.#slots.limit, this.#groups.limit);
  }

  push(batch: RowBatch): void {
    const { length } = batch;
    const { column, bound } = this.#pane;
    const times = batch.columns[column]!.values as BigInt64Array;
    const ends = bound === 'end' ? times : times.map((start) => start + this.#program.length);
    const late = this.#lateRows(ends, length);
    if (late !== undefined) this.#report(batch, ends, late);
    const assigned = new Int32Array(length);
    const keys = this.#columns.map((i) => batch.columns[i]!);
    this.#slots.assign([...keys, { values: ends }], length, late, assigned);
    this.#enter(keys, ends, assigned, late);
    const rows = new Int32Array(length);
    const slots = new Int32Array(length);
    let taken = 0;
    for (let row = 0; row < length; row++) {
      if (late?.[row] === 1) continue;
      rows[taken] = row;
      slots[taken++] = 2 * assigned[row]!;
    }
    for (const [c, call] of this.#program.calls.entries()) {
      const all = { columns: call.arguments.map((i) => batch.columns[i]!), rows, slots, length: taken };
      this.#accumulators[c]!.update(call.filter === undefined ? all : filtered(all, batch.columns[call.filter]!));
    }
  }

  advance(watermark: bigint, emit: Emit): void | Promise<void> {
    const due = this.#panes.advance(watermark);
    if (due.length === 0) return undefined;
    const output = this.#program.keys.map(
      (key) => new SlotColumn(typeof key === 'number' ? this.#program.types[key]! : PANE),
    );
    const values = this.#program.calls.map(({ resolved }) => new SlotColumn(resolved.type));
    let length = 0;
    for (const end of due) {
      this.#merge(end);
      const groups = Int32Array.from(this.#result);
      const columns = [...this.#keysOf(end, groups), ...this.#valuesOf(groups)];
      const from = Int32Array.from(groups.keys());
      const to = from.map((i) => length + i);
      length += groups.length;
      for (const [c, each] of [...output, ...values].entries()) {
        if (length > each.nulls.length) each.grow(2 * length);
        each.scatter(to, from, groups.length, columns[c]!);
      }
      if (this.#panes.endsResult(end)) this.#endResult();
    }
    const all = Int32Array.from({ length }, (_, i) => i);
    return length === 0
      ? undefined
      : emit({ length, columns: [...output, ...values].map((each) => each.gather(all, length)) });
  }

  #lateRows(ends: BigInt64Array, length: number): Uint8Array | undefined {
    let late: Uint8Array | undefined;
    for (let row = 0; row < length; row++) {
      if (!this.#panes.isLate(ends[row]!)) continue;
      late ??= new Uint8Array(length);
      late[row] = 1;
    }
    return late;
  }

  /** Late rows with the bounds of the last window that they were in. */
  #report(batch: RowBatch, ends: BigInt64Array, late: Uint8Array): void {
    const windows = ends.map((end) => this.#panes.lastWindow(end));
    const columns = batch.columns.map((column, i): Column => {
      const bound = this.#program.bounds.get(i);
      return bound === undefined ? column : { values: windows.map((end) => this.#boundOf(bound, end)) };
    });
    const rows = Int32Array.from(late.keys()).filter((row) => late[row] === 1);
    this.#program.late({ ...batch, columns }, rows);
  }

  #boundOf(bound: Bound, end: bigint): bigint {
    if (bound === 'time') return lastInstant(end, this.#program.zone);
    return bound === 'end' ? end : this.#panes.startOf(end);
  }

  /** Notes the groups and the panes of slots that are new. */
  #enter(keys: readonly Column[], ends: BigInt64Array, assigned: Int32Array, late: Uint8Array | undefined): void {
    this.#grow();
    const known = new Uint8Array(ends.length).fill(1);
    const fresh: number[] = [];
    for (let row = 0; row < assigned.length; row++) {
      if (late?.[row] === 1 || this.#groupOf[assigned[row]!]! >= 0) continue;
      known[row] = 0;
      // One row of those that share a slot.
      this.#groupOf[assigned[row]!] = 0;
      fresh.push(row);
    }
    if (fresh.length === 0) return;
    const groups = new Int32Array(ends.length);
    this.#groups.assign(keys, ends.length, known, groups);
    this.#grow();
    for (const row of fresh) {
      const slot = assigned[row]!;
      this.#groupOf[slot] = groups[row]!;
      this.#uses[groups[row]!]!++;
      this.#panes.add(ends[row]!, slot);
    }
  }

  /** Puts together the groups of the window that ends there. */
  #merge(end: bigint): void {
    const { panes, done } = this.#panes.take(end);
    for (const slots of panes) {
      for (const slot of slots) {
        const group = this.#groupOf[slot]!;
        if (this.#inResult[group] === 0) {
          this.#inResult[group] = 1;
          this.#uses[group]!++;
          this.#result.push(group);
        }
        for (const each of this.#accumulators) each.merge(2 * slot, 2 * group + 1);
      }
    }
    for (const slot of done) {
      for (const each of this.#accumulators) each.clear(2 * slot);
      this.#slots.remove(slot);
      this.#release(this.#groupOf[slot]!);
      this.#groupOf[slot] = -1;
    }
  }

  #endResult(): void {
    for (const group of this.#result) {
      for (const each of this.#accumulators) each.clear(2 * group + 1);
      this.#inResult[group] = 0;
      this.#release(group);
    }
    this.#result = [];
  }

  #release(group: number): void {
    if (--this.#uses[group]! === 0) this.#groups.remove(group);
  }

  #keysOf(end: bigint, groups: Int32Array): Column[] {
    let column = 0;
    return this.#program.keys.map((key): Column => {
      if (typeof key === 'number') return this.#groups.gather(column++, groups, groups.length);
      return { values: new BigInt64Array(groups.length).fill(this.#boundOf(key, end)) };
    });
  }

  #valuesOf(groups: Int32Array): Column[] {
    const slots = groups.map((group) => 2 * group + 1);
    return this.#accumulators.map((each) => each.values(slots, slots.length));
  }

  #grow(): void {
    this.#groupOf = grown(this.#groupOf, this.#slots.limit, -1);
    this.#uses = grown(this.#uses, this.#groups.limit, 0);
    if (this.#inResult.length < this.#uses.length) {
      const inResult = new Uint8Array(this.#uses.length);
      inResult.set(this.#inResult);
      this.#inResult = inResult;
    }
    const limit = this.#limit;
    if (limit <= this.#capacity) return;
    this.#capacity = Math.max(limit, this.#capacity * 2, 64);
    for (const each of this.#accumulators) each.grow(this.#capacity);
  }
}

function grown(old: Int32Array<ArrayBuffer>, limit: number, rest: number): Int32Array<ArrayBuffer> {
  if (limit <= old.length) return old;
  const array = new Int32Array(Math.max(limit, old.length * 2, 64)).fill(rest, old.length);
  array.set(old);
  return array;
}
