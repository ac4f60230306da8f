import { RunError } from '../../engine/connector/errors.ts';
import { type Compression, compressions } from './compressions.ts';
import { compressionsAlgorithms } from './wire.ts';

/** The records of a compressed batch. Throws a `RunError` where this Node version lacks the algorithm. */
export function decompress(code: number, bytes: Buffer): Buffer {
  const name = compressions[code];
  switch (name) {
    case 'none':
      return bytes;
    case 'gzip':
      return compressionsAlgorithms.gzip.decompressSync(bytes);
    case 'snappy':
      return isXerial(bytes) ? decompressXerial(bytes) : compressionsAlgorithms.snappy.decompressSync(bytes);
    case 'lz4':
      return compressionsAlgorithms.lz4.decompressSync(bytes);
    case 'zstd':
      requireZstd();
      return compressionsAlgorithms.zstd.decompressSync(bytes);
    default:
      throw new Error(`unknown compression ${code}`);
  }
}

/** Compresses the records of a batch. Throws a `RunError` where this Node version lacks the algorithm. */
export function compressor(name: Compression): (bytes: Buffer) => Buffer {
  if (name === 'zstd') requireZstd();
  return (bytes) => compressionsAlgorithms[name].compressSync(bytes);
}

/** Throws a `RunError` where Node has no zstd. */
export function requireZstd(): void {
  if (compressionsAlgorithms.zstd.available) return;
  throw new RunError('unsupported-compression', `zstd needs Node.js 22.15 or newer, this is ${process.version}`, {
    help: "run cryptopipe with a newer Node.js, or set the topic's compression.type to another algorithm",
  });
}

// snappy-java's stream: magic 82 'SNAPPY' 00, version INT32, compatible version INT32, then [length INT32, block]…
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeader = 16;

function isXerial(bytes: Buffer): boolean {
  return bytes.length >= xerialHeader && bytes.subarray(0, 8).equals(xerialMagic);
}

function decompressXerial(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  let at = xerialHeader;
  while (at + 4 <= bytes.length) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0 || at + length > bytes.length) throw new Error('a snappy block ends beyond its batch');
    blocks.push(compressionsAlgorithms.snappy.decompressSync(bytes.subarray(at, at + length)));
    at += length;
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}
