import { crc32c } from '../../crc32c.ts';
import { batchHeaderSize, batchOverhead, readLong } from '../../record-batch.ts';
import { ErrorCode } from '../error-codes.ts';

/** What the broker needs to know of a record batch that a client produced. Layout: see record-batch.ts. */
export interface ProducedBatch {
  readonly bytes: Buffer;
  readonly count: number;
  readonly compression: number;
  readonly transactional: boolean;
  readonly maxTimestamp: number;
  /** -1: not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly firstSequence: number;
}

/** Why a batch is not taken. */
export interface Refusal {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

/** Checks what Kafka checks of produced records: exactly one batch of format v2, whole, unharmed, no control batch. */
export function readProducedBatch(bytes: Buffer): ProducedBatch | Refusal {
  if (bytes.length < batchHeaderSize)
    return invalid(`record batch of ${bytes.length} bytes is shorter than its header`);
  const magic = bytes[16]!;
  if (magic !== 2) {
    return refuse(ErrorCode.unsupportedForMessageFormat, `message format v${magic}: this broker takes v2 only`);
  }
  const length = batchOverhead + bytes.readInt32BE(8);
  if (length !== bytes.length) {
    return length < bytes.length
      ? invalid('more than one record batch for a partition')
      : refuse(ErrorCode.corruptMessage, 'record batch ends beyond its records');
  }
  if (crc32c(bytes.subarray(21)) !== bytes.readUInt32BE(17)) {
    return refuse(ErrorCode.corruptMessage, 'the checksum of the record batch does not match');
  }
  const attributes = bytes.readInt16BE(21);
  const count = bytes.readInt32BE(57);
  if ((attributes & 32) !== 0) return invalid('clients may not write control batches');
  if (count <= 0 || bytes.readInt32BE(23) !== count - 1) return invalid(`${count} records do not fit their offsets`);
  return {
    bytes,
    count,
    compression: attributes & 7,
    transactional: (attributes & 16) !== 0,
    maxTimestamp: readLong(bytes, 35),
    producerId: readLong(bytes, 43),
    producerEpoch: bytes.readInt16BE(51),
    firstSequence: bytes.readInt32BE(53),
  };
}

export function refuse(errorCode: ErrorCode, errorMessage: string): Refusal {
  return { errorCode, errorMessage };
}

function invalid(message: string): Refusal {
  return refuse(ErrorCode.invalidRecord, message);
}
