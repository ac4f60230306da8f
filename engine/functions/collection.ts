import { commonType, isBinary, isInterval } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { type, typeText, withNullable } from '../types/data-type.ts';
import { compareValues, equalValues, hasIdentity } from './compare-values.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction } from './define.ts';
import { anyNullable, checkCount, untypedNull, wrongType } from './signature.ts';

type ArrayType = Extract<DataType, { element: DataType }>;
type Items = readonly Scalar[];

/** What an item is asked for, where NULL is an item like others. */
function sameItem(t: DataType): (a: Scalar, b: Scalar) => boolean {
  if (hasIdentity(t)) return (a, b) => a === b;
  return (a, b) => (a === null || b === null ? a === b : equalValues(t, a, b));
}

/** Whether Flink puts items of the type in order. */
function hasOrder(t: DataType): boolean {
  return isBinary(t) || (hasIdentity(t) && t.kind !== 'BOOLEAN' && !isInterval(t));
}

function distinct(t: DataType, items: Items): Scalar[] {
  // A set would take NaN for one value, which equals nothing in SQL.
  if (hasIdentity(t) && t.kind !== 'FLOAT' && t.kind !== 'DOUBLE') return [...new Set(items)];
  const same = sameItem(t);
  const result: Scalar[] = [];
  for (const item of items) if (!result.some((known) => same(known, item))) result.push(item);
  return result;
}

/** How a function with an array first goes on: `more` describes the arguments after it. */
type Resolve = (array: ArrayType, args: readonly Argument[]) => ResolvedCall | Mismatch;

function arrayFunction(
  head: Pick<ScalarFunction, 'name' | 'doc' | 'syntax' | 'examples'>,
  count: readonly [number, number],
  resolve: Resolve,
): ScalarFunction {
  return defineFunction({
    ...head,
    family: 'collection',
    resolve: (args) => {
      const wrong = checkCount(head.name, args.length, ...count);
      if (wrong) return wrong;
      const [first] = args as [Argument];
      if (first.type.kind !== 'ARRAY') return wrongType(head.name, 'an ARRAY', first, 0);
      return resolve(first.type, args);
    },
  });
}

/** A function of one array that gives an array of the same type. */
function rearranging(
  name: string,
  doc: string,
  example: readonly [string, string],
  change: (t: DataType, items: Items) => Scalar[],
): ScalarFunction {
  const head = { name, doc, syntax: [`${name}(array)`], examples: [{ sql: example[0], value: example[1] }] };
  return arrayFunction(head, [1, 1], (t) => ({
    type: t,
    parameters: [t],
    nulls: 'strict',
    evaluate: (items: Items) => change(t.element, items),
  }));
}

/** A function of arrays of one common type. */
function merging(
  name: string,
  doc: string,
  example: readonly [string, string],
  many: boolean,
  merge: (t: DataType, arrays: readonly Items[]) => Scalar[],
): ScalarFunction {
  const syntax = [many ? `${name}(array, …)` : `${name}(a, b)`];
  const head = { name, doc, syntax, examples: [{ sql: example[0], value: example[1] }] };
  return arrayFunction(head, many ? [1, Number.POSITIVE_INFINITY] : [2, 2], (_, args) => {
    const nothing = args.findIndex((argument) => argument.type.kind === 'NULL');
    if (nothing >= 0) return untypedNull(nothing);
    const common = commonType(args.map((argument) => argument.type));
    if (common?.kind !== 'ARRAY') {
      const index = args.findIndex((argument) => commonType([args[0]!.type, argument.type]) === undefined);
      return wrongType(name, typeText(args[0]!.type, false), args[index]!, index);
    }
    return {
      type: withNullable(common, anyNullable(args)),
      parameters: args.map((argument) => withNullable(common, argument.type.nullable)),
      nulls: 'strict',
      evaluate: (...arrays: Items[]) => merge(common.element, arrays),
    };
  });
}

/** A function of an array and an item of it; the item may be NULL. */
function withItem(
  head: Pick<ScalarFunction, 'name' | 'doc' | 'syntax' | 'examples'>,
  returns: (element: DataType) => DataType,
  evaluate: (t: DataType, items: Items, item: Scalar) => Scalar,
  options: { readonly item?: 'added'; readonly nullItem?: 'null' | 'kept' } = {},
): ScalarFunction {
  return arrayFunction(head, [2, 2], (array, args) => {
    const item = args[1]!;
    const common = commonType([withNullable(array.element, false), withNullable(item.type, false)]);
    const widens = common !== undefined && typeText(common, false) !== typeText(array.element, false);
    if (common === undefined || (widens && !isWider(common, array.element))) {
      return wrongType(head.name, typeText(array.element, false), item, 1);
    }
    const nullable = array.element.nullable || (options.item === 'added' && item.type.nullable);
    const element = withNullable(common, nullable);
    return {
      type: withNullable(returns(element), array.nullable || (options.nullItem !== undefined && item.type.nullable)),
      parameters: [{ ...array, element }, withNullable(common, item.type.nullable)],
      nulls: 'called',
      evaluate: (items: Items | null, value: Scalar) => {
        if (items === null || (value === null && options.nullItem === 'null')) return null;
        return evaluate(element, items, value);
      },
    };
  });
}

function isWider(common: DataType, element: DataType): boolean {
  return common.kind === element.kind || common.kind === 'VARCHAR';
}

function extremeOf(name: string, greatest: boolean, example: readonly [string, string]): ScalarFunction {
  const head = {
    name,
    doc: `The ${greatest ? 'greatest' : 'least'} item, NULLs aside.`,
    syntax: [`${name}(array)`],
    examples: [{ sql: example[0], value: example[1] }],
  };
  return arrayFunction(head, [1, 1], (t) => {
    const { element } = t;
    if (!hasOrder(element)) return { mismatch: `${name} cannot order ${typeText(element, false)}`, argument: 0 };
    return {
      type: withNullable(element, true),
      parameters: [t],
      nulls: 'strict',
      evaluate: (items: Items) => {
        let best: Scalar = null;
        for (const item of items) {
          if (item === null) continue;
          const order = best === null ? 1 : compareValues(element, item, best);
          if (best === null || (greatest ? order > 0 : order < 0)) best = item;
        }
        return best;
      },
    };
  });
}

/** Start and end count from 1, from the end where negative; 0 is 1, and a start before the first item is the first. */
function slice(items: Items, start: number, end = -1): Scalar[] {
  const fromEnd = (index: number) => (index < 0 ? items.length + index + 1 : index);
  const first = Math.max(fromEnd(start), 1);
  const last = fromEnd(end);
  return last < 0 ? [] : items.slice(first - 1, last === 0 ? 1 : last);
}

function sort(t: DataType, items: Items, ascending: boolean, nullsFirst: boolean): Scalar[] {
  const values = items.filter((item) => item !== null).sort((a, b) => compareValues(t, a, b));
  if (!ascending) values.reverse();
  const nulls = items.filter((item) => item === null);
  return nullsFirst ? [...nulls, ...values] : [...values, ...nulls];
}

export const collections: readonly ScalarFunction[] = [
  rearranging(
    'ARRAY_DISTINCT',
    'The items without repetition, in their order.',
    ['ARRAY_DISTINCT(ARRAY[1, 2, 1])', '[1, 2]'],
    distinct,
  ),
  rearranging('ARRAY_REVERSE', 'The items backwards.', ['ARRAY_REVERSE(ARRAY[1, 2])', '[2, 1]'], (_, items) =>
    [...items].reverse(),
  ),
  merging(
    'ARRAY_CONCAT',
    'The items of all arrays, one after the other.',
    ['ARRAY_CONCAT(ARRAY[1], ARRAY[2, 1])', '[1, 2, 1]'],
    true,
    (_, arrays) => arrays.flat(1) as Scalar[],
  ),
  merging(
    'ARRAY_UNION',
    'The items of both without repetition.',
    ['ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])', '[1, 2, 3]'],
    false,
    (t, [a, b]) => distinct(t, [...a!, ...b!]),
  ),
  merging(
    'ARRAY_INTERSECT',
    'The items that are in both, without repetition.',
    ['ARRAY_INTERSECT(ARRAY[1, 2, 3], ARRAY[3, 1])', '[1, 3]'],
    false,
    (t, [a, b]) => {
      const same = sameItem(t);
      return distinct(
        t,
        a!.filter((item) => b!.some((other) => same(item, other))),
      );
    },
  ),
  merging(
    'ARRAY_EXCEPT',
    'The items that are not in the second array, without repetition.',
    ['ARRAY_EXCEPT(ARRAY[1, 2, 3], ARRAY[2])', '[1, 3]'],
    false,
    (t, [a, b]) => {
      const same = sameItem(t);
      return distinct(
        t,
        a!.filter((item) => !b!.some((other) => same(item, other))),
      );
    },
  ),
  withItem(
    {
      name: 'ARRAY_CONTAINS',
      doc: 'TRUE if the item is in the array; NULL can be looked for too.',
      syntax: ['ARRAY_CONTAINS(array, item)'],
      examples: [{ sql: "ARRAY_CONTAINS(ARRAY['a', 'b'], 'c')", value: 'FALSE' }],
    },
    () => type.boolean(false),
    (t, items, item) => items.some((other) => sameItem(t)(other, item)),
  ),
  withItem(
    {
      name: 'ARRAY_POSITION',
      doc: 'The 1-based position of an item, 0 where it does not occur; NULL if the item is NULL.',
      syntax: ['ARRAY_POSITION(array, item)'],
      examples: [{ sql: 'ARRAY_POSITION(ARRAY[1, 2], 2)', value: '2' }],
    },
    () => type.int(false),
    (t, items, item) => items.findIndex((other) => sameItem(t)(other, item)) + 1,
    { nullItem: 'null' },
  ),
  withItem(
    {
      name: 'ARRAY_REMOVE',
      doc: 'The array without every occurrence of an item.',
      syntax: ['ARRAY_REMOVE(array, item)'],
      examples: [{ sql: 'ARRAY_REMOVE(ARRAY[1, 2, 1], 1)', value: '[2]' }],
    },
    (element) => type.array(element, false),
    (t, items, item) => items.filter((other) => !sameItem(t)(other, item)),
  ),
  withItem(
    {
      name: 'ARRAY_APPEND',
      doc: 'The array with an item at its end.',
      syntax: ['ARRAY_APPEND(array, item)'],
      examples: [{ sql: 'ARRAY_APPEND(ARRAY[1, 2], 3)', value: '[1, 2, 3]' }],
    },
    (element) => type.array(element, false),
    (_, items, item) => [...items, item],
    { item: 'added', nullItem: 'kept' },
  ),
  withItem(
    {
      name: 'ARRAY_PREPEND',
      doc: 'The array with an item at its front.',
      syntax: ['ARRAY_PREPEND(array, item)'],
      examples: [{ sql: 'ARRAY_PREPEND(ARRAY[1, 2], 3)', value: '[3, 1, 2]' }],
    },
    (element) => type.array(element, false),
    (_, items, item) => [item, ...items],
    { item: 'added', nullItem: 'kept' },
  ),
  extremeOf('ARRAY_MAX', true, ['ARRAY_MAX(ARRAY[1, 5, 3])', '5']),
  extremeOf('ARRAY_MIN', false, ['ARRAY_MIN(ARRAY[4, 2])', '2']),
  arrayFunction(
    {
      name: 'ARRAY_SLICE',
      doc: 'The items from a 1-based start to an end, both counted from the end where negative.',
      syntax: ['ARRAY_SLICE(array, start [, end])'],
      examples: [
        { sql: 'ARRAY_SLICE(ARRAY[1, 2, 3, 4], 2, 3)', value: '[2, 3]' },
        { sql: 'ARRAY_SLICE(ARRAY[1, 2, 3, 4], -2)', value: '[3, 4]' },
      ],
    },
    [2, 3],
    (t, args) => {
      const index = args.findIndex((a, i) => i > 0 && !['TINYINT', 'SMALLINT', 'INT', 'NULL'].includes(a.type.kind));
      if (index > 0) return wrongType('ARRAY_SLICE', 'an INT', args[index]!, index);
      return {
        type: withNullable(t, anyNullable(args)),
        parameters: args.map((a, i) => (i === 0 ? t : type.int(a.type.nullable))),
        nulls: 'strict',
        evaluate: slice,
      };
    },
  ),
  arrayFunction(
    {
      name: 'ARRAY_SORT',
      doc: 'The items in order; ascending, and NULLs first when ascending, unless told otherwise.',
      syntax: ['ARRAY_SORT(array [, ascending [, nullsFirst]])'],
      examples: [{ sql: 'ARRAY_SORT(ARRAY[3, 1, 2], FALSE)', value: '[3, 2, 1]' }],
    },
    [1, 3],
    (t, args) => {
      if (!hasOrder(t.element)) {
        return { mismatch: `ARRAY_SORT cannot order ${typeText(t.element, false)}`, argument: 0 };
      }
      const index = args.findIndex((a, i) => i > 0 && a.type.kind !== 'BOOLEAN' && a.type.kind !== 'NULL');
      if (index > 0) return wrongType('ARRAY_SORT', 'a BOOLEAN', args[index]!, index);
      return {
        type: withNullable(t, anyNullable(args)),
        parameters: args.map((a, i) => (i === 0 ? t : type.boolean(a.type.nullable))),
        nulls: 'strict',
        evaluate: (items: Items, ascending = true, nullsFirst = ascending) =>
          sort(t.element, items, ascending, nullsFirst),
      };
    },
  ),
  arrayFunction(
    {
      name: 'ARRAY_JOIN',
      doc: 'The strings joined with a separator; NULLs are left out or replaced.',
      syntax: ['ARRAY_JOIN(array, separator [, nullText])'],
      examples: [{ sql: "ARRAY_JOIN(ARRAY['a', NULL, 'c'], '-', 'N/A')", value: 'a-N/A-c' }],
    },
    [2, 3],
    (t, args) => {
      const text = (u: DataType) => u.kind === 'CHAR' || u.kind === 'VARCHAR' || u.kind === 'NULL';
      if (!text(t.element)) return wrongType('ARRAY_JOIN', 'an ARRAY of strings', args[0]!, 0);
      const index = args.findIndex((a, i) => i > 0 && !text(a.type));
      if (index > 0) return wrongType('ARRAY_JOIN', 'a string', args[index]!, index);
      return {
        type: type.string(anyNullable(args)),
        parameters: args.map((a) => (a.type.kind === 'NULL' ? type.string() : a.type)),
        nulls: 'strict',
        evaluate: (items: Items, separator: string, nullText?: string) =>
          items
            .flatMap((item) => (item !== null ? [item as string] : nullText === undefined ? [] : [nullText]))
            .join(separator),
      };
    },
  ),
];
