import { arithmetic } from './arithmetic.ts';
import { collections } from './collection.ts';
import { comparisons } from './comparison.ts';
import { conditionals } from './conditional.ts';
import { constructions } from './construction.ts';
import { conversions } from './conversion.ts';
import type { ScalarFunction } from './define.ts';
import { extractions } from './extract.ts';
import { forms } from './forms.ts';
import { hashes } from './hash.ts';
import { jsonConstructors } from './json-construct.ts';
import { jsonQueries } from './json-query.ts';
import { likes } from './like.ts';
import { truthTests } from './logical.ts';
import { maps } from './map.ts';
import { mathematics } from './math.ts';
import { clocks } from './now.ts';
import { printing } from './printf.ts';
import { randoms } from './random.ts';
import { regexps } from './regexp.ts';
import { roundings } from './rounding.ts';
import { stringBuilders } from './string-build.ts';
import { stringCases } from './string-case.ts';
import { encodings } from './string-encode.ts';
import { stringPositions } from './string-position.ts';
import { trims } from './string-trim.ts';
import { timeArithmetic } from './time-arithmetic.ts';
import { timeConversions } from './time-conversion.ts';
import { urls } from './url.ts';

export * from './define.ts';

const families: readonly (readonly ScalarFunction[])[] = [
  comparisons,
  truthTests,
  arithmetic,
  mathematics,
  roundings,
  randoms,
  stringCases,
  trims,
  stringPositions,
  stringBuilders,
  encodings,
  printing,
  urls,
  hashes,
  likes,
  regexps,
  constructions,
  conditionals,
  conversions,
  collections,
  maps,
  jsonQueries,
  jsonConstructors,
  extractions,
  timeArithmetic,
  timeConversions,
  clocks,
  forms,
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
