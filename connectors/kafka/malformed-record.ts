import { DecodeError, RunError } from '../../engine/connector/errors.ts';
import type { RefusedRecord } from './record-cursor.ts';
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
  const column = cause.field === undefined ? '' : `, column '${cause.field}'`;
  const where = `topic '${split.topic}', partition ${split.partition}, offset ${record.offset}${column}`;
  const part = cause instanceof KeyDecodeError ? 'key' : 'value';
  const text =
    part === 'key'
      ? excerpt(record.bytes, record.keyStart, record.keyEnd)
      : excerpt(record.bytes, record.valueStart, record.valueEnd);
  const option = skip[part];
  return new RunError('malformed-record', `${where}: ${cause.message}\n  ${part}: ${text}`, {
    help: option === undefined ? undefined : `set '${option}' = 'true' to skip and count such records`,
    cause,
  });
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
