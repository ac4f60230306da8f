import { readLong } from '../../record-batch.ts';
import type { PartitionLog, StoredBatch } from './partition-log.ts';
import { recordHeads } from './records.ts';

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

function findInBatch(batch: StoredBatch, wanted: (timestamp: number) => boolean): Found | undefined {
  // With the time of the broker all records of a batch have its own.
  const appended = (batch.bytes.readInt16BE(21) & 8) !== 0;
  const base = readLong(batch.bytes, 27);
  try {
    for (const { timestampDelta, offsetDelta } of recordHeads(batch.bytes)) {
      const timestamp = appended ? batch.maxTimestamp : base + timestampDelta;
      if (wanted(timestamp)) return { offset: batch.baseOffset + offsetDelta, timestamp };
    }
    return undefined;
  } catch {
    // Records that cannot be looked into (zstd before Node 22.15): who reads from the batch's start misses none.
    return { offset: batch.baseOffset, timestamp: batch.maxTimestamp };
  }
}
