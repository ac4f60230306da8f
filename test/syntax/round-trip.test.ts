import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Diagnostics } from '../../engine/diagnostics/diagnostic.ts';
import { parse } from '../../engine/syntax/parse.ts';
import { print } from '../../engine/syntax/print.ts';
import { script } from './arbitrary.ts';
import { stripSpans } from './strip-spans.ts';

test('every tree is printed to text that parses to the same tree', () => {
  fc.assert(
    fc.property(script, (tree) => {
      const found = new Diagnostics();
      const again = parse(print(tree), { report: found });
      expect(found.list.map(({ message }) => message)).toEqual([]);
      expect(stripSpans(again)).toEqual(stripSpans(tree));
    }),
    { numRuns: 300, seed: 20240229 },
  );
});

test('printing is canonical: printing what was parsed from a print changes nothing', () => {
  fc.assert(
    fc.property(script, (tree) => {
      const once = print(tree);
      expect(print(parse(once, { report: new Diagnostics() }))).toBe(once);
    }),
    { numRuns: 100, seed: 1 },
  );
});
