import { isUtf8 } from 'node:buffer';
import type { DeadLetterTable, LetterColumn } from '../connector/dead-letter.ts';
import type { Rejection } from '../connector/rejection.ts';
import { batchOf, type RowBatch } from '../types/batch.ts';
import { type DataType, type Scalar, timestampUnit } from '../types/data-type.ts';
import { localOfInstant, timeZone } from '../types/time-zone.ts';

/** A rejection with what the runtime knows about it. */
export interface Letter {
  readonly rejection: Rejection;
  readonly job: string;
  readonly table: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The letters as rows of their table; `zone` is where a TIMESTAMP is read. */
export function letterRows(table: DeadLetterTable, letters: readonly Letter[], zone: string): RowBatch {
  return batchOf(
    table.columns.map(({ type }) => type),
    letters.map((letter) => table.columns.map(({ name, type }) => fitted(type, columnValue(name, type, letter, zone)))),
  );
}

function columnValue(name: LetterColumn, type: DataType, letter: Letter, zone: string): Scalar {
  const { rejection, job, table, at } = letter;
  switch (name) {
    case 'failed_at':
      return instant(type, at, zone);
    case 'job_name':
      return job;
    case 'table_name':
      return table;
    case 'split_name':
      return rejection.split ?? null;
    case 'split_position':
      return rejection.position ?? null;
    case 'error_code':
      return rejection.reason;
    case 'error_message':
      return rejection.message;
    case 'record_key':
      return bytesOrText(type, rejection.key ?? null);
    case 'record_value':
      return bytesOrText(type, rejection.value ?? null);
    case 'record_headers':
      return headersText(rejection.headers);
  }
}

/** Texts are cut to their column and hold no NUL, which PostgreSQL does not store; where NULL may not be, they are empty. */
function fitted(type: DataType, value: Scalar): Scalar {
  if (value === null) return type.nullable ? null : type.kind === 'VARBINARY' ? new Uint8Array() : '';
  if (type.kind !== 'VARCHAR') return value;
  const text = (value as string).replaceAll('\0', '\ufffd');
  return text.length <= type.length ? text : [...text].slice(0, type.length).join('');
}

function instant(type: DataType, at: number, zone: string): Scalar {
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') throw new Error(`a time cannot be ${type.kind}`);
  const unit = timestampUnit(type.precision);
  const value = (BigInt(at) * unit) / 1000n;
  return type.kind === 'TIMESTAMP' ? localOfInstant(timeZone(zone), value, unit) : value;
}

function bytesOrText(type: DataType, bytes: Uint8Array | null): Scalar {
  if (bytes === null || type.kind === 'VARBINARY') return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

function headersText(headers: Rejection['headers']): string | null {
  if (headers === undefined) return null;
  return JSON.stringify(
    headers.map(([name, value]) => {
      if (value === null) return [name, null];
      const bytes = Buffer.from(value);
      return [name, isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') }];
    }),
  );
}
