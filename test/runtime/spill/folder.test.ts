import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SpillFolder } from '../../../engine/runtime/spill/folder.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  folders.push(mkdtempSync(path.join(tmpdir(), 'cryptopipe-spill-')));
  return folders.at(-1)!;
}

const key = (n: number) => Buffer.from(n === 0 ? '' : `key ${n}`.repeat(n === 1 ? 500 : 1));

type Step =
  | { readonly kind: 'write'; readonly entries: readonly (readonly [number, number | undefined, boolean])[] }
  | { readonly kind: 'seal' }
  | { readonly kind: 'crash'; readonly back: 0 | 1 };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      entries: fc.array(fc.tuple(fc.nat(19), fc.option(fc.nat(99), { nil: undefined }), fc.boolean()), {
        maxLength: 12,
      }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'seal' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), back: fc.constantFrom(0, 1) }) },
);

describe('what operators moved out of memory', () => {
  it('goes where its operator is gone, and no other', async () => {
    const folder = newFolder();
    const before = new SpillFolder(folder, 100, 1);
    for (const operator of ['join ab', 'rank cd']) {
      const store = before.open(operator);
      store.write([{ key: key(1), value: 'value' }]);
      store.seal();
    }
    await before.settled();
    await before.close();
    const after = new SpillFolder(folder, 100, 1);
    const kept = after.open('rank cd');
    await after.forgetOthers();
    kept.restore(1);
    expect(kept.get(key(1))).toEqual(['value']);
    await after.close();
    expect(readdirSync(folder).every((name) => name.startsWith('rank-cd'))).toBe(true);
  });

  it('is what was written last, after going back to either of the two last generations too', async () => {
    await fc.assert(
      // So few entries are collected that most are in runs, which are merged again and again, at once or bit by bit.
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.constantFrom(1, 3), async (steps, pending) => {
        const folder = newFolder();
        let place = new SpillFolder(folder, undefined, pending);
        let store = place.open('0');
        let model = new Map<number, readonly number[]>();
        let sealed: { generation: number; values: Map<number, readonly number[]> }[] = [];
        for (const each of steps) {
          if (each.kind === 'write') {
            store.write(each.entries.map(([n, value, added]) => ({ key: key(n), value, added })));
            for (const [n, value, added] of each.entries) {
              if (value === undefined) model.delete(n);
              else model.set(n, [...(added ? (model.get(n) ?? []) : []), value]);
            }
          } else if (each.kind === 'seal') {
            sealed = [...sealed, { generation: store.seal(), values: new Map(model) }].slice(-2);
          } else {
            const to = sealed.at(-1 - each.back);
            await place.close();
            place = new SpillFolder(folder, undefined, pending);
            store = place.open('0');
            model = new Map(to?.values);
            sealed = to === undefined ? [] : sealed.slice(0, sealed.indexOf(to) + 1);
            if (to !== undefined) store.restore(to.generation);
          }
          for (let n = 0; n < 20; n++) expect(store.get(key(n))).toEqual(model.get(n) ?? []);
        }
        await place.close();
      }),
      { numRuns: 60 },
    );
  });

  it('drops what was good until a time that had come at both of the generations that can be gone back to', async () => {
    const folder = newFolder();
    const place = new SpillFolder(folder, undefined, 1);
    const store = place.open('0');
    const write = (from: number) => {
      for (let n = from; n < from + 8; n++) store.write([{ key: key(n), value: n, until: 5000 }]);
    };
    const left = () => Array.from({ length: 40 }, (_, n) => store.get(key(n))).filter((values) => values.length > 0);
    write(0);
    store.seal(4000);
    write(8);
    store.seal(6000);
    write(16);
    expect(left()).toHaveLength(24);
    store.seal(7000);
    write(24);
    expect(left().length).toBeLessThan(32);
    await place.close();
  });

  it('refuses a generation that is not there, naming the file', async () => {
    const folder = newFolder();
    const place = new SpillFolder(folder, undefined);
    expect(() => place.open('0').restore(3)).toThrow(/moved to disk at 3 is not in .*0\.lmdb/);
    const store = place.open('1');
    store.write([{ key: key(1), value: 1 }]);
    const first = store.seal();
    store.seal();
    store.seal();
    await place.close();
    const again = new SpillFolder(folder, undefined);
    expect(() => again.open('1').restore(first)).toThrow(/is not in/);
    await again.close();
  });

  it('leaves no file behind that no checkpoint knows of', async () => {
    const folder = newFolder();
    const place = new SpillFolder(folder, undefined, 1);
    place.open('0').write([1, 2, 3].map((n) => ({ key: key(n), value: n })));
    expect(existsSync(path.join(folder, '0.lmdb'))).toBe(true);
    await place.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says what to do where the disk is full or may not be written', () => {
    const store = new SpillFolder('/dev/full/state', undefined, 1).open('0');
    expect(() => store.write([{ key: key(1), value: 1 }])).toThrow(
      /state cannot be moved to \/dev\/full\/state\/0\.lmdb/,
    );
  });
});
