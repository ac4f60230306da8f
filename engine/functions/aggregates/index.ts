import type { AggregateFunction } from '../aggregate.ts';
import { arrayAgg } from './array-agg.ts';
import { collect } from './collect.ts';
import { count } from './count.ts';
import { firstValue, lastValue } from './first-last.ts';
import { jsonArrayagg, jsonObjectagg } from './json.ts';
import { listagg } from './listagg.ts';
import { max, min } from './min-max.ts';
import { percentile } from './percentile.ts';
import { avg, sum } from './sum.ts';
import { moments } from './variance.ts';

const entries: readonly AggregateFunction[] = [
  count,
  sum,
  avg,
  min,
  max,
  firstValue,
  lastValue,
  ...moments,
  percentile,
  listagg,
  arrayAgg,
  collect,
  jsonObjectagg,
  jsonArrayagg,
];

/** Every aggregate function under its upper-case name and aliases. */
export const aggregateFunctions: ReadonlyMap<string, AggregateFunction> = new Map(
  entries.flatMap((entry): [string, AggregateFunction][] => [
    [entry.name, entry],
    ...(entry.aliases ?? []).map((alias): [string, AggregateFunction] => [alias, entry]),
  ]),
);
