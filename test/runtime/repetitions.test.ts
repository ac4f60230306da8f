import { expect, it } from 'vitest';
import { Repetitions } from '../../engine/runtime/repetitions.ts';

it('says the same trouble once a minute, with how often it came meanwhile', () => {
  const trouble = new Repetitions(60_000);
  expect(trouble.note('away', 0)).toBe(0);
  expect([500, 1500, 3500, 7500].map((now) => trouble.note('away', now))).toEqual(Array(4).fill(undefined));
  expect(trouble.note('refused', 8000)).toBe(0);
  expect(trouble.note('away', 60_000)).toBe(4);
  expect(trouble.note('away', 70_000)).toBeUndefined();
  expect(trouble.note('away', 120_000)).toBe(1);
});

it('says it at once after something went well', () => {
  const trouble = new Repetitions(60_000);
  trouble.note('away', 0);
  trouble.clear();
  expect(trouble.note('away', 1)).toBe(0);
});
