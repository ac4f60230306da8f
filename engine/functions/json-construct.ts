import { isText } from '../types/coerce.ts';
import type { DataType, Scalar } from '../types/data-type.ts';
import { timestampUnit, type, typeText } from '../types/data-type.ts';
import { bigNumberText, parseBigNumber } from '../types/decimal.ts';
import { doubleText } from '../types/java-double.ts';
import { timestampText } from '../types/time-text.ts';
import type { Argument, JsonOptions, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { MalformedJson, parseJson, quoteJson, writeJson } from './json-tree.ts';
import { checkCount, signature, text, untypedNull, wrongType } from './signature.ts';

type Write = (value: never) => string;

/** How values of a type become JSON text; undefined for a type that has none. */
function jsonWriter(t: DataType): Write | undefined {
  switch (t.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return String;
    case 'DECIMAL':
      return (value: bigint) => bigNumberText({ unscaled: value, scale: t.scale });
    case 'FLOAT':
    case 'DOUBLE':
      return doubleJson;
    case 'CHAR':
    case 'VARCHAR':
      return quoteJson;
    case 'BINARY':
    case 'VARBINARY':
      return (value: Uint8Array) => quoteJson(Buffer.from(value).toString('base64'));
    case 'TIMESTAMP':
      return (value: bigint) => `"${isoText(value, t.precision)}"`;
    case 'TIMESTAMP_LTZ':
      return (value: bigint) => `"${isoText(value, t.precision)}Z"`;
    case 'ARRAY': {
      const item = nullableWriter(t.element);
      return item && ((value: readonly Scalar[]) => `[${value.map(item).join(',')}]`);
    }
    case 'MAP': {
      const item = nullableWriter(t.value);
      if (item === undefined || !isText(t.key)) return undefined;
      return (value: ReadonlyMap<string, Scalar>) => jsonObjectText([...value].map(([key, v]) => [key, item(v)]));
    }
    case 'ROW': {
      const fields = t.fields.map((field) => nullableWriter(field.type));
      if (!fields.every((field) => field !== undefined)) return undefined;
      return (value: readonly Scalar[]) => jsonObjectText(t.fields.map(({ name }, i) => [name, fields[i]!(value[i]!)]));
    }
    default:
      return undefined;
  }
}

function nullableWriter(t: DataType): ((value: Scalar) => string) | undefined {
  const write = jsonWriter(t) as ((value: Scalar) => string) | undefined;
  return write && ((value) => (value === null ? 'null' : write(value)));
}

/** Text that is JSON as Flink writes it again: keys in order, what follows the value left out. */
function normalizeJson(value: string): string | null {
  // Of nothing Flink makes NULL.
  if (value.trim() === '') return null;
  try {
    return writeJson(parseJson(value));
  } catch (error) {
    if (error instanceof MalformedJson) throw new EvaluationError(error.message);
    throw error;
  }
}

/** Keys in order; of one that occurs twice the last value counts. */
export function jsonObjectText(entries: readonly (readonly [string, string])[]): string {
  const last = new Map(entries);
  const sorted = [...last].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, value]) => `${quoteJson(key)}:${value}`).join(',')}}`;
}

/** The digits of Java's text, written as BigDecimal writes them. */
function doubleJson(value: number): string {
  const digits = doubleText(value);
  return Number.isFinite(value) ? bigNumberText(parseBigNumber(digits)!) : `"${digits}"`;
}

/** With a T, and as many digits of fraction as are needed. */
function isoText(value: bigint, precision: number): string {
  const digits = timestampUnit(precision) === 1_000_000n ? 6 : 9;
  return timestampText(value, digits)
    .replace(' ', 'T')
    .replace(/\.?0+$/, '');
}

/** The writer of an argument that becomes JSON: what is JSON already stays as it is. */
export function jsonArgumentWriter(
  name: string,
  argument: Argument,
  index: number,
): ((value: Scalar) => string) | Mismatch {
  if (argument.type.kind === 'NULL') return untypedNull(index);
  if (argument.json) return (value) => (value === null ? 'null' : (value as string));
  const write = nullableWriter(argument.type);
  if (write !== undefined) return write;
  return { mismatch: `${name} cannot write ${typeText(argument.type, false)} as JSON`, argument: index };
}

function resolveObject(args: readonly Argument[], json: JsonOptions): ResolvedCall | Mismatch {
  const writers: ((value: Scalar) => string)[] = [];
  for (const [i, argument] of args.entries()) {
    if (i % 2 === 0 && !isText(argument.type)) return wrongType('JSON_OBJECT', 'a string as key', argument, i);
    if (i % 2 === 0 && argument.type.nullable) {
      const help = 'give a text for NULL: COALESCE(key, …)';
      return { mismatch: 'a key of JSON_OBJECT must not be NULL', argument: i, help };
    }
    const write = jsonArgumentWriter('JSON_OBJECT', argument, i);
    if (typeof write !== 'function') return write;
    writers.push(write);
  }
  const absent = json.onNull === 'ABSENT';
  return {
    type: type.string(false),
    parameters: args.map((argument) => argument.type),
    nulls: 'called',
    evaluate: (...values: Scalar[]) => {
      const entries: [string, string][] = [];
      for (let i = 0; i < values.length; i += 2) {
        const value = values[i + 1]!;
        if (value !== null || !absent) entries.push([values[i] as string, writers[i + 1]!(value)]);
      }
      return jsonObjectText(entries);
    },
  };
}

function resolveArray(args: readonly Argument[], json: JsonOptions): ResolvedCall | Mismatch {
  const writers: ((value: Scalar) => string)[] = [];
  for (const [i, argument] of args.entries()) {
    const write = jsonArgumentWriter('JSON_ARRAY', argument, i);
    if (typeof write !== 'function') return write;
    writers.push(write);
  }
  const absent = json.onNull !== 'NULL';
  return {
    type: type.string(false),
    parameters: args.map((argument) => argument.type),
    nulls: 'called',
    evaluate: (...values: Scalar[]) =>
      `[${values.flatMap((value, i) => (value === null && absent ? [] : [writers[i]!(value)])).join(',')}]`,
  };
}

function resolveString(args: readonly Argument[]): ResolvedCall | Mismatch {
  const wrong = checkCount('JSON_STRING', args.length, 1);
  if (wrong) return wrong;
  const [argument] = args as [Argument];
  if (argument.type.kind === 'NULL') {
    return { type: type.string(), parameters: [argument.type], nulls: 'strict', evaluate: () => null };
  }
  const write = jsonWriter(argument.type);
  if (write === undefined) {
    return { mismatch: `JSON_STRING cannot write ${typeText(argument.type, false)} as JSON`, argument: 0 };
  }
  return { type: type.string(argument.type.nullable), parameters: [argument.type], nulls: 'strict', evaluate: write };
}

/** Everything beyond ASCII is escaped, control characters without a short form are not. */
function quote(value: string): string {
  const short: Readonly<Record<string, string>> = {
    '"': '\\"',
    '\\': '\\\\',
    '/': '\\/',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
  };
  let result = '"';
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    const known = short[value[i]!];
    result += known ?? (code > 127 ? `\\u${code.toString(16).padStart(4, '0')}` : value[i]);
  }
  return `${result}"`;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const inner = value.slice(1, -1);
  if (/\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(inner.replace(/\\\\/g, ''))) return value;
  const short: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, c: string) =>
    hex === undefined ? (short[c] ?? c) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

export const jsonConstructors: readonly ScalarFunction[] = [
  defineFunction({
    name: 'JSON_OBJECT',
    family: 'json',
    doc: 'JSON text of an object, keys in order; NULLs are written as null unless ABSENT ON NULL.',
    syntax: ['JSON_OBJECT([KEY] k VALUE v, … [{NULL | ABSENT} ON NULL])'],
    examples: [{ sql: "JSON_OBJECT('z' VALUE 1, 'a' VALUE 'x')", value: '{"a":"x","z":1}' }],
    resolve: (args, _, json = {}) => resolveObject(args, json),
  }),
  defineFunction({
    name: 'JSON_ARRAY',
    family: 'json',
    doc: 'JSON text of an array; NULLs are left out unless NULL ON NULL.',
    syntax: ['JSON_ARRAY(v, … [{NULL | ABSENT} ON NULL])'],
    examples: [{ sql: "JSON_ARRAY(1, 'a', TRUE, 1.5)", value: '[1,"a",true,1.5]' }],
    resolve: (args, _, json = {}) => resolveArray(args, json),
  }),
  defineFunction({
    name: 'JSON_STRING',
    family: 'json',
    doc: 'A value as JSON text.',
    syntax: ['JSON_STRING(v)'],
    examples: [{ sql: "JSON_STRING(MAP['a', 1])", value: '{"a":1}' }],
    resolve: resolveString,
  }),
  defineFunction({
    name: 'JSON',
    family: 'json',
    doc: 'Marks text as JSON, so that JSON_OBJECT and JSON_ARRAY take it as a value.',
    syntax: ['JSON(s)'],
    examples: [{ sql: `JSON_OBJECT('a' VALUE JSON('{"x":1}'))`, value: '{"a":{"x":1}}' }],
    resolve: signature('JSON', { parameters: [text], returns: type.string(), evaluate: normalizeJson }),
  }),
  defineFunction({
    name: 'JSON_QUOTE',
    family: 'string',
    doc: 'The text as a JSON string literal in ASCII.',
    syntax: ['JSON_QUOTE(s)'],
    examples: [{ sql: `JSON_QUOTE('a"b')`, value: '"a\\"b"' }],
    resolve: signature('JSON_QUOTE', {
      parameters: [text],
      returns: type.string(false),
      bareNull: true,
      evaluate: quote,
    }),
  }),
  defineFunction({
    name: 'JSON_UNQUOTE',
    family: 'string',
    doc: 'The text of a JSON string literal; what is none stays as it is.',
    syntax: ['JSON_UNQUOTE(s)'],
    examples: [{ sql: `JSON_UNQUOTE('"abc"')`, value: 'abc' }],
    resolve: signature('JSON_UNQUOTE', {
      parameters: [text],
      returns: type.string(false),
      bareNull: true,
      evaluate: unquote,
    }),
  }),
];
