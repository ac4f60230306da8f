import { decompress } from '../../compression.ts';
import { batchHeaderSize, readLong } from '../../record-batch.ts';
import type { PartitionLog, StoredBatch } from './partition-log.ts';

/** A record's place and time. */
export interface Found {
  readonly offset: number;
  readonly timestamp: number;
}

/** The first record at or after `timestamp` (ms); undefined where there is none. */
export function findTimestamp(log: PartitionLog, timestamp: number): Found | undefined {
  for (const batch of log.batchesFrom(log.start)) {
    if (batch.maxTimestamp < timestamp) continue;
    const found = findInBatch(batch, (time) => time >= timestamp);
    if (found !== undefined && found.offset >= log.start) return found;
  }
  return undefined;
}

/** The record with the largest timestamp; undefined where the log is empty. */
export function findNewest(log: PartitionLog): Found | undefined {
  let newest: StoredBatch | undefined;
  for (const batch of log.batchesFrom(log.start)) {
    if (newest === undefined || batch.maxTimestamp > newest.maxTimestamp) newest = batch;
  }
  return newest && findInBatch(newest, (time) => time === newest.maxTimestamp);
}

/*
  Record => length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT, …
*/
function findInBatch(batch: StoredBatch, wanted: (timestamp: number) => boolean): Found | undefined {
  const base = readLong(batch.bytes, 27);
  const codec = batch.bytes.readInt16BE(21) & 7;
  const whole = batch.bytes.subarray(batchHeaderSize);
  const records = codec === 0 ? whole : decompress(codec, whole);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = records[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
  };
  while (at < records.length) {
    const length = varint();
    const end = at + length;
    at++;
    const timestamp = base + varint();
    if (wanted(timestamp)) return { offset: batch.baseOffset + varint(), timestamp };
    at = end;
  }
  return undefined;
}
