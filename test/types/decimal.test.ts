import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotient } from '../../engine/functions/decimal-arithmetic.ts';
import {
  bigintToFloat,
  bigNumberText,
  decimalText,
  parseBigNumber,
  rescale,
  toDecimal,
} from '../../engine/types/decimal.ts';

describe('decimals', () => {
  it.each([
    [1005n, 3, 2, 101n],
    [-1005n, 3, 2, -101n],
    [1004n, 3, 2, 100n],
    [5n, 1, 0, 1n],
    [-5n, 1, 0, -1n],
    [12n, 0, 2, 1200n],
  ])('%s at scale %s is at scale %s: %s', (unscaled, from, to, expected) => {
    expect(rescale(unscaled, from, to)).toBe(expected);
  });

  it.each([
    ['1.50', '1.50'],
    ['1e3', '1E+3'],
    ['0.00000001', '1E-8'],
    ['0.000001', '0.000001'],
    ['-0.0', '0.0'],
    ['12e-1', '1.2'],
    ['1.25E5', '1.25E+5'],
  ])('%s is written %s, as BigDecimal.toString does', (text, written) => {
    expect(bigNumberText(parseBigNumber(text)!)).toBe(written);
  });

  it.each(['', '.', 'e5', '1e', '1,5', '0x1', ' 1', '1-'])('%j is no number', (text) => {
    expect(parseBigNumber(text)).toBeUndefined();
  });

  it('of absurd exponents cost nothing', () => {
    expect(toDecimal(parseBigNumber('1e2000000000')!, 38, 10)).toBeNull();
    expect(toDecimal(parseBigNumber('1e-2000000000')!, 38, 10)).toBe(0n);
  });

  it('divide to 38 digits first, then to the scale of the result', () => {
    expect(quotient(1n, 0, 3n, 0, { precision: 38, scale: 6 })).toBe(333333n);
    expect(quotient(200n, 2, 3n, 0, { precision: 38, scale: 20 })).toBe(66666666666666666667n);
    expect(quotient(10n ** 37n, 0, 1n, 6, { precision: 38, scale: 6 })).toBeNull();
  });

  it('read back what they write', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
        fc.integer({ min: 0, max: 38 }),
        (unscaled, scale) => {
          expect(toDecimal(parseBigNumber(decimalText(unscaled, scale))!, 38, scale)).toBe(unscaled);
        },
      ),
    );
  });

  it('round an int64 to float once', () => {
    // Rounded to double first these would be ties, and go to the even float.
    expect(bigintToFloat(9007199791611905n)).toBe(9007200328482816);
    expect(bigintToFloat(-9007199791611905n)).toBe(-9007200328482816);
    expect(bigintToFloat(9007199791611904n)).toBe(9007199254740992);
  });
});
