import { describe, expect, it } from 'vitest';
import { aggregateFunctions } from '../../engine/functions/aggregates/index.ts';
import { GroupAggregate } from '../../engine/operators/group-aggregate.ts';
import { Rank, type RankProgram } from '../../engine/operators/rank.ts';
import { batchOf, RowKind, rowsOf } from '../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../engine/types/data-type.ts';

const { insert, updateBefore, updateAfter, delete: gone } = RowKind;

type Change = readonly [kind: number, ...row: Scalar[]];

const text = type.string();
const int = type.int();
const types: readonly DataType[] = [text, int, int];

const program: RankProgram = {
  types,
  partition: [0],
  order: [{ column: 1, descending: true, nullsFirst: false }],
  newestFirst: false,
  start: 1,
  end: 2,
  numbered: false,
  retracts: true,
  before: true,
};

/** What a batch of changes makes an operator emit. */
function push(operator: Pick<Rank, 'push'>, changes: readonly Change[], output: readonly DataType[] = types): Change[] {
  const batch = batchOf(
    types,
    changes.map(([, ...row]) => row),
  );
  const seen: Change[] = [];
  void operator.push({ ...batch, kinds: Uint8Array.from(changes, ([kind]) => kind) }, 0, (out) => {
    rowsOf(output, out).forEach((row, i) => void seen.push([out.kinds?.[i] ?? insert, ...row]));
  });
  return seen;
}

/** The rows that changes leave, as texts in order. */
function apply(table: string[], changes: readonly Change[]): void {
  for (const [kind, ...row] of changes) {
    const line = JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    if (kind === insert || kind === updateAfter) table.push(line);
    else {
      const at = table.indexOf(line);
      expect(at, `${line} is taken back and was never told`).toBeGreaterThanOrEqual(0);
      table.splice(at, 1);
    }
  }
}

/** A generator of numbers below `n`, the same for the same seed. */
function random(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

describe('ranked rows', () => {
  it.each([
    { numbered: false, start: 1, end: 2 },
    { numbered: true, start: 1, end: 3 },
    { numbered: true, start: 2, end: 4 },
    { numbered: false, start: 1, end: 1 },
  ])('are those of sorting all rows again: %o', (shape) => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = random(seed);
      let rank = new Rank({ ...program, ...shape });
      const output = shape.numbered ? [...types, type.bigint(false)] : types;
      const rows: Scalar[][] = [];
      const table: string[] = [];
      for (let batch = 0; batch < 30; batch++) {
        const changes: Change[] = [];
        for (let n = next(8); n >= 0; n--) {
          if (rows.length > 0 && next(3) === 0) {
            changes.push([gone, ...rows.splice(next(rows.length), 1)[0]!]);
          } else {
            const row = ['abc'[next(3)]!, next(10) === 0 ? null : next(20), rows.length * 1000 + batch];
            rows.push(row);
            changes.push([insert, ...row]);
          }
        }
        apply(table, push(rank, changes, output));
        const image = structuredClone(rank.state.snapshot());
        rank = new Rank({ ...program, ...shape });
        rank.state.restore(image);
        const expected = ['a', 'b', 'c'].flatMap((key) =>
          rows
            .filter((row) => row[0] === key)
            .map((row, i) => ({ row, i }))
            .sort((x, y) => Number(y.row[1] ?? -1) - Number(x.row[1] ?? -1) || x.i - y.i)
            .slice(shape.start - 1, shape.end)
            .map(({ row }, i) => JSON.stringify(shape.numbered ? [...row, shape.start + i] : row)),
        );
        expect([...table].sort(), `seed ${seed}, batch ${batch}`).toEqual(expected.sort());
      }
    }
  });

  it('keep what is needed of rows that only come, and tell rows that are pushed out', () => {
    const rank = new Rank({ ...program, retracts: false });
    expect(
      push(rank, [
        [insert, 'a', 1, 1],
        [insert, 'a', 2, 2],
      ]),
    ).toEqual([
      [insert, 'a', 2, 2],
      [insert, 'a', 1, 1],
    ]);
    expect(push(rank, [[insert, 'a', 0, 3]])).toEqual([]);
    expect(push(rank, [[insert, 'a', 3, 4]])).toEqual([
      [gone, 'a', 1, 1],
      [insert, 'a', 3, 4],
    ]);
  });

  it('give a row back that was written over by another of the same key', () => {
    const rank = new Rank({ ...program, order: [], newestFirst: true, end: 1, before: false });
    expect(push(rank, [[insert, 'a', 1, 1]])).toEqual([[insert, 'a', 1, 1]]);
    expect(push(rank, [[insert, 'a', 2, 2]])).toEqual([[updateAfter, 'a', 2, 2]]);
    expect(
      push(rank, [
        [updateBefore, 'a', 2, 2],
        [updateAfter, 'b', 2, 2],
      ]),
    ).toEqual([
      [updateAfter, 'a', 1, 1],
      [insert, 'b', 2, 2],
    ]);
    expect(push(rank, [[gone, 'a', 1, 1]])).toEqual([[gone, 'a', 1, 1]]);
  });
});

describe('state that was not written for the time of its TTL', () => {
  it('is forgotten partition by partition', () => {
    const rank = new Rank({ ...program, ttl: 1000 });
    void rank.tick!(10_000, () => undefined);
    push(rank, [
      [insert, 'a', 5, 1],
      [insert, 'b', 5, 2],
    ]);
    void rank.tick!(10_900, () => undefined);
    push(rank, [[insert, 'b', 6, 3]]);
    void rank.tick!(11_500, () => undefined);
    // 'a' begins anew, 'b' was written within the second.
    expect(
      push(rank, [
        [insert, 'a', 1, 4],
        [insert, 'b', 1, 5],
      ]),
    ).toEqual([[insert, 'a', 1, 4]]);
  });

  it('is forgotten group by group', () => {
    const resolved = aggregateFunctions
      .get('SUM')!
      .resolve([{ type: int }], { mayBeEmpty: false }, { timeZone: 'UTC', now: () => 0n });
    if ('mismatch' in resolved) throw new Error(resolved.mismatch);
    const calls = [{ resolved, arguments: [1] }];
    const groups = new GroupAggregate({ types, keys: [0], calls, retracts: false, before: false, ttl: 1000 });
    const output = [text, int];
    void groups.tick!(10_000, () => undefined);
    push(
      groups,
      [
        [insert, 'a', 5, 1],
        [insert, 'b', 5, 2],
      ],
      output,
    );
    void groups.tick!(10_900, () => undefined);
    push(groups, [[insert, 'b', 6, 3]], output);
    void groups.tick!(11_500, () => undefined);
    expect(
      push(
        groups,
        [
          [insert, 'a', 1, 4],
          [insert, 'b', 1, 5],
        ],
        output,
      ),
    ).toEqual([
      [insert, 'a', 1],
      [updateAfter, 'b', 12],
    ]);
  });
});
