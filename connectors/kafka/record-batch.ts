import { RunError } from '../../engine/connector/errors.ts';
import { crc32c } from './crc32c.ts';

/*
  RecordBatch (magic 2) =>
     0 baseOffset INT64            27 baseTimestamp INT64
     8 batchLength INT32           35 maxTimestamp INT64
    12 partitionLeaderEpoch INT32  43 producerId INT64
    16 magic INT8                  51 producerEpoch INT16
    17 crc UINT32                  53 baseSequence INT32
    21 attributes INT16            57 recordsCount INT32
    23 lastOffsetDelta INT32       61 records
  attributes: 0-2 compression, 3 timestamp type (1: log append time), 4 transactional, 5 control
  crc: CRC-32C from attributes to the end
*/

/** Bytes of a batch before its records. */
export const batchHeaderSize = 61;
/** Bytes of a batch that its length does not count. */
export const batchOverhead = 12;

/** Header of one record batch. Offsets, timestamps (ms) and producer ids are numbers: 2^53 is beyond any of them. */
export interface BatchHeader {
  /** Position of the first byte after the batch. */
  readonly end: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  readonly compression: number;
  readonly logAppendTime: boolean;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly count: number;
}

/** The signed 64-bit number at `at`; exact up to 2^53. */
export function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4);
}

/** Position after the complete batch at `at`, or -1 where the bytes end before the batch does. */
export function batchEnd(bytes: Buffer, at: number, end: number): number {
  if (at + batchHeaderSize > end) return -1;
  const batchEnd = at + batchOverhead + bytes.readInt32BE(at + 8);
  return batchEnd > end ? -1 : batchEnd;
}

/** Offset after the last complete batch in `bytes[at, end)`, or `otherwise` where there is none. */
export function offsetAfter(bytes: Buffer, at: number, end: number, otherwise: number): number {
  let offset = otherwise;
  for (;;) {
    const next = batchEnd(bytes, at, end);
    // An old or broken batch is reported when it is read: its offset must not be trusted before.
    if (next < at + batchHeaderSize || bytes[at + 16] !== 2) return offset;
    offset = readLong(bytes, at) + bytes.readInt32BE(at + 23) + 1;
    at = next;
  }
}

/** Reads the header of the complete batch at `at`. Throws `RunError` for old message formats and broken checksums. */
export function readBatchHeader(bytes: Buffer, at: number, checkCrc: boolean, where: () => string): BatchHeader {
  const magic = bytes[at + 16]!;
  if (magic !== 2) {
    throw new RunError('unsupported-message-format', `${where()} holds messages of the old format v${magic}`, {
      help: 'Kafka 0.11 and newer write v2; copy the topic with a current producer, or read it after the old messages',
    });
  }
  const end = at + batchOverhead + bytes.readInt32BE(at + 8);
  if (end < at + batchHeaderSize) throw corrupt(where(), 'a batch is shorter than its header');
  if (checkCrc && crc32c(bytes.subarray(at + 21, end)) !== bytes.readUInt32BE(at + 17)) {
    throw corrupt(where(), 'the checksum of a batch does not match its bytes');
  }
  const attributes = bytes.readInt16BE(at + 21);
  const baseOffset = readLong(bytes, at);
  return {
    end,
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    leaderEpoch: bytes.readInt32BE(at + 12),
    compression: attributes & 7,
    logAppendTime: (attributes & 8) !== 0,
    transactional: (attributes & 16) !== 0,
    control: (attributes & 32) !== 0,
    baseTimestamp: readLong(bytes, at + 27),
    maxTimestamp: readLong(bytes, at + 35),
    producerId: readLong(bytes, at + 43),
    count: bytes.readInt32BE(at + 57),
  };
}

/** The error for bytes that are no valid record batch. */
export function corrupt(where: string, what: string): RunError {
  return new RunError('corrupt-records', `${where}: ${what}`, {
    passing: true,
    help: "the broker's disk or the network damaged the records; properties.check.crcs = 'false' reads on without the check",
  });
}
