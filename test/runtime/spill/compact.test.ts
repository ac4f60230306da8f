import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeCompact, encodeCompact } from '../../../engine/runtime/spill/compact.ts';

const leaf = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31), 2 ** 53),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.constantFrom(2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\ud800', 'é', '€', 'x'.repeat(200)),
  fc.uint8Array(),
  fc.int32Array(),
  fc.float64Array(),
  fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((values) => BigInt64Array.from(values)),
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value')),
    fc.array(fc.tuple(leaf, tie('value'))).map((entries) => new Map(entries)),
    fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
  ),
}));

it('gives back what it was given', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(decodeCompact(encodeCompact(given))).toStrictEqual(given);
    }),
    { numRuns: 300 },
  );
});

it('takes few bytes for what a group remembers', () => {
  // A count of rows, and a sum with its number of values.
  expect(
    encodeCompact([
      3,
      [
        5n,
        [
          [7, 0],
          [3n, 0],
        ],
      ],
    ]).length,
  ).toBeLessThan(50);
});

it('writes values that are larger than what came before', () => {
  const large = ['x'.repeat(100_000), new Uint8Array(70_000).fill(7)];
  expect(decodeCompact(encodeCompact(large))).toStrictEqual(large);
});
