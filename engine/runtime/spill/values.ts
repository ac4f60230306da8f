import { decodeCompact, encodeCompact } from './compact.ts';
import type { Entry } from './run.ts';

const LENGTH = 4;

/** A value as one of several that may stand behind each other: its length, then its bytes. */
export function encodeValue(value: unknown): Buffer {
  const framed = encodeCompact(value, LENGTH);
  framed.writeUInt32LE(framed.length - LENGTH);
  return framed;
}

/** The values that stand behind each other. */
export function decodeValues(bytes: Buffer): unknown[] {
  const values: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + LENGTH + bytes.readUInt32LE(at);
    values.push(decodeCompact(bytes.subarray(at + LENGTH, end)));
    at = end;
  }
  return values;
}

/** An entry to which one was added that is newer. */
export function join(older: Entry, added: Entry): Entry {
  return {
    value: Buffer.concat([older.value, added.value]),
    added: older.added,
    // What is good for ever keeps the rest.
    until:
      older.value.length === 0
        ? added.until
        : older.until === 0 || added.until === 0
          ? 0
          : Math.max(older.until, added.until),
  };
}
