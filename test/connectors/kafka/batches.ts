import { gzipSync } from 'node:zlib';
import { crc32c } from '../../../connectors/kafka/crc32c.ts';

export interface TestRecord {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: string | null;
  readonly value: string | null;
  readonly headers?: readonly (readonly [string, string | null])[];
}

export interface TestBatch {
  readonly baseOffset?: number;
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp?: number;
  readonly maxTimestamp?: number;
  readonly leaderEpoch?: number;
  readonly producerId?: number;
  readonly transactional?: boolean;
  readonly logAppendTime?: boolean;
  /** 'commit' or 'abort': a batch with that marker. */
  readonly marker?: 'commit' | 'abort';
  readonly compression?: number;
  readonly compress?: (records: Buffer) => Buffer;
  readonly magic?: number;
}

/** A record batch as a broker stores it, written down from the protocol's description. */
export function batch(records: readonly TestRecord[], options: TestBatch = {}): Buffer {
  const marker = Buffer.from([0, 0, 0, options.marker === 'commit' ? 1 : 0]);
  const all = options.marker === undefined ? records.map((r, i) => record(r, i)) : [record({ value: '' }, 0, marker)];
  const plain = Buffer.concat(all);
  const compress = options.compress ?? (options.compression === 1 ? gzipSync : (b: Buffer) => b);
  const body = compress(plain);
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(options.baseOffset ?? 0), 0);
  head.writeInt32BE(61 - 12 + body.length, 8);
  head.writeInt32BE(options.leaderEpoch ?? 0, 12);
  head.writeInt8(options.magic ?? 2, 16);
  const attributes =
    (options.compression ?? 0) |
    (options.logAppendTime ? 8 : 0) |
    (options.transactional || options.marker !== undefined ? 16 : 0) |
    (options.marker === undefined ? 0 : 32);
  head.writeInt16BE(attributes, 21);
  const last = records.at(-1)?.offsetDelta ?? records.length - 1;
  head.writeInt32BE(options.lastOffsetDelta ?? Math.max(0, last), 23);
  head.writeBigInt64BE(BigInt(options.baseTimestamp ?? 0), 27);
  head.writeBigInt64BE(BigInt(options.maxTimestamp ?? options.baseTimestamp ?? 0), 35);
  head.writeBigInt64BE(BigInt(options.producerId ?? -1), 43);
  head.writeInt16BE(0, 51);
  head.writeInt32BE(-1, 53);
  head.writeInt32BE(all.length, 57);
  const bytes = Buffer.concat([head, body]);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

function record(r: TestRecord, index: number, rawKey?: Buffer): Buffer {
  const key = rawKey ?? (r.key === undefined || r.key === null ? null : Buffer.from(r.key));
  const headers = (r.headers ?? []).flatMap(([name, value]) => [
    bytes(Buffer.from(name)),
    bytes(value === null ? null : Buffer.from(value)),
  ]);
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(BigInt(r.timestampDelta ?? 0)),
    varint(BigInt(r.offsetDelta ?? index)),
    bytes(key),
    bytes(r.value === null ? null : Buffer.from(r.value)),
    varint(BigInt(r.headers?.length ?? 0)),
    ...headers,
  ]);
  return Buffer.concat([varint(BigInt(body.length)), body]);
}

function bytes(value: Buffer | null): Buffer {
  return value === null ? varint(-1n) : Buffer.concat([varint(BigInt(value.length)), value]);
}

/** Zigzag, seven bits a byte. */
export function varint(value: bigint): Buffer {
  let n = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const out: number[] = [];
  while (n >= 128n) {
    out.push(Number(n & 127n) | 128);
    n >>= 7n;
  }
  out.push(Number(n));
  return Buffer.from(out);
}
