import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubleText, floatText, parseDouble } from '../../engine/types/java-double.ts';

describe('the text of a double is Java 17’s', () => {
  // Each as printed by Double.toString of JDK 17; those marked are not the shortest form that JDK 19 prints.
  it.each([
    [1, '1.0'],
    [-0, '-0.0'],
    [0.1 + 0.2, '0.30000000000000004'],
    [1e7, '1.0E7'],
    [9999999, '9999999.0'],
    [0.001, '0.001'],
    [1e-4, '1.0E-4'],
    [1e23, '9.999999999999999E22'], // not the shortest
    [2 ** 62, '4.6116860184273879E18'], // not the shortest
    [2 ** -44, '5.6843418860808015E-14'], // not the shortest
    [5e-324, '4.9E-324'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [2.2250738585072014e-308, '2.2250738585072014E-308'],
    [9007199254740992, '9.007199254740992E15'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%s is %s', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });

  it('of floats too', () => {
    expect(floatText(Math.fround(0.1))).toBe('0.1');
    expect(floatText(2 ** 53)).toBe('9.0071993E15');
    expect(floatText(2 ** 83)).toBe('9.6714065E24');
    expect(floatText(Math.fround(16777217))).toBe('1.6777216E7');
  });

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(Object.is(parseDouble(doubleText(value)), value)).toBe(true);
      }),
    );
  });
});

describe('parseDouble reads what Java reads', () => {
  it.each([
    [' 1.5 ', 1.5],
    ['1.5d', 1.5],
    ['-1.5E-3', -0.0015],
    ['5.', 5],
    ['+Infinity', Number.POSITIVE_INFINITY],
    ['0x1p3', 8],
  ])('%j is %d', (text, value) => {
    expect(parseDouble(text)).toBe(value);
  });

  it.each(['', ' ', 'inf', '1,5', '1e', '.e5', '1_000', '0x10'])('%j is none', (text) => {
    expect(parseDouble(text)).toBeUndefined();
  });
});
