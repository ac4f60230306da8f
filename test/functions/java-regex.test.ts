import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileRegex, untranslatable } from '../../engine/functions/compile-regex.ts';

/** Texts with what java.util.regex of JDK 17 finds in them: start, whole and groups of each match; null: no pattern. */
interface Recorded {
  readonly pattern: string;
  readonly matches: readonly (readonly [string, readonly unknown[] | null])[];
}

const records = readFileSync(new URL('java-regex.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

/** Refused with a reason, or with groups that cannot be told. */
const REFUSED = new Set([
  '((a)|b)+',
  '\\p{InGreek}',
  '(a)(b)?\\2',
  '\\2(a)(b)',
  'a{2}{3}',
  '(?u)é',
  '(|a)+',
  '()*',
  '(a*)*',
  '(a?)*b',
]);

describe('Java’s regular expressions', () => {
  it.each(records.filter(({ pattern }) => !REFUSED.has(pattern)))(
    '$pattern finds what Java finds',
    ({ pattern, matches }) => {
      const regex = compileRegex(pattern);
      for (const [text, expected] of matches) {
        const found =
          regex &&
          Array.from(text.matchAll(regex.expression), (match) => [
            match.index,
            ...Array.from({ length: regex.groupCount + 1 }, (_, group) => regex.group(match, group)),
          ]);
        expect(found, JSON.stringify(text)).toEqual(expected);
      }
    },
  );

  it('are refused with a reason where JavaScript has no equal', () => {
    expect(untranslatable('(?u)é')).toMatch(/the flag \(\?u\) is not supported/);
    expect(untranslatable('\\p{InGreek}')).toMatch(/InGreek/);
    expect(untranslatable('(|a)+')).toMatch(/repetition of something empty/);
    expect(untranslatable('(a)(b)?\\2')).toMatch(/a group without a match/);
    expect(untranslatable('[a-z]+')).toBeUndefined();
  });

  it('do not hand out a group that Java would remember and JavaScript forgets', () => {
    const regex = compileRegex('((a)|b)+')!;
    const match = regex.expression.exec('ab')!;
    expect(regex.group(match, 0)).toBe('ab');
    expect(() => regex.group(match, 2)).toThrow(/lies in a repetition/);
  });
});
