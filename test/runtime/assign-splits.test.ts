import { describe, expect, it } from 'vitest';
import { assignSplits, isOwnSplit } from '../../engine/runtime/assign-splits.ts';

const splits = Array.from({ length: 12 }, (_, i) => `ticks-${i}`);

describe('splits of workers that know each other', () => {
  it.each([1, 2, 3, 5, 12, 20])('all are assigned, each once, evenly: %i workers', (count) => {
    const workers = Array.from({ length: count }, (_, i) => `w${i}`);
    const shares = workers.map((me) => assignSplits(splits, [...workers].reverse(), me, 0));
    expect(shares.flatMap((share) => [...share]).sort()).toEqual([...splits].sort());
    const sizes = shares.map((share) => share.size);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('sources with one split each do not all fall to the same worker', () => {
    const of = (shift: number) => [...assignSplits(['t-0'], ['a', 'b', 'c'], 'b', shift)].length;
    expect([of(0), of(1), of(2)]).toEqual([0, 1, 0]);
  });
});

describe('splits of workers that know only how many they are', () => {
  it.each([1, 2, 3, 7])('each belongs to one of %i', (count) => {
    for (const split of [...splits, '', 'file.csv', 'ticks-99999999999999']) {
      const owners = Array.from({ length: count }, (_, i) => isOwnSplit(split, i, count, 1)).filter(Boolean);
      expect(owners, split).toHaveLength(1);
    }
  });

  it('the partitions of a topic are spread evenly', () => {
    expect(splits.filter((split) => isOwnSplit(split, 0, 3, 0))).toHaveLength(4);
  });
});
