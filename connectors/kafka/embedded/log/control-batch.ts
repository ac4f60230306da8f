import { crc32c } from '../../crc32c.ts';
import { batchHeaderSize, batchOverhead } from '../../record-batch.ts';

const record = [
  0x20, // length VARINT: 16
  0x00, // attributes
  0x00, // timestamp delta
  0x00, // offset delta
  0x08, // key length VARINT: 4
  ...[0, 0], // key: version INT16
  ...[0, 0], // key: type INT16, 0 abort, 1 commit
  0x0c, // value length VARINT: 6
  ...[0, 0], // value: version INT16
  ...[0, 0, 0, 0], // value: coordinator epoch INT32
  0x00, // header count
];
const typeAt = 8;

/** The batch that ends a transaction in a partition: one control record, commit or abort. `timestamp` in ms. */
export function createControlBatch(producerId: number, epoch: number, commit: boolean, timestamp: number): Buffer {
  const bytes = Buffer.alloc(batchHeaderSize + record.length);
  bytes.writeInt32BE(bytes.length - batchOverhead, 8);
  bytes[16] = 2;
  bytes.writeInt16BE(16 | 32, 21);
  bytes.writeBigInt64BE(BigInt(timestamp), 27);
  bytes.writeBigInt64BE(BigInt(timestamp), 35);
  bytes.writeBigInt64BE(BigInt(producerId), 43);
  bytes.writeInt16BE(epoch, 51);
  bytes.writeInt32BE(-1, 53);
  bytes.writeInt32BE(1, 57);
  bytes.set(record, batchHeaderSize);
  bytes[batchHeaderSize + typeAt] = commit ? 1 : 0;
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}
