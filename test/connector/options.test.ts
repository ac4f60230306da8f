import { describe, expect, it } from 'vitest';
import { option, parseDuration, parseSize } from '../../engine/connector/options.ts';

describe('durations, as Flink writes them', () => {
  it.each([
    ['10s', 10_000],
    ['10 s', 10_000],
    ['1 min', 60_000],
    ['2m', 120_000],
    ['3 hours', 10_800_000],
    ['1d', 86_400_000],
    ['500', 500],
    ['500 ms', 500],
    ['PT1M30S', 90_000],
    ['P1DT1H', 90_000_000],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', 's', '1.5 s', '-1 s', '10 parsecs', 'PT', 'ten s', '1h 30min'])('%s is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('sizes', () => {
  it.each([
    ['100', 100],
    ['1kb', 1024],
    ['64 mb', 64 * 1024 * 1024],
    ['2g', 2 * 1024 ** 3],
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', 'mb', '1.5mb', '-1'])('%s is none', (text) => expect(parseSize(text)).toBeUndefined());
});

describe('option values', () => {
  it('check their range and say what was expected', () => {
    const rows = option.int('Rows.', { min: 1 });
    expect(rows.parse('12')).toEqual({ value: 12 });
    expect(rows.parse('0')).toEqual({ expected: 'a whole number of at least 1' });
    expect(rows.parse('12x')).toEqual({ expected: 'a whole number of at least 1' });
    expect(option.int('n').parse('2147483648')).toEqual({ expected: 'a whole number' });
    expect(option.long('n').parse('9007199254740993')).toEqual({ value: 9007199254740993n });
  });

  it('take enums without regard to case', () => {
    const mode = option.oneOf(['earliest-offset', 'latest-offset'], 'Mode.');
    expect(mode.parse('Latest-Offset')).toEqual({ value: 'latest-offset' });
    expect(mode.parse('latest')).toEqual({ expected: "one of 'earliest-offset', 'latest-offset'" });
  });

  it('split lists at semicolons', () => {
    expect(option.list('Topics.').parse('a; b;')).toEqual({ value: ['a', 'b'] });
    expect(option.list('Topics.').parse(' ; ')).toEqual({ expected: "names separated by ';'" });
  });
});
