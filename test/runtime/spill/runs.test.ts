import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyFilter } from '../../../engine/runtime/spill/filter.ts';
import { Merge } from '../../../engine/runtime/spill/merge.ts';
import { Pending } from '../../../engine/runtime/spill/pending.ts';
import {
  findIn,
  hashOf,
  type ReadBlock,
  type Run,
  RunWriter,
  type WriteBlock,
} from '../../../engine/runtime/spill/run.ts';
import { mergeable } from '../../../engine/runtime/spill/tiers.ts';

/** Blocks by run, in memory. */
function newBlocks(): { read: ReadBlock; write: (run: number) => WriteBlock } {
  const blocks = new Map<string, Buffer>();
  return {
    read: (run, block) => blocks.get(`${run} ${block}`)!,
    write: (run) => (block, bytes) => void blocks.set(`${run} ${block}`, Buffer.from(bytes)),
  };
}

type Entries = readonly (readonly [key: string, value: string])[];

function write(entries: Entries, id: number, { write }: ReturnType<typeof newBlocks>): Run {
  const pending = new Pending();
  for (const [key, value] of entries)
    pending.set(Buffer.from(key), { value: Buffer.from(value), added: false, until: 0 });
  return pending.writeTo(id, write(id));
}

const found = (run: Run, key: string, { read }: ReturnType<typeof newBlocks>) =>
  findIn(run, hashOf(Buffer.from(key)), Buffer.from(key), read)?.value.toString();

const entries: fc.Arbitrary<Entries> = fc.array(
  fc.tuple(
    fc.nat(60).map((n) => `k${n}`),
    // Some are larger than a block.
    fc.oneof(
      { weight: 9, arbitrary: fc.string() },
      { weight: 1, arbitrary: fc.nat(9).map((n) => `${n}`.repeat(9000)) },
    ),
  ),
  { maxLength: 150 },
);

describe('a run', () => {
  it('gives the last value of each of its keys, and nothing for others', () => {
    fc.assert(
      fc.property(entries, (written) => {
        const blocks = newBlocks();
        const run = write(written, 1, blocks);
        const model = new Map(written);
        expect(run.entries).toBe(model.size);
        for (let n = 0; n <= 70; n++) expect(found(run, `k${n}`, blocks)).toBe(model.get(`k${n}`));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps keys apart that have the same hash', () => {
    const byHash = new Map<number, string>();
    let pair: [string, string] | undefined;
    for (let n = 0; pair === undefined; n++) {
      const key = `key ${n}`;
      const other = byHash.get(hashOf(Buffer.from(key)));
      if (other !== undefined) pair = [other, key];
      byHash.set(hashOf(Buffer.from(key)), key);
    }
    const [a, b] = pair;
    const blocks = newBlocks();
    const older = write(
      [
        [a, '1'],
        [b, '2'],
      ],
      1,
      blocks,
    );
    const newer = write([[b, '3']], 2, blocks);
    expect([found(older, a, blocks), found(older, b, blocks), found(newer, a, blocks)]).toEqual(['1', '2', undefined]);
    const merge = new Merge([older, newer], blocks.read, new RunWriter(3, 3, blocks.write(3)), {
      keepsGone: true,
      now: 0,
    });
    expect(merge.step(10)).toBe(false);
    const merged = merge.finish();
    expect([merged.entries, found(merged, a, blocks), found(merged, b, blocks)]).toEqual([2, '1', '3']);
  });

  it('has what several runs had when they are merged in any steps, what is gone only where something is older', () => {
    fc.assert(
      fc.property(
        fc.array(entries, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        (all, keepsGone, step) => {
          const blocks = newBlocks();
          const runs = all.map((each, id) => write(each, id, blocks));
          const merge = new Merge(runs, blocks.read, new RunWriter(99, 1000, blocks.write(99)), { keepsGone, now: 0 });
          while (merge.step(step));
          const merged = merge.finish();
          const model = new Map(all.flat());
          for (const [key, value] of model) if (value === '' && !keepsGone) model.delete(key);
          expect(merged.entries).toBe(model.size);
          for (let n = 0; n <= 60; n++) expect(found(merged, `k${n}`, blocks)).toBe(model.get(`k${n}`));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('what is good until a time', () => {
  it('is gone when it is merged after that, and hides what is older', () => {
    const blocks = newBlocks();
    const pending = new Pending();
    for (const [key, until] of [
      ['past', 9],
      ['now', 10],
      ['for ever', 0],
    ] as const) {
      pending.set(Buffer.from(key), { value: Buffer.from('new'), added: false, until });
    }
    const runs = [write([['past', 'old']], 1, blocks), pending.writeTo(2, blocks.write(2))];
    const mergeTo = (id: number, keepsGone: boolean) => {
      const merge = new Merge(runs.slice(-1), blocks.read, new RunWriter(id, 9, blocks.write(id)), {
        keepsGone,
        now: 10,
      });
      expect(merge.step(9)).toBe(false);
      const merged = merge.finish();
      return ['past', 'now', 'for ever'].map((key) => found(merged, key, blocks));
    };
    expect(mergeTo(3, true)).toEqual(['', 'new', 'new']);
    expect(mergeTo(4, false)).toEqual([undefined, 'new', 'new']);
  });
});

describe('a filter of keys', () => {
  it('knows all keys that were added and few others', () => {
    const filter = KeyFilter.ofSize(20_000);
    const hash = (n: number) => hashOf(Buffer.from(`key ${n}`));
    for (let n = 0; n < 20_000; n++) filter.add(hash(n));
    const had = (from: number) =>
      Array.from({ length: 20_000 }, (_, n) => filter.mayHave(hash(from + n))).filter(Boolean).length;
    expect(had(0)).toBe(20_000);
    expect(had(20_000)).toBeLessThan(400);
  });
});

describe('which runs are merged', () => {
  const none = { first: new Int32Array(0), filter: KeyFilter.ofSize(0), blocks: 0 };
  const runs = (...of: readonly (readonly [entries: number, generation: number])[]) =>
    of.map(([entries, generation], id) => ({ run: { ...none, id, entries }, generation }));
  const ids = (of: ReturnType<typeof runs>, below: number, sealed: number) =>
    mergeable(of, below, sealed)?.map(({ run }) => run.id);

  it('is decided by their sizes: no small ones into one that is much larger', () => {
    expect(ids(runs([1, 1], [1, 1], [1, 1]), 0, 0)).toBeUndefined();
    expect(ids(runs([1, 1], [1, 1], [1, 1], [1, 1]), 0, 0)).toEqual([0, 1, 2, 3]);
    expect(ids(runs([100, 1], [1, 1], [1, 1], [1, 1], [1, 1]), 0, 0)).toEqual([1, 2, 3, 4]);
    expect(ids(runs([100, 1], [60, 1], [40, 1], [1, 1]), 0, 0)).toEqual([0, 1, 2, 3]);
  });

  it('keeps apart what can be gone back to', () => {
    expect(ids(runs([1, 1], [1, 1], [1, 2], [1, 3]), 1, 2)).toBeUndefined();
    expect(ids(runs([1, 1], [1, 1], [1, 2], [1, 2], [1, 3], [1, 3]), 2, 3)).toEqual([0, 1, 2, 3]);
    expect(ids(runs([1, 3], [1, 4], [1, 4], [1, 4], [1, 4]), 2, 3)).toEqual([1, 2, 3, 4]);
  });
});
