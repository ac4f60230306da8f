import { describe, expect, it } from 'vitest';
import { aggregateFunctions } from '../../engine/functions/aggregates/index.ts';
import { FirstByTime } from '../../engine/operators/first-by-time.ts';
import { OverAggregate } from '../../engine/operators/over-aggregate.ts';
import { batchOf, type RowBatch, rowsOf } from '../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../engine/types/data-type.ts';

/** A key, and seconds of event time. */
const types: readonly DataType[] = [type.string(), type.timestamp(3)];
const at = (seconds: number) => BigInt(seconds) * 1_000_000n;
const rows = (...all: [string, number][]): RowBatch =>
  batchOf(
    types,
    all.map(([key, seconds]) => [key, at(seconds)]),
  );
const late = () => undefined;

describe('a time to live', () => {
  it('of the first rows by event time: what was told goes, what waits stays', () => {
    const create = () => new FirstByTime({ types, partition: [0], time: 1, numbered: false, late, ttl: 1000 });
    const told: Scalar[][] = [];
    const tell = (batch: RowBatch) => void told.push(...rowsOf(types, batch));
    const first = create();
    first.tick!(10_000);
    first.push(rows(['a', 1], ['b', 1], ['waits', 50]));
    void first.advance(at(2), tell);
    first.tick!(10_800);
    first.push(rows(['b', 3]));
    first.tick!(11_500);
    const operator = create();
    operator.state.restore(first.state.snapshot());
    operator.push(rows(['a', 4], ['b', 4]));
    operator.tick!(15_000);
    void operator.advance(at(60), tell);
    expect(told.map(([key, time]) => [key, time])).toEqual([
      ['a', at(1)],
      ['b', at(1)],
      // Forgotten, so this is its first row; 'b' had a row in time.
      ['a', at(4)],
      ['waits', at(50)],
    ]);
  });

  it.each([undefined, 5n])('of OVER with ROWS %s before the row: a partition begins anew', (preceding) => {
    const resolved = aggregateFunctions.get('COUNT')!.resolve([], { mayBeEmpty: false }, { timeZone: 'UTC' } as never);
    if ('mismatch' in resolved) throw new Error(resolved.mismatch);
    const create = () =>
      new OverAggregate({
        types,
        keys: [0],
        calls: [{ resolved, arguments: [] }],
        time: 1,
        ties: [],
        processing: false,
        rows: true,
        late,
        ttl: 1000,
        ...(preceding === undefined ? {} : { preceding }),
      });
    const told: Scalar[][] = [];
    const tell = (batch: RowBatch) => void told.push(...rowsOf([...types, type.bigint()], batch));
    const first = create();
    first.tick!(10_000);
    void first.push(rows(['a', 1], ['b', 1], ['waits', 50]), 0, tell);
    void first.advance(at(2), tell);
    first.tick!(10_800);
    void first.push(rows(['b', 3]), 0, tell);
    first.tick!(11_500);
    const operator = create();
    operator.state.restore(first.state.snapshot());
    void operator.push(rows(['a', 4], ['b', 4]), 0, tell);
    operator.tick!(15_000);
    void operator.advance(at(60), tell);
    const counts = told.map(([key, time, count]) => [key, Number(time! as bigint) / 1e6, count]);
    expect(counts.sort()).toEqual(
      [
        ['a', 1, 1n],
        ['a', 4, 1n],
        ['b', 1, 1n],
        ['b', 3, 2n],
        ['b', 4, 3n],
        ['waits', 50, 1n],
      ].sort(),
    );
  });
});
