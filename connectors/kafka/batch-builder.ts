import { type Compression, compressions } from './compressions.ts';
import { crc32c } from './crc32c.ts';
import { batchHeaderSize, batchOverhead } from './record-batch.ts';

export type Headers = readonly (readonly [string, Uint8Array | null])[];

/** What stands in the header of a batch besides its records. */
export interface BatchStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  readonly compression: Compression;
  readonly compress: (records: Buffer) => Buffer;
}

/** Collects records into one batch, in the bytes that go over the wire. */
export class BatchBuilder {
  count = 0;
  #bytes: Buffer;
  #at = batchHeaderSize;
  #first = 0;
  #newest = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** Bytes so far, before compression. */
  get size(): number {
    return this.#at;
  }

  /** Adds a record; null is NULL. `timestamp` in ms. */
  append(key: Uint8Array | null, value: Uint8Array | null, timestamp: number, headers: Headers | undefined): void {
    if (this.count === 0) {
      this.#first = timestamp;
      this.#newest = timestamp;
    } else if (timestamp > this.#newest) this.#newest = timestamp;
    const encoded = headers === undefined || headers.length === 0 ? noHeaders : encodeHeaders(headers);
    const delta = timestamp - this.#first;
    const keyLength = key === null ? -1 : key.length;
    const valueLength = value === null ? -1 : value.length;
    const length =
      1 +
      sizeOfVarint(delta) +
      sizeOfVarint(this.count) +
      sizeOfVarint(keyLength) +
      Math.max(0, keyLength) +
      sizeOfVarint(valueLength) +
      Math.max(0, valueLength) +
      encoded.length;
    this.#reserve(length + 5);
    this.#varint(length);
    this.#bytes[this.#at++] = 0;
    this.#varint(delta);
    this.#varint(this.count);
    this.#field(key, keyLength);
    this.#field(value, valueLength);
    this.#bytes.set(encoded, this.#at);
    this.#at += encoded.length;
    this.count++;
  }

  /** The finished batch; nothing may be added any more. */
  build(stamp: BatchStamp): Buffer {
    const plain = this.#bytes.subarray(batchHeaderSize, this.#at);
    let bytes: Buffer;
    if (stamp.compression === 'none') bytes = this.#bytes.subarray(0, this.#at);
    else bytes = Buffer.concat([this.#bytes.subarray(0, batchHeaderSize), stamp.compress(plain)]);
    bytes.writeBigInt64BE(0n, 0);
    bytes.writeInt32BE(bytes.length - batchOverhead, 8);
    bytes.writeInt32BE(-1, 12);
    bytes[16] = 2;
    bytes.writeInt16BE(compressions.indexOf(stamp.compression) | (stamp.transactional ? 16 : 0), 21);
    bytes.writeInt32BE(this.count - 1, 23);
    bytes.writeBigInt64BE(BigInt(this.#first), 27);
    bytes.writeBigInt64BE(BigInt(this.#newest), 35);
    bytes.writeBigInt64BE(stamp.producerId, 43);
    bytes.writeInt16BE(stamp.producerEpoch, 51);
    bytes.writeInt32BE(stamp.baseSequence, 53);
    bytes.writeInt32BE(this.count, 57);
    bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
    return bytes;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + size));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  #field(bytes: Uint8Array | null, length: number): void {
    this.#varint(length);
    if (bytes === null) return;
    this.#bytes.set(bytes, this.#at);
    this.#at += length;
  }

  /** Zigzag, seven bits a byte; numbers, since timestamps may be further apart than 32 bits. */
  #varint(value: number): void {
    this.#at = writeVarint(this.#bytes, this.#at, value);
  }
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let n = value < 0 ? -2 * value - 1 : 2 * value;
  while (n >= 128) {
    bytes[at++] = (n % 128) | 128;
    n = Math.floor(n / 128);
  }
  bytes[at++] = n;
  return at;
}

function sizeOfVarint(value: number): number {
  let n = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; n >= 128; size++) n = Math.floor(n / 128);
  return size;
}

const noHeaders = new Uint8Array(1);

function encodeHeaders(headers: Headers): Uint8Array {
  const keys = headers.map(([key]) => Buffer.from(key));
  const size = headers.reduce((sum, [, value], i) => sum + 10 + keys[i]!.length + (value?.length ?? 0), 5);
  const bytes = Buffer.allocUnsafe(size);
  let at = writeVarint(bytes, 0, headers.length);
  headers.forEach(([, value], i) => {
    at = writeVarint(bytes, at, keys[i]!.length);
    at += keys[i]!.copy(bytes, at);
    at = writeVarint(bytes, at, value === null ? -1 : value.length);
    if (value !== null) {
      bytes.set(value, at);
      at += value.length;
    }
  });
  return bytes.subarray(0, at);
}
