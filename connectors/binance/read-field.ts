import { RunError } from '../../engine/connector/errors.ts';
import { type DataType, type Scalar, typeText } from '../../engine/types/data-type.ts';
import { parseBigNumber, toDecimal } from '../../engine/types/decimal.ts';
import type { Payload, StreamField } from './fields.ts';

/** A column to produce and how its value is found. */
export interface ReadColumn {
  readonly name: string;
  readonly type: DataType;
  readonly field: StreamField;
}

/** A payload that is not what the stream promises: it is skipped and counted. */
export class MalformedPayload extends Error {}

/** The row of a payload. Throws `MalformedPayload`, and a `RunError` where a value does not fit its column. */
export function readRow(columns: readonly ReadColumn[], payload: Payload, receivedAt: number): Scalar[] {
  return columns.map((column) => readField(column, payload, receivedAt));
}

function readField({ name, type, field }: ReadColumn, payload: Payload, receivedAt: number): Scalar {
  const value = field.read(payload, receivedAt);
  switch (field.kind) {
    case 'text':
      if (typeof value === 'string') return bounded(value, name, type);
      break;
    case 'amount':
      if (typeof value === 'string') return amount(value, name, type);
      break;
    case 'integer':
      if (Number.isSafeInteger(value)) return type.kind === 'BIGINT' ? BigInt(value as number) : String(value);
      break;
    case 'millis':
      if (Number.isSafeInteger(value)) return time(value as number, type);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return type.kind === 'BOOLEAN' ? value : String(value);
      break;
  }
  throw new MalformedPayload(`no ${name} in ${JSON.stringify(payload).slice(0, 200)}`);
}

function amount(text: string, name: string, type: DataType): Scalar {
  const number = parseBigNumber(text);
  if (number === undefined) throw new MalformedPayload(`'${text.slice(0, 50)}' is no number for ${name}`);
  if (type.kind === 'DOUBLE') return Number(text);
  if (type.kind !== 'DECIMAL') return bounded(text, name, type);
  const unscaled = toDecimal(number, type.precision, type.scale);
  if (unscaled !== null) return unscaled;
  throw tooLarge(text, name, type);
}

/** Milliseconds as BIGINT or as TIMESTAMP_LTZ, which counts microseconds up to precision 6 and nanoseconds above. */
function time(milliseconds: number, type: DataType): bigint {
  if (type.kind !== 'TIMESTAMP_LTZ') return BigInt(milliseconds);
  const kept = 10 ** Math.max(0, 3 - type.precision);
  const whole = BigInt(Math.floor(milliseconds / kept) * kept);
  return whole * (type.precision > 6 ? 1_000_000n : 1000n);
}

function bounded(text: string, name: string, type: DataType): string {
  if (type.kind === 'VARCHAR' && text.length > type.length) throw tooLarge(text, name, type);
  return text;
}

function tooLarge(text: string, name: string, type: DataType): RunError {
  return new RunError(
    'value-out-of-range',
    `${text} does not fit column '${name}', which is ${typeText(type, false)}`,
    {
      help: `declare '${name}' wide enough for every symbol: DECIMAL(20, 8) or STRING takes all that Binance sends`,
    },
  );
}
