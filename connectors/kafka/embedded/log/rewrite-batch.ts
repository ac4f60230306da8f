import { compressor } from '../../compression.ts';
import { compressions } from '../../compressions.ts';
import { crc32c } from '../../crc32c.ts';
import { batchHeaderSize, batchOverhead } from '../../record-batch.ts';
import type { ProducedBatch } from './produced-batch.ts';
import { plainRecords } from './records.ts';

/** What a topic wants to be different from what clients send. */
export interface Rewriting {
  /** Code of the compression, where it is not the producer's. */
  readonly compression: number | undefined;
  /** `message.timestamp.type` is LogAppendTime: the time in milliseconds since 1970. */
  readonly appendTime: number | undefined;
}

const compressionBits = 7;
const appendTimeBit = 8;

/** The batch as its topic wants it; the same one where it is so already. */
export function rewriteBatch(batch: ProducedBatch, { compression, appendTime }: Rewriting): ProducedBatch {
  const recompress = compression !== undefined && compression !== batch.compression;
  if (!recompress && appendTime === undefined) return batch;
  const records = recompress ? compress(plainRecords(batch.bytes), compression) : batch.bytes.subarray(batchHeaderSize);
  const bytes = Buffer.concat([batch.bytes.subarray(0, batchHeaderSize), records]);
  bytes.writeInt32BE(bytes.length - batchOverhead, 8);
  let attributes = bytes.readInt16BE(21);
  if (recompress) attributes = (attributes & ~compressionBits) | compression;
  if (appendTime !== undefined) {
    attributes |= appendTimeBit;
    bytes.writeBigInt64BE(BigInt(appendTime), 35);
  }
  bytes.writeInt16BE(attributes, 21);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return {
    ...batch,
    bytes,
    compression: compression ?? batch.compression,
    maxTimestamp: appendTime ?? batch.maxTimestamp,
  };
}

function compress(records: Buffer, compression: number): Buffer {
  return compression === 0 ? records : compressor(compressions[compression]!)(records);
}
