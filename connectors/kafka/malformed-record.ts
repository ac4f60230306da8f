import { DecodeError, RunError } from '../../engine/connector/errors.ts';
import type { Rejection } from '../../engine/connector/rejection.ts';
import type { RefusedRecord } from './record-cursor.ts';
import { readHeaderList } from './record-headers.ts';
import type { Split } from './split.ts';

/** Bytes of a refused record that its message shows. */
const shown = 100;

/** The key of a record that its decoder refused. */
export class KeyDecodeError extends DecodeError {}

/** Options by which users let such records pass, e.g. 'json.ignore-parse-errors'; undefined where a format has none. */
export interface SkipOptions {
  readonly key: string | undefined;
  readonly value: string | undefined;
}

/** The error for a record that a decoder refused: names topic, partition, offset, column and the first bytes. */
export function malformedRecord(split: Split, record: RefusedRecord, skip: SkipOptions): unknown {
  const { cause } = record;
  if (!(cause instanceof DecodeError)) return cause;
  const part = cause instanceof KeyDecodeError ? 'key' : 'value';
  const text =
    part === 'key'
      ? excerpt(record.bytes, record.keyStart, record.keyEnd)
      : excerpt(record.bytes, record.valueStart, record.valueEnd);
  const option = skip[part];
  const ways = "set 'on-error' = 'dead-letter' to keep such records apart and go on, or 'skip' to count them only";
  return new RunError('malformed-record', `${describe(split, record, cause)}\n  ${part}: ${text}`, {
    help: option === undefined ? ways : `${ways}; '${option}' = 'true' makes NULL of fields that do not fit`,
    cause,
  });
}

/** What is told about a record that the source goes on without; its bytes are copied. */
export function rejectedRecord(
  split: Split,
  record: RefusedRecord,
  cause: DecodeError,
  policy: Rejection['policy'],
): Rejection {
  const copy = (start: number, end: number) => (start < 0 ? null : new Uint8Array(record.bytes.subarray(start, end)));
  return {
    reason: cause.reason,
    policy,
    message: describe(split, record, cause),
    split: split.name,
    position: String(record.offset),
    key: copy(record.keyStart, record.keyEnd),
    value: copy(record.valueStart, record.valueEnd),
    ...(policy === 'skip' ? {} : { headers: readHeaderList(record.bytes, record.headersAt) }),
  };
}

function describe(split: Split, { offset }: RefusedRecord, cause: DecodeError): string {
  const column = cause.field === undefined ? '' : `, column '${cause.field}'`;
  return `topic '${split.topic}', partition ${split.partition}, offset ${offset}${column}: ${cause.message}`;
}

/** The first bytes of a value as one line: control characters and bytes that are no UTF-8 escaped. */
export function excerpt(bytes: Buffer, start: number, end: number): string {
  if (start < 0) return 'NULL';
  const cut = bytes.subarray(start, Math.min(end, start + shown));
  const more = end - start > shown ? `… (${end - start} bytes)` : '';
  let text = cut.toString('utf8');
  // Cutting may have split a character: its remains are not worth showing.
  if (more !== '') text = text.replace(/\ufffd$/, '');
  if (text.includes('\ufffd')) return `x'${cut.toString('hex')}'${more}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return `${text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => escaped(c))}${more}`;
}

function escaped(c: string): string {
  if (c === '\n') return '\\n';
  if (c === '\r') return '\\r';
  if (c === '\t') return '\\t';
  return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
