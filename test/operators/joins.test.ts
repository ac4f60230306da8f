import { describe, expect, it } from 'vitest';
import { IntervalJoin } from '../../engine/operators/interval-join.ts';
import type { PairCondition } from '../../engine/operators/join-pairs.ts';
import type { JoinInput } from '../../engine/operators/join-rows.ts';
import { KeySemiJoin } from '../../engine/operators/key-semi-join.ts';
import { LookupJoin } from '../../engine/operators/lookup-join.ts';
import type { Operator } from '../../engine/operators/operator.ts';
import { RegularJoin } from '../../engine/operators/regular-join.ts';
import { SemiJoin } from '../../engine/operators/semi-join.ts';
import type { SpillOptions, SpillStore } from '../../engine/operators/spill.ts';
import { SpillMemory } from '../../engine/testing/spill-memory.ts';
import { batchOf, columnOf, type RowBatch, RowKind, rowsOf, valueAt } from '../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../engine/types/data-type.ts';

type Row = readonly Scalar[];

/** A key that may be NULL, a value, a text. */
const types: readonly DataType[] = [type.int(), type.int(), type.string()];
const joined = [...types, ...types];

const input = (identity: readonly number[] | undefined): JoinInput => ({
  types,
  keys: [0],
  keyTypes: [types[0]!],
  counted: true,
  ...(identity === undefined ? {} : { identity }),
});

/** l.v < r.v, and so never TRUE where one is NULL. */
const less: PairCondition = {
  left: [1],
  right: [1],
  test: ({ length, columns }) =>
    columnOf(
      type.boolean(),
      Array.from({ length }, (_, i) => {
        const [a, b] = columns.map((column) => valueAt(types[1]!, column, i));
        return a === null || b === null ? null : (a as number) < (b as number);
      }),
    ),
};
const isLess = (l: Row, r: Row) => l[1] !== null && r[1] !== null && (l[1] as number) < (r[1] as number);

/** Mulberry32: the same numbers for the same seed. */
function randoms(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A store as of state that was moved out of memory. */
function newStore(): SpillStore {
  return new SpillMemory().open('join');
}

interface Step {
  readonly input: number;
  readonly batch: RowBatch;
}

/** Batches of both inputs in turn, and the tables that they make. */
function changelogs(seed: number, retracts: boolean): { steps: Step[]; tables: [Row[], Row[]] } {
  const random = randoms(seed);
  const tables: [Row[], Row[]] = [[], []];
  const steps: Step[] = [];
  for (let n = 0; n < 40; n++) {
    const side = random(2);
    const table = tables[side]!;
    const rows: Row[] = [];
    const kinds: number[] = [];
    for (let i = 1 + random(6); i > 0; i--) {
      if (retracts && table.length > 0 && random(3) === 0) {
        const [gone] = table.splice(random(table.length), 1);
        rows.push(gone!);
        kinds.push(random(2) === 0 ? RowKind.delete : RowKind.updateBefore);
        continue;
      }
      const row: Row = [random(5) === 0 ? null : random(3), random(6) === 0 ? null : random(4), `t${random(2)}`];
      table.push(row);
      rows.push(row);
      kinds.push(random(2) === 0 || !retracts ? RowKind.insert : RowKind.updateAfter);
    }
    const batch = batchOf(types, rows);
    steps.push({ input: side, batch: retracts ? { ...batch, kinds: Uint8Array.from(kinds) } : batch });
  }
  return { steps, tables };
}

/** The table that an operator makes, which is begun anew from its image between some steps. */
function run(create: () => Operator, steps: readonly Step[], outputs: readonly DataType[]): string[] {
  let operator = create();
  const table: string[] = [];
  const emit = (batch: RowBatch) => {
    expect(batch.length).toBeGreaterThan(0);
    for (const [i, row] of rowsOf(outputs, batch).entries()) {
      const text = JSON.stringify(row);
      const kind = batch.kinds?.[i] ?? RowKind.insert;
      if (kind === RowKind.insert || kind === RowKind.updateAfter) table.push(text);
      else {
        const at = table.indexOf(text);
        expect(at, `taken back and not there: ${text}`).toBeGreaterThanOrEqual(0);
        table.splice(at, 1);
      }
    }
  };
  for (const [i, step] of steps.entries()) {
    void operator.push(step.batch, step.input, emit);
    if (i % 7 !== 6) continue;
    const image = structuredClone(operator.state!.snapshot());
    operator = create();
    operator.state!.restore(image);
  }
  return table.sort();
}

const none: Row = [null, null, null];

function joinTables([left, right]: [Row[], Row[]], outer: readonly boolean[], meets: (l: Row, r: Row) => boolean) {
  const pairs = left.flatMap((l) => right.filter((r) => meets(l, r)).map((r) => [...l, ...r]));
  const alone = outer[0] ? left.filter((l) => !right.some((r) => meets(l, r))).map((l) => [...l, ...none]) : [];
  const others = outer[1] ? right.filter((r) => !left.some((l) => meets(l, r))).map((r) => [...none, ...r]) : [];
  return [...pairs, ...alone, ...others].map((row) => JSON.stringify(row)).sort();
}

/** Room for no row, for some or for all, by turns. */
function roomOf(seed: number): { readonly spill?: readonly [SpillOptions, SpillOptions] } {
  const memory = [1, 700, undefined][seed % 3];
  if (memory === undefined) return {};
  return {
    spill: [
      { memory, store: newStore() },
      { memory, store: newStore() },
    ],
  };
}

const sameKey = (l: Row, r: Row) => l[0] !== null && l[0] === r[0];
const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
const all = [0, 1, 2];

describe('joins of random changelogs make the tables that SQL says', () => {
  const kinds = { inner: [false, false], left: [true, false], right: [false, true], full: [true, true] } as const;
  it.each(Object.entries(kinds))('%s', (_, outer) => {
    for (const seed of seeds) {
      for (const retracts of [true, false]) {
        for (const conditional of [true, false]) {
          const { steps, tables } = changelogs(seed, retracts);
          const side = input(retracts ? all : undefined);
          const condition = conditional ? { condition: less } : {};
          const program = { inputs: [side, side] as const, outer, ...condition, ...roomOf(seed) };
          const meets = (l: Row, r: Row) => sameKey(l, r) && (!conditional || isLess(l, r));
          const got = run(() => new RegularJoin(program), steps, joined);
          expect(got, `seed ${seed}`).toEqual(joinTables(tables, outer, meets));
        }
      }
    }
  });

  const answers = ['semi', 'anti', 'mark'] as const;
  /** The left rows that are told, with their marks. */
  const told = (answer: (typeof answers)[number], left: Row[], meets: (l: Row) => boolean) => {
    const rows =
      answer === 'mark'
        ? left.map((l) => [...l, meets(l)])
        : left.filter((l) => meets(l) === (answer === 'semi')).map((l) => [...l]);
    return rows.map((row) => JSON.stringify(row)).sort();
  };
  const outputTypes = (answer: (typeof answers)[number]) =>
    answer === 'mark' ? [...types, type.boolean(false)] : types;

  it.each(answers.flatMap((answer) => [[answer, false] as const, [answer, true] as const]))(
    '%s by key, NULL meets all: %s',
    (answer, nullMeets) => {
      for (const seed of seeds) {
        const { steps, tables } = changelogs(seed, seed % 3 > 0);
        const side = input(seed % 3 > 0 ? all : undefined);
        const { spill } = nullMeets ? {} : roomOf(seed);
        const room = spill === undefined ? {} : { spill: spill[0] };
        const create = () => new KeySemiJoin({ inputs: [side, side], answer, nullMeets, ...room });
        const got = run(create, steps, outputTypes(answer));
        const [left, right] = tables;
        const meetsNull = (l: Row, r: Row) => nullMeets && (l[0] === null || r[0] === null);
        const meets = (l: Row) => right.some((r) => sameKey(l, r) || meetsNull(l, r));
        expect(got, `seed ${seed}`).toEqual(told(answer, left, meets));
      }
    },
  );

  it.each(answers)('%s, with a condition', (answer) => {
    for (const seed of seeds) {
      const { steps, tables } = changelogs(seed, seed % 3 > 0);
      const side = input(seed % 3 > 0 ? all : undefined);
      const room = roomOf(seed);
      const create = () => new SemiJoin({ inputs: [side, side], answer, condition: less, ...room });
      const got = run(create, steps, outputTypes(answer));
      const [left, right] = tables;
      const meets = (l: Row) => right.some((r) => sameKey(l, r) && isLess(l, r));
      expect(got, `seed ${seed}`).toEqual(told(answer, left, meets));
    }
  });
});

describe('a lookup join', () => {
  it('asks again for keys without rows, so often as its hint says', async () => {
    const asked: (readonly Scalar[])[] = [];
    const lookup = {
      find: async (keys: readonly (readonly Scalar[])[]) => {
        asked.push(keys.map(([key]) => key!));
        return keys.map(([key]) => (key === 1 || (key === 2 && asked.length === 3) ? [[key, 0, 'found'] as Row] : []));
      },
      close: async () => undefined,
    };
    const join = new LookupJoin(
      {
        width: 3,
        keys: [0],
        keyTypes: [types[0]!],
        foundTypes: types,
        table: (found) => found,
        outer: true,
        retry: { delay: 1, attempts: 2 },
      },
      lookup,
    );
    const told: Scalar[][] = [];
    const rows = [1, 2, 3].map((key): Row => [key, 0, 'l']);
    await join.push(batchOf(types, rows), 0, (batch) => void told.push(...rowsOf(joined, batch)));
    expect(asked).toEqual([
      [1, 2, 3],
      [2, 3],
      [2, 3],
    ]);
    expect(told.map((row) => row[3])).toEqual([1, 2, null]);
  });
});

describe('state is given back', () => {
  const size = (operator: Operator) =>
    JSON.stringify(operator.state!.snapshot(), (_, v) => (typeof v === 'bigint' ? Number(v) : v)).length;

  it('by an interval join, once event time has passed', () => {
    const timed: DataType[] = [type.int(), type.timestamp(3)];
    const side: JoinInput = { types: timed, keys: [0], keyTypes: [timed[0]!], counted: false };
    const operator = new IntervalJoin({
      inputs: [side, side],
      outer: [false, false],
      times: [1, 1],
      keep: [10_000_000n, 10_000_000n],
      processing: false,
      delay: 0n,
    });
    const sizes: number[] = [];
    for (let n = 0; n < 200; n++) {
      const time = BigInt(n) * 1_000_000n;
      const rows = Array.from({ length: 20 }, (_, i) => [n * 20 + i, time]);
      for (const i of [0, 1]) void operator.push(batchOf(timed, rows), i, () => undefined);
      void operator.advance(time, () => undefined);
      sizes.push(size(operator));
    }
    expect(Math.max(...sizes.slice(100))).toBeLessThan(sizes[30]! * 1.5);
  });

  it('by a regular join with a time to live, and not what was written again', () => {
    const side = input(all);
    const operator = new RegularJoin({ inputs: [side, side], outer: [false, false], ttl: [1000, 1000] });
    const told: Scalar[][] = [];
    const push = (row: Row, i: number) =>
      operator.push(batchOf(types, [row]), i, (batch) => void told.push(...rowsOf(joined, batch)));
    operator.tick!(10_000);
    void push([1, 1, 'old'], 0);
    void push([2, 1, 'again'], 0);
    operator.tick!(10_900);
    void push([2, 1, 'again'], 0);
    operator.tick!(11_001);
    void push([1, 5, 'x'], 1);
    void push([2, 5, 'x'], 1);
    expect(told).toEqual([
      [2, 1, 'again', 2, 5, 'x'],
      [2, 1, 'again', 2, 5, 'x'],
    ]);
    operator.tick!(20_000);
    told.length = 0;
    void push([2, 5, 'x'], 1);
    expect(told).toEqual([]);
  });

  it('by the side of a regular join that has a time to live, and not by the other', () => {
    const operator = new RegularJoin({
      inputs: [input(all), input(all)],
      outer: [false, false],
      ttl: [1000, undefined],
    });
    let told = 0;
    const push = (row: Row, i: number) =>
      operator.push(batchOf(types, [row]), i, ({ length }) => {
        told += length;
      });
    operator.tick!(10_000);
    void push([1, 1, 'left'], 0);
    void push([2, 1, 'right'], 1);
    operator.tick!(20_000);
    void push([1, 1, 'right'], 1);
    expect(told).toBe(0);
    void push([2, 1, 'left'], 0);
    expect(told).toBe(1);
    const other = new RegularJoin({ inputs: [input(all), input(all)], outer: [false, false], ttl: [1000, undefined] });
    other.state.restore(operator.state.snapshot());
    other.tick!(30_000);
    void other.push(batchOf(types, [[2, 1, 'right']]), 1, () => expect.unreachable('the left row is too old'));
  });

  it.each([
    ['are taken back', all],
    ['only come', undefined],
  ])(
    'by joins with a time to live that have no room in memory, and that got it later, where rows %s',
    (_, identity) => {
      const inputs = [input(identity), input(identity)] as const;
      const joins = {
        regular: (own: object) => new RegularJoin({ inputs, outer: [false, false], ...own }),
        semi: (own: object) => new SemiJoin({ inputs, answer: 'semi', condition: less, ...own }),
        keys: (own: object) => new KeySemiJoin({ inputs, answer: 'semi', nullMeets: false, ...own }),
      };
      for (const [name, join] of Object.entries(joins)) {
        const [left, right] = [newStore(), newStore()].map((store) => ({ memory: 1, store }));
        const spill = name === 'keys' ? left : [left, right];
        const before = join({ spill });
        for (const key of [1, 2, 3]) void before.push(batchOf(types, [[key, 1, 'old']]), 0, () => undefined);
        const operator = join({ ttl: name === 'keys' ? 1000 : [1000, 1000], spill });
        operator.state!.restore(before.state!.snapshot());
        const meets = (key: number) => {
          const met: number[] = [];
          void operator.push(batchOf(types, [[key, 5, 'x']]), 1, ({ length }) => void met.push(length));
          return met[0] ?? 0;
        };
        const write = (row: Row) => void operator.push(batchOf(types, [row]), 0, () => undefined);
        operator.tick!(10_000);
        expect(meets(1), `${name}: not written since, but the clock begins now`).toBe(1);
        write([2, 1, 'new']);
        operator.tick!(10_800);
        write([2, 1, 'newer']);
        operator.tick!(11_400);
        expect(meets(1), `${name}: too old`).toBe(0);
        // Where the oldest was not looked at before, its clock begins only now.
        const unseen = identity === undefined && name !== 'keys' ? 1 : 0;
        expect(meets(2), `${name}: two are too old, one is not`).toBe(1 + unseen);
        operator.tick!(20_000);
        expect(meets(2), `${name}: all are too old`).toBe(0);
      }
    },
  );
});
