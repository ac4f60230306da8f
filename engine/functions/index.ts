import { arithmetic } from './arithmetic.ts';
import { comparisons } from './comparison.ts';
import type { ScalarFunction } from './define.ts';
import { truthTests } from './logical.ts';

export * from './define.ts';

const families: readonly (readonly ScalarFunction[])[] = [comparisons, truthTests, arithmetic];

/** Every scalar function and operator under its upper-case name and aliases. */
export const functions: ReadonlyMap<string, ScalarFunction> = new Map(
  families
    .flat()
    .flatMap((entry): [string, ScalarFunction][] => [
      [entry.name, entry],
      ...(entry.aliases ?? []).map((alias): [string, ScalarFunction] => [alias, entry]),
    ]),
);
