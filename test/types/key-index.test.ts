import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf } from '../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../engine/types/data-type.ts';
import { KeyIndex } from '../../engine/types/key-index.ts';

/** Few values of each type, so that keys repeat. */
const values: readonly { t: DataType; scalars: readonly Scalar[] }[] = [
  { t: type.string(), scalars: ['', 'a', 'b', 'ab', 'ba', 'é', '😀', 'a longer string than the others'] },
  { t: type.int(), scalars: [0, 1, -1, 2147483647, -2147483648] },
  { t: type.boolean(), scalars: [true, false] },
  { t: type.bigint(), scalars: [0n, 1n, -1n, 1n << 32n, (1n << 32n) + 1n, -(1n << 63n)] },
  { t: type.double(), scalars: [0, -0, 1.5, -1.5, Number.NaN, Number.POSITIVE_INFINITY] },
  { t: type.decimal(10, 2), scalars: [0n, 100n, -100n] },
  { t: type.decimal(38, 2), scalars: [0n, 10n ** 30n, -(10n ** 30n)] },
  { t: type.timestamp(3), scalars: [0n, 1_700_000_000_000_000n] },
  {
    t: type.timestamp(9),
    scalars: [0n, 499n, 500n, 1000n, -500n, -501n],
  },
  { t: type.bytes(), scalars: [new Uint8Array(), Uint8Array.of(1), Uint8Array.of(1, 255)] },
];

/** A value as no other one of its type is written. */
function textOf(value: Scalar, oneZero: boolean): string {
  if (value instanceof Uint8Array) return value.join();
  return Object.is(value, -0) && !oneZero ? '-0' : String(value);
}

describe('the index of keys', () => {
  it.each([false, true])('numbers distinct keys in the order they come, for all types together', (oneZero) => {
    const key = fc.uniqueArray(fc.nat(values.length - 1), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        key,
        fc.array(fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }), { maxLength: 60 }),
        (chosen, rows) => {
          const types = chosen.map((i) => values[i]!.t);
          const scalars = rows.map((row) =>
            chosen.map((i, c) => values[i]!.scalars[row[c]! % values[i]!.scalars.length]!),
          );
          const index = new KeyIndex(types, { oneZero });
          const expected = new Map<string, number>();
          for (const half of [scalars.slice(0, scalars.length >> 1), scalars.slice(scalars.length >> 1)]) {
            const columns = types.map((t, c) =>
              columnOf(
                t,
                half.map((row) => row[c]!),
              ),
            );
            const slots = new Int32Array(half.length);
            index.assign(columns, half.length, undefined, slots);
            for (const [r, row] of half.entries()) {
              const text = row.map((value) => textOf(value, oneZero)).join('|');
              if (!expected.has(text)) expected.set(text, expected.size);
              expect(slots[r]).toBe(expected.get(text));
            }
          }
          expect(index.count).toBe(expected.size);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('grows to many keys and starts again when cleared', () => {
    const index = new KeyIndex([type.string(), type.bigint()]);
    const n = 50_000;
    const columns = [
      columnOf(
        type.string(),
        Array.from({ length: n }, (_, i) => `key ${i % 25_000}`),
      ),
      columnOf(
        type.bigint(),
        Array.from({ length: n }, (_, i) => BigInt(i % 25_000) << 20n),
      ),
    ];
    const slots = new Int32Array(n);
    for (let round = 0; round < 2; round++) {
      index.assign(columns, n, undefined, slots);
      expect(index.count).toBe(25_000);
      expect(slots.every((slot, i) => slot === i % 25_000)).toBe(true);
      index.clear();
    }
  });
});
