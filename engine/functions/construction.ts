import { commonType, isInteger } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type, typeText, withNullable } from '../types/data-type.ts';
import { findKey, hasIdentity } from './compare-values.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { anyNullable, checkCount, untypedNull, wrongType } from './signature.ts';

function resolveRow(args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount('ROW', args.length, 1, Number.POSITIVE_INFINITY);
  if (wrong) return wrong;
  const untyped = args.findIndex((argument) => argument.type.kind === 'NULL');
  if (untyped >= 0) return untypedNull(untyped);
  return {
    type: type.row(
      args.map((argument, i) => ({ name: `EXPR$${i}`, type: argument.type })),
      false,
    ),
    parameters: args.map((argument) => argument.type),
    nulls: 'called',
    evaluate: (...values: Scalar[]) => values,
  };
}

function noCommonType(name: string, args: readonly Argument[], first: number, step: number): Mismatch {
  let index = first;
  while (index < args.length && commonType([args[first]!.type, args[index]!.type])) index += step;
  const odd = args[Math.min(index, args.length - 1)]!;
  const types = `${typeText(args[first]!.type, false)} and ${typeText(odd.type, false)}`;
  return { mismatch: `the items of ${name} have no common type: ${types}`, argument: args.indexOf(odd) };
}

function resolveArray(args: readonly Argument[]): ResolvedCall | Mismatch {
  if (args.length === 0) return { mismatch: 'ARRAY takes at least one item' };
  const element = commonType(args.map((argument) => argument.type));
  if (element === undefined) return noCommonType('ARRAY', args, 0, 1);
  if (element.kind === 'NULL') return untypedNull(0);
  return {
    type: type.array(element, false),
    parameters: args.map((argument) => withNullable(element, argument.type.nullable)),
    nulls: 'called',
    evaluate: (...values: Scalar[]) => values,
  };
}

function resolveMap(args: readonly Argument[]): ResolvedCall | Mismatch {
  if (args.length === 0 || args.length % 2 !== 0) {
    return { mismatch: `MAP takes keys and values in pairs, found ${args.length} items` };
  }
  const key = commonType(args.filter((_, i) => i % 2 === 0).map((argument) => argument.type));
  const value = commonType(args.filter((_, i) => i % 2 === 1).map((argument) => argument.type));
  if (key === undefined) return noCommonType('MAP', args, 0, 2);
  if (value === undefined) return noCommonType('MAP', args, 1, 2);
  if (key.kind === 'NULL') return untypedNull(0);
  if (value.kind === 'NULL') return untypedNull(1);
  return {
    type: type.map(key, value, false),
    parameters: args.map((argument, i) => withNullable(i % 2 === 0 ? key : value, argument.type.nullable)),
    nulls: 'called',
    evaluate: (...values: Scalar[]) => mapOf(key, values),
  };
}

function mapOf(key: DataType, values: readonly Scalar[]): Map<Scalar, Scalar> {
  const map = new Map<Scalar, Scalar>();
  const identical = hasIdentity(key);
  for (let i = 0; i < values.length; i += 2) {
    const known = identical
      ? undefined
      : [...map.keys()].find((k) => findKey(key, new Map([[k, 0]]), values[i]!) === 0);
    map.set(known ?? values[i]!, values[i + 1]!);
  }
  return map;
}

function resolveItem(args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount('[]', args.length, 2);
  if (wrong) return wrong;
  const [container, index] = args as [Argument, Argument];
  const t = container.type;
  switch (t.kind) {
    case 'ARRAY': {
      if (!isInteger(index.type)) return wrongType('an index of an ARRAY', 'an integer', index, 1);
      const literal = index.literal;
      if ((typeof literal === 'number' || typeof literal === 'bigint') && literal < 1) {
        return { mismatch: `the items of an ARRAY are counted from 1, found ${literal}`, argument: 1 };
      }
      return {
        type: withNullable(t.element, true),
        parameters: [t, type.int(index.type.nullable)],
        nulls: 'strict',
        evaluate: (items: readonly Scalar[], i: number) => items[i - 1] ?? null,
      };
    }
    case 'MAP': {
      if (index.type.kind === 'NULL') return untypedNull(1);
      if (commonType([t.key, index.type]) === undefined) {
        return wrongType('a key of this MAP', typeText(t.key, false), index, 1);
      }
      return {
        type: withNullable(t.value, true),
        parameters: [t, withNullable(t.key, index.type.nullable)],
        nulls: 'strict',
        evaluate: (map: ReadonlyMap<Scalar, Scalar>, key: Scalar) => findKey(t.key, map, key) ?? null,
      };
    }
    case 'ROW': {
      const at =
        typeof index.literal === 'number' ? index.literal - 1 : t.fields.findIndex((f) => f.name === index.literal);
      const field = t.fields[at];
      if (field === undefined) return { mismatch: `the ROW has no field ${String(index.literal)}`, argument: 1 };
      return {
        type: withNullable(field.type, field.type.nullable || t.nullable),
        parameters: [t, index.type],
        nulls: 'strict',
        evaluate: (row: readonly Scalar[]) => row[at] ?? null,
      };
    }
    default:
      return { mismatch: `[] takes an ARRAY, a MAP or a ROW, found ${typeText(t, false)}`, argument: 0 };
  }
}

/** The sole item of an array; NULL of an empty one. */
function resolveElement(args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount('ELEMENT', args.length, 1);
  if (wrong) return wrong;
  const t = args[0]!.type;
  if (t.kind !== 'ARRAY' && t.kind !== 'MULTISET') return wrongType('ELEMENT', 'an ARRAY', args[0]!, 0);
  return {
    type: withNullable(t.element, t.element.nullable || t.nullable),
    parameters: [t],
    nulls: 'strict',
    mayBeNull: true,
    evaluate: (items: readonly Scalar[]) => {
      if (items.length > 1)
        throw new EvaluationError(`ELEMENT takes an array of at most one item, found ${items.length}`);
      return items[0] ?? null;
    },
  };
}

function resolveCardinality(args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount('CARDINALITY', args.length, 1);
  if (wrong) return wrong;
  const t = args[0]!.type;
  if (t.kind !== 'ARRAY' && t.kind !== 'MAP' && t.kind !== 'MULTISET') {
    return wrongType('CARDINALITY', 'an ARRAY or a MAP', args[0]!, 0);
  }
  return {
    type: type.int(anyNullable(args)),
    parameters: [t],
    nulls: 'strict',
    evaluate: (value: readonly Scalar[] | ReadonlyMap<Scalar, Scalar>) => ('size' in value ? value.size : value.length),
  };
}

export const constructions: readonly ScalarFunction[] = [
  defineFunction({
    name: 'ROW',
    family: 'construction',
    doc: 'A row of the given values.',
    syntax: ['ROW(a, b, …)', '(a, b, …)'],
    examples: [{ sql: "ROW(1, 'a')", value: '(1, a)' }],
    callable: false,
    resolve: resolveRow,
  }),
  defineFunction({
    name: 'ARRAY',
    family: 'construction',
    doc: 'An array of the given values, cast to their common type.',
    syntax: ['ARRAY[a, b, …]'],
    examples: [{ sql: 'ARRAY[1, 2.5]', value: '[1.0, 2.5]' }],
    callable: false,
    resolve: resolveArray,
  }),
  defineFunction({
    name: 'MAP',
    family: 'construction',
    doc: 'A map of the given keys and values; the last value of a key counts.',
    syntax: ['MAP[key, value, …]'],
    examples: [{ sql: "MAP['k', 1, 'j', 2]", value: '{k=1, j=2}' }],
    callable: false,
    resolve: resolveMap,
  }),
  defineFunction({
    name: 'ITEM',
    family: 'access',
    doc: 'The item of an array at a 1-based index, or the value of a key of a map; NULL where there is none.',
    syntax: ['array[index]', 'map[key]'],
    examples: [
      { sql: 'ARRAY[7, 8][2]', value: '8' },
      { sql: "MAP['a', 1]['b']", value: null },
    ],
    callable: false,
    resolve: resolveItem,
  }),
  defineFunction({
    name: 'ELEMENT',
    family: 'collection',
    doc: 'The only item of an array; NULL of an empty one, fails if there are more.',
    syntax: ['ELEMENT(array)'],
    examples: [{ sql: 'ELEMENT(ARRAY[5])', value: '5' }],
    resolve: resolveElement,
  }),
  defineFunction({
    name: 'CARDINALITY',
    family: 'collection',
    doc: 'The number of items of an array or of entries of a map.',
    syntax: ['CARDINALITY(array)', 'CARDINALITY(map)'],
    examples: [{ sql: 'CARDINALITY(ARRAY[1, 2, 3])', value: '3' }],
    resolve: resolveCardinality,
  }),
];
