import { commonType } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type, withNullable } from '../types/data-type.ts';
import { equalValues, hasIdentity } from './compare-values.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { anyNullable, checkCount, signature, wrongType } from './signature.ts';

type MapType = Extract<DataType, { kind: 'MAP' }>;
type MapValue = ReadonlyMap<Scalar, Scalar>;

const map = { expected: 'a map', accepts: (t: DataType) => t.kind === 'MAP' };
const array = { expected: 'an array', accepts: (t: DataType) => t.kind === 'ARRAY' };

function commonOf(types: readonly DataType[]): DataType | undefined {
  const common = commonType(types);
  return (
    common &&
    withNullable(
      common,
      types.some((t) => t.nullable),
    )
  );
}

/** A map of entries, of which one counts where several have a key. */
function mapOf(key: DataType, entries: Iterable<readonly [Scalar, Scalar]>, counts: 'first' | 'last'): MapValue {
  const map = new Map<Scalar, Scalar>();
  for (const [k, v] of entries) {
    const known = hasIdentity(key) ? k : ([...map.keys()].find((other) => equalValues(key, other, k)) ?? k);
    if (counts === 'last' || !map.has(known)) map.set(known, v);
  }
  return map;
}

const union: ScalarFunction['resolve'] = (args) => {
  const wrong = checkCount('MAP_UNION', args.length, 1, Infinity);
  if (wrong) return wrong;
  const other = args.findIndex((a) => a.type.kind !== 'MAP');
  if (other >= 0) return wrongType('MAP_UNION', 'a map', args[other]!, other);
  const key = commonOf(args.map((a) => (a.type as MapType).key));
  const value = commonOf(args.map((a) => (a.type as MapType).value));
  if (key === undefined || value === undefined) return wrongType('MAP_UNION', 'maps of a common type', args[1]!, 1);
  return {
    type: type.map(key, value, anyNullable(args)),
    parameters: args.map((a) => type.map(key, value, a.type.nullable)),
    nulls: 'strict',
    evaluate: (...maps: MapValue[]) => {
      // The last map comes first, as in Flink.
      const entries = maps.toReversed().flatMap((each) => [...each]);
      return mapOf(key, entries, 'first');
    },
  };
};

export const maps: readonly ScalarFunction[] = [
  defineFunction({
    name: 'MAP_KEYS',
    family: 'collection',
    doc: 'The keys of a map.',
    syntax: ['MAP_KEYS(map)'],
    examples: [{ sql: "MAP_KEYS(MAP['a', 1, 'b', 2])", value: '[a, b]' }],
    resolve: signature('MAP_KEYS', {
      parameters: [map],
      returns: ([t]) => type.array((t as MapType).key, false),
      evaluate: (m: MapValue) => [...m.keys()],
    }),
  }),
  defineFunction({
    name: 'MAP_VALUES',
    family: 'collection',
    doc: 'The values of a map.',
    syntax: ['MAP_VALUES(map)'],
    examples: [{ sql: "MAP_VALUES(MAP['a', 1])", value: '[1]' }],
    resolve: signature('MAP_VALUES', {
      parameters: [map],
      returns: ([t]) => type.array((t as MapType).value, false),
      evaluate: (m: MapValue) => [...m.values()],
    }),
  }),
  defineFunction({
    name: 'MAP_ENTRIES',
    family: 'collection',
    doc: 'The entries of a map as rows of key and value.',
    syntax: ['MAP_ENTRIES(map)'],
    examples: [{ sql: "MAP_ENTRIES(MAP['a', 1])", value: '[(a, 1)]' }],
    resolve: signature('MAP_ENTRIES', {
      parameters: [map],
      returns: ([t]) => {
        const { key, value } = t as MapType;
        const fields = [
          { name: 'key', type: key },
          { name: 'value', type: value },
        ];
        return type.array(type.row(fields), false);
      },
      evaluate: (m: MapValue) => [...m].map(([k, v]) => [k, v]),
    }),
  }),
  defineFunction({
    name: 'MAP_FROM_ARRAYS',
    family: 'collection',
    doc: 'A map of an array of keys and an array of as many values.',
    syntax: ['MAP_FROM_ARRAYS(keys, values)'],
    examples: [{ sql: "MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[1, 2])", value: '{a=1, b=2}' }],
    resolve: signature('MAP_FROM_ARRAYS', {
      parameters: [array, array],
      returns: ([k, v]) => type.map((k as { element: DataType }).element, (v as { element: DataType }).element, false),
      build: ([k]) => {
        const key = withNullable((k!.type as { element: DataType }).element, true);
        return {
          evaluate: (keys: readonly Scalar[], values: readonly Scalar[]) => {
            if (keys.length !== values.length) {
              throw new EvaluationError(`MAP_FROM_ARRAYS found ${keys.length} keys and ${values.length} values`);
            }
            return mapOf(
              key,
              keys.map((each, i) => [each, values[i]!] as const),
              'last',
            );
          },
        };
      },
    }),
  }),
  defineFunction({
    name: 'MAP_UNION',
    family: 'collection',
    doc: 'The entries of all maps; where a key occurs again the later map wins.',
    syntax: ['MAP_UNION(map, …)'],
    examples: [{ sql: "MAP_UNION(MAP['a', 1], MAP['a', 2, 'c', 3])", value: '{a=2, c=3}' }],
    resolve: union,
  }),
];
