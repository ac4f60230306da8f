import type { AggregateFunction } from '../aggregate.ts';
import { count } from './count.ts';
import { max, min } from './min-max.ts';
import { avg, sum } from './sum.ts';

/** Every aggregate function under its upper-case name and aliases. */
export const aggregateFunctions: ReadonlyMap<string, AggregateFunction> = new Map(
  [count, sum, avg, min, max].flatMap((entry): [string, AggregateFunction][] => [
    [entry.name, entry],
    ...(entry.aliases ?? []).map((alias): [string, AggregateFunction] => [alias, entry]),
  ]),
);
