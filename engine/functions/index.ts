import { arithmetic } from './arithmetic.ts';
import { comparisons } from './comparison.ts';
import type { ScalarFunction } from './define.ts';
import { hashes } from './hash.ts';
import { truthTests } from './logical.ts';
import { stringBuilders } from './string-build.ts';
import { stringCases } from './string-case.ts';
import { encodings } from './string-encode.ts';
import { stringPositions } from './string-position.ts';
import { trims } from './string-trim.ts';
import { urls } from './url.ts';

export * from './define.ts';

const families: readonly (readonly ScalarFunction[])[] = [
  comparisons,
  truthTests,
  arithmetic,
  stringCases,
  trims,
  stringPositions,
  stringBuilders,
  encodings,
  urls,
  hashes,
];

/** Every scalar function and operator under its upper-case name and aliases. */
export const functions: ReadonlyMap<string, ScalarFunction> = new Map(
  families
    .flat()
    .flatMap((entry): [string, ScalarFunction][] => [
      [entry.name, entry],
      ...(entry.aliases ?? []).map((alias): [string, ScalarFunction] => [alias, entry]),
    ]),
);
