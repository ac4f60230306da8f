import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluateExpression } from '../../engine/testing/evaluate.ts';

/** Edge cases of the functions with the answers of Apache Flink 2.2.1 (`error`: the phase in which it refuses). */
interface Answer {
  readonly expr: string;
  /** UTC where absent. */
  readonly zone?: string;
  readonly type?: string;
  readonly value?: string | null;
  readonly error?: 'validate' | 'run';
}

const answers = readFileSync(new URL('answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Answer);

describe('searches with one pattern do not disturb each other', () => {
  it.each([
    ["CAST(REGEXP('banana', 'a') AS STRING) || CAST(REGEXP_COUNT('banana', 'a') AS STRING)", 'TRUE3'],
    ["REGEXP_SUBSTR('banana', '(a)') || CAST(REGEXP_EXTRACT_ALL('banana', '(a)') AS STRING)", 'a[a, a, a]'],
    ["REGEXP_SUBSTR('a,b', ',') || CAST(STR_TO_MAP('x=1,y=2', ',', '=') AS STRING)", ',{x=1, y=2}'],
  ])('%s', (expr, value) => {
    expect(evaluateExpression(expr)).toMatchObject({ value });
  });
});

describe('edge cases answer what Flink answers', () => {
  it.each(answers)('$expr $zone', ({ expr, zone = 'UTC', type, value, error }) => {
    const found = evaluateExpression(expr, { timeZone: zone });
    if (error !== undefined) {
      expect(found).toMatchObject({ error: { phase: error } });
    } else {
      expect(found).toEqual({ type, value });
    }
  });
});
