import type { DataType, Scalar } from '../../engine/types/data-type.ts';
import { textWriter } from '../../engine/types/text.ts';

/** Text of a value; undefined where PostgreSQL would not read it back as the same. */
export type ToText = (value: never) => string | undefined;

/** Dates from year 1 to 9999: the others have no text that both sides agree on. */
const PLAIN_DATE = /^\d{4}-\d\d-\d\d/;

/** The text of scalars of a type that PostgreSQL reads as the same value; instants in UTC. */
export function scalarText(t: DataType): ToText {
  switch (t.kind) {
    case 'BINARY':
    case 'VARBINARY':
      return (value: Uint8Array) => `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`;
    case 'FLOAT':
    case 'DOUBLE':
      return (value: number) => (Object.is(value, -0) ? '-0' : String(value));
    case 'DATE':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const write = textWriter(t, 'UTC');
      const zone = t.kind === 'TIMESTAMP_LTZ' ? '+00' : '';
      return (value: never) => {
        const text = write(value);
        return PLAIN_DATE.test(text) ? text + zone : undefined;
      };
    }
    default:
      return textWriter(t, 'UTC');
  }
}

/** `{1,NULL,"a"}`: the text of an ARRAY, nested ones included. */
export function arrayText(t: DataType & { readonly kind: 'ARRAY' }): ToText {
  const { element } = t;
  const inner = element.kind === 'ARRAY' ? arrayText({ ...element, kind: 'ARRAY' } as typeof t) : scalarText(element);
  return (values: readonly Scalar[]) => {
    const parts: string[] = [];
    for (const value of values) {
      if (value === null) parts.push('NULL');
      else {
        const text = inner(value as never);
        if (text === undefined) return undefined;
        parts.push(element.kind === 'ARRAY' ? text : `"${text.replace(/["\\]/g, '\\$&')}"`);
      }
    }
    return `{${parts.join(',')}}`;
  };
}

/** JSON of any value, as Flink's JSON format writes it; undefined where a map has a NULL key or a number is not finite. */
export function jsonText(t: DataType): ToText {
  switch (t.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return (value: unknown) => String(value);
    case 'FLOAT':
    case 'DOUBLE':
      return (value: number) => (Number.isFinite(value) ? String(value) : undefined);
    case 'DECIMAL':
      return textWriter(t, 'UTC');
    case 'BINARY':
    case 'VARBINARY':
      return (value: Uint8Array) => `"${Buffer.from(value).toString('base64')}"`;
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return (value: unknown) => String(value);
    case 'TIMESTAMP_LTZ': {
      const write = textWriter(t, 'UTC');
      return (value: never) => `"${write(value)}Z"`;
    }
    case 'ARRAY': {
      const element = jsonText(t.element);
      return (values: readonly Scalar[]) => joined('[', ']', values, (value) => orNull(element, value));
    }
    case 'ROW': {
      const fields = t.fields.map((f) => ({ key: JSON.stringify(f.name), text: jsonText(f.type) }));
      return (values: readonly Scalar[]) =>
        joined('{', '}', fields, ({ key, text }, i) => keyed(key, orNull(text, values[i]!)));
    }
    case 'MAP':
      return mapText(t.key, jsonText(t.value));
    case 'MULTISET':
      return mapText(t.element, (count: unknown) => String(count));
    default: {
      const write = textWriter(t, 'UTC');
      return (value: never) => JSON.stringify(write(value));
    }
  }
}

function mapText(key: DataType, value: ToText): ToText {
  const keyText = textWriter(key, 'UTC') as (value: Scalar) => string;
  return (entries: ReadonlyMap<Scalar, Scalar>) =>
    joined('{', '}', [...entries], ([k, v]) =>
      k === null ? undefined : keyed(JSON.stringify(keyText(k)), orNull(value, v)),
    );
}

function orNull(write: ToText, value: Scalar): string | undefined {
  return value === null ? 'null' : write(value as never);
}

function keyed(key: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${key}:${value}`;
}

function joined<T>(
  open: string,
  close: string,
  items: readonly T[],
  text: (item: T, i: number) => string | undefined,
): string | undefined {
  const parts: string[] = [];
  for (const [i, item] of items.entries()) {
    const part = text(item, i);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return open + parts.join(',') + close;
}
