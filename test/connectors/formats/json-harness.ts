import { json } from '../../../connectors/formats/json.ts';
import { DecodeError } from '../../../engine/connector/errors.ts';
import type { Decoder, Encoder } from '../../../engine/connector/format.ts';
import type { OptionValues } from '../../../engine/connector/options.ts';
import { rowsOf } from '../../../engine/types/batch.ts';
import type { DataType, Field, Scalar } from '../../../engine/types/data-type.ts';

export type JsonOptions = OptionValues<typeof json.options>;

const defaults = Object.fromEntries(
  Object.entries(json.options).map(([key, o]) => {
    const read = o.parse(o.default);
    return [key, 'value' in read ? read.value : undefined];
  }),
) as unknown as JsonOptions;

/** The declared defaults with some options changed. */
export function jsonOptions(changed: Partial<JsonOptions> = {}): JsonOptions {
  return { ...defaults, ...changed };
}

export function fieldsOf(types: Readonly<Record<string, DataType>>): Field[] {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}

/** What was counted by name. */
export type Counts = Record<string, number>;

export function jsonDecoder(
  fields: readonly Field[],
  options: Partial<JsonOptions> = {},
  counts: Counts = {},
  wanted: readonly number[] = fields.map((_, i) => i),
): Decoder {
  const counters = {
    add: (name: string, amount: number) => {
      counts[name] = (counts[name] ?? 0) + amount;
    },
  };
  return json.createDecoder!(fields, wanted, jsonOptions(options), { timeZone: 'UTC', counters });
}

export function jsonEncoder(fields: readonly Field[], options: Partial<JsonOptions> = {}): Encoder {
  return json.createEncoder!(fields, jsonOptions(options), { timeZone: 'UTC', counters: { add: () => {} } });
}

/** All rows that a decoder gives for messages, and the messages of its errors. */
export function decodeAll(
  decoder: Decoder,
  types: readonly DataType[],
  messages: readonly (Buffer | string)[],
): { rows: Scalar[][]; errors: string[] } {
  const errors: string[] = [];
  for (const message of messages) {
    const bytes = Buffer.from(message);
    const before = decoder.length;
    try {
      decoder.decode(bytes, 0, bytes.length);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (decoder.length !== before) throw new Error('an error left rows behind');
      errors.push(error.message);
    }
  }
  const length = decoder.length;
  return { rows: rowsOf(types, { length, columns: decoder.take() }), errors };
}
