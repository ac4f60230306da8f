import { DecodeError } from '../../engine/connector/errors.ts';
import type { TableRows } from './rows.ts';

/** The same rows, without records whose value has more than `limit` bytes; just the same where there is no limit. */
export function limitSize(rows: TableRows, limit: number | undefined): TableRows {
  if (limit === undefined) return rows;
  return {
    get length() {
      return rows.length;
    },
    reserve: (records) => rows.reserve(records),
    begin: (split, header) => rows.begin(split, header),
    append(bytes, keyStart, keyEnd, valueStart, valueEnd, headersAt, offset, timestamp) {
      if (valueEnd - valueStart > limit) {
        const message = `the value has ${valueEnd - valueStart} bytes, 'max-record-size' allows ${limit}`;
        throw new DecodeError(message, undefined, 'too-large');
      }
      rows.append(bytes, keyStart, keyEnd, valueStart, valueEnd, headersAt, offset, timestamp);
    },
    take: () => rows.take(),
  };
}
