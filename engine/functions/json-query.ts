import { firstCodePoints } from '../types/bytes-text.ts';
import { isText } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { MAX_LENGTH, type, typeText, withNullable } from '../types/data-type.ts';
import { bigNumberText } from '../types/decimal.ts';
import type { Argument, JsonOptions, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { followPath, type JsonPath, PathError, parsePath } from './json-path.ts';
import { isArray, isNumber, isObject, type JsonTree, MalformedJson, parseJson, writeJson } from './json-tree.ts';
import { checkCount, untypedNull, wrongType } from './signature.ts';

/** What a path found in a text, or why there is nothing to find. */
type Found = { readonly value: JsonTree; readonly lax: boolean } | { readonly error: string };

function find(source: string, pathText: string): Found {
  let path: JsonPath;
  try {
    path = parsePath(pathText);
  } catch (error) {
    if (error instanceof PathError) return { error: error.message };
    throw error;
  }
  try {
    return { value: followPath(parseJson(source), path), lax: path.lax };
  } catch (error) {
    // Under lax a malformed text is an empty one.
    if (error instanceof MalformedJson && path.lax) return { value: null, lax: true };
    if (error instanceof PathError || error instanceof MalformedJson) return { error: error.message };
    throw error;
  }
}

function isScalar(value: JsonTree): boolean {
  return !isArray(value) && !isObject(value);
}

type Behaviour = JsonOptions['onEmpty'];

/** Checks the two first arguments: the JSON text and the path. */
function checkSource(name: string, args: readonly Argument[]): Mismatch | undefined {
  for (const i of [0, 1]) {
    const argument = args[i]!;
    if (argument.type.kind === 'NULL') return untypedNull(i);
    if (!isText(argument.type)) return wrongType(name, i === 0 ? 'JSON text' : 'a path', argument, i);
  }
  return undefined;
}

function resolveExists(args: readonly Argument[], json: JsonOptions): ResolvedCall | Mismatch {
  const wrong = checkCount('JSON_EXISTS', args.length, 2) ?? checkSource('JSON_EXISTS', args);
  if (wrong) return wrong;
  const onError = json.onError ?? 'FALSE';
  return {
    type: type.boolean(),
    parameters: args.map((argument) => argument.type),
    nulls: 'strict',
    evaluate: (source: string, path: string) => {
      const found = find(source, path);
      if ('value' in found) return found.value !== null;
      if (onError === 'ERROR') throw new EvaluationError(found.error);
      return onError === 'UNKNOWN' ? null : onError === 'TRUE';
    },
  };
}

/** A value at a path as a scalar of the returned type; throws where Flink's cast does. */
function scalarOf(value: JsonTree, t: DataType): Scalar {
  switch (t.kind) {
    case 'BOOLEAN':
      if (typeof value === 'boolean') return value;
      break;
    case 'INT':
      if (isNumber(value) && value.whole && BigInt.asIntN(32, value.unscaled) === value.unscaled)
        return Number(value.unscaled);
      break;
    case 'DOUBLE':
      if (isNumber(value) && !value.whole) return Number(`${value.unscaled}e${-value.scale}`);
      break;
    default: {
      const text = typeof value === 'string' ? value : isNumber(value) ? bigNumberText(value) : String(value);
      return t.kind === 'VARCHAR' && t.length < MAX_LENGTH ? firstCodePoints(text, t.length) : text;
    }
  }
  const written = writeJson(value);
  throw new EvaluationError(`JSON_VALUE found ${written.slice(0, 60)}, which is no ${RETURNED[t.kind]!}`);
}

const RETURNED: Readonly<Record<string, string>> = {
  BOOLEAN: 'true or false',
  INT: 'whole number of 32 bits',
  DOUBLE: 'number with a fraction or an exponent',
};

function resolveValue(args: readonly Argument[], json: JsonOptions): ResolvedCall | Mismatch {
  const wrong = checkCount('JSON_VALUE', args.length, 2, 4) ?? checkSource('JSON_VALUE', args);
  if (wrong) return wrong;
  const t = json.returning ?? type.string();
  if (!isText(t) && RETURNED[t.kind] === undefined) {
    return { mismatch: `JSON_VALUE returns STRING, BOOLEAN, INTEGER or DOUBLE, not ${typeText(t, false)}` };
  }
  const { onEmpty = 'NULL', onError = 'NULL' } = json;
  const answer = (behaviour: Behaviour, values: readonly Scalar[], message: string): Scalar => {
    if (typeof behaviour === 'object') return values[behaviour.argument]!;
    if (behaviour === 'ERROR') throw new EvaluationError(message);
    return null;
  };
  return {
    type: withNullable(t, true),
    parameters: args.map((argument, i) => (i < 2 ? argument.type : withNullable(t, argument.type.nullable))),
    nulls: 'called',
    evaluate: (...values: Scalar[]) => {
      const [source, path] = values as [string | null, string | null];
      if (source === null || path === null) return null;
      const found = find(source, path);
      if ('error' in found) return answer(onError, values, found.error);
      const { value, lax } = found;
      if (lax && (value === null || !isScalar(value))) return answer(onEmpty, values, 'JSON_VALUE found nothing');
      if (value === null || !isScalar(value)) return answer(onError, values, 'JSON_VALUE found no scalar value');
      return scalarOf(value, t);
    },
  };
}

/** The items of an array as texts: strings as they are, null as NULL, everything else as JSON. */
function textItems(value: JsonTree): Scalar[] | undefined {
  return isArray(value)
    ? value.map((item) => (item === null || typeof item === 'string' ? item : writeJson(item)))
    : undefined;
}

function resolveQuery(args: readonly Argument[], json: JsonOptions): ResolvedCall | Mismatch {
  const wrong = checkCount('JSON_QUERY', args.length, 2) ?? checkSource('JSON_QUERY', args);
  if (wrong) return wrong;
  const t = json.returning ?? type.string();
  const list = t.kind === 'ARRAY' && isText(t.element);
  if (!list && !isText(t)) {
    return { mismatch: `JSON_QUERY returns STRING or ARRAY<STRING>, not ${typeText(t, false)}` };
  }
  const { wrapper = 'WITHOUT', onEmpty = 'NULL', onError = 'NULL' } = json;
  const answer = (behaviour: Behaviour, message: string): Scalar => {
    switch (behaviour) {
      case 'ERROR':
        throw new EvaluationError(message);
      case 'EMPTY ARRAY':
        return list ? [] : '[]';
      case 'EMPTY OBJECT':
        return list ? null : '{}';
      default:
        return null;
    }
  };
  return {
    type: withNullable(t, true),
    parameters: args.map((argument) => argument.type),
    nulls: 'strict',
    evaluate: (source: string, path: string) => {
      const found = find(source, path);
      if ('error' in found) return answer(onError, found.error);
      const { lax } = found;
      let { value } = found;
      if (value !== null && (wrapper === 'UNCONDITIONAL' || (wrapper === 'CONDITIONAL' && !isArray(value))))
        value = [value];
      if (value === null || isScalar(value)) {
        return lax
          ? answer(onEmpty, 'JSON_QUERY found nothing')
          : answer(onError, 'JSON_QUERY found no array and no object');
      }
      if (!list) return writeJson(value);
      return textItems(value) ?? answer(onError, 'JSON_QUERY found no array');
    },
  };
}

/** IS JSON and its kinds; FALSE for NULL. */
function jsonTest(kind: string, doc: string, holds: (value: JsonTree) => boolean, example: string): ScalarFunction {
  const name = `IS JSON ${kind}`;
  return defineFunction({
    name,
    family: 'json',
    doc,
    syntax: [`s IS JSON${kind === 'VALUE' ? ' [VALUE]' : ` ${kind}`}`],
    examples: [{ sql: `${example} ${name}`, value: 'TRUE' }],
    callable: false,
    resolve: ([argument]) => {
      if (argument!.type.kind === 'NULL') return untypedNull(0);
      if (!isText(argument!.type)) return wrongType(name, 'a string', argument!, 0);
      return {
        type: type.boolean(false),
        parameters: [argument!.type],
        nulls: 'called',
        evaluate: (text: string | null) => {
          if (text === null) return false;
          try {
            return holds(parseJson(text));
          } catch (error) {
            if (error instanceof MalformedJson) return false;
            throw error;
          }
        },
      };
    },
  });
}

export const jsonQueries: readonly ScalarFunction[] = [
  defineFunction({
    name: 'JSON_EXISTS',
    family: 'json',
    doc: 'TRUE if a path leads to something other than null in a JSON text.',
    syntax: ['JSON_EXISTS(s, path [{TRUE | FALSE | UNKNOWN | ERROR} ON ERROR])'],
    examples: [{ sql: `JSON_EXISTS('{"a":1}', '$.a')`, value: 'TRUE' }],
    resolve: (args, _, json = {}) => resolveExists(args, json),
  }),
  defineFunction({
    name: 'JSON_VALUE',
    family: 'json',
    doc: 'The scalar at a path of a JSON text. Without lax before the path a missing key is an error, with it nothing.',
    syntax: [
      'JSON_VALUE(s, path [RETURNING type] [{NULL | ERROR | DEFAULT x} ON EMPTY] [{NULL | ERROR | DEFAULT x} ON ERROR])',
    ],
    examples: [
      { sql: `JSON_VALUE('{"a":{"b":2}}', '$.a.b')`, value: '2' },
      { sql: `JSON_VALUE('{"a":1}', 'lax $.b' DEFAULT 'none' ON EMPTY)`, value: 'none' },
    ],
    resolve: (args, _, json = {}) => resolveValue(args, json),
  }),
  defineFunction({
    name: 'JSON_QUERY',
    family: 'json',
    doc: 'The object or array at a path of a JSON text, keys in order.',
    syntax: [
      'JSON_QUERY(s, path [RETURNING type] [{WITHOUT | WITH [CONDITIONAL | UNCONDITIONAL]} WRAPPER] [{NULL | ERROR | EMPTY ARRAY | EMPTY OBJECT} ON EMPTY] [… ON ERROR])',
    ],
    examples: [
      { sql: `JSON_QUERY('{"a":[1,2]}', '$.a')`, value: '[1,2]' },
      { sql: `JSON_QUERY('{"a":["x","y"]}', '$.a' RETURNING ARRAY<STRING>)`, value: '[x, y]' },
    ],
    resolve: (args, _, json = {}) => resolveQuery(args, json),
  }),
  jsonTest('VALUE', 'TRUE if the text begins with valid JSON.', () => true, `'{"a":1}'`),
  jsonTest('OBJECT', 'TRUE if the text is a JSON object.', isObject, `'{}'`),
  jsonTest('ARRAY', 'TRUE if the text is a JSON array.', isArray, `'[1]'`),
  jsonTest('SCALAR', 'TRUE if the text is a JSON string, number, boolean or null.', isScalar, `'1'`),
];
