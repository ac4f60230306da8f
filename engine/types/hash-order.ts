import type { DataType, Scalar } from './data-type.ts';

/**
 * A map in the order in which java.util.HashMap walks it, that of the buckets of its keys' hashes: what Flink writes or
 * prints of a map that it made shows it.
 */
export function hashOrder<K, V>(map: ReadonlyMap<K, V>, hash: (key: K) => number): Map<K, V> {
  if (map.size < 2) return new Map(map);
  let buckets = 16;
  while (map.size > buckets * 0.75) buckets *= 2;
  const entries = Array.from(map, ([key, value]) => {
    const h = hash(key);
    return { key, value, bucket: (h ^ (h >>> 16)) & (buckets - 1) };
  });
  entries.sort((a, b) => a.bucket - b.bucket);
  return new Map(entries.map(({ key, value }) => [key, value]));
}

/** The hash of Flink's value of a type; undefined where it has none that is the same in every run. */
export function hashOf(t: DataType): ((value: Scalar) => number) | undefined {
  switch (t.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return (value) => value as number;
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return (value) => hashLong(value as bigint);
    case 'BOOLEAN':
      return (value) => (value === true ? 1231 : 1237);
    case 'FLOAT':
      return (value) => {
        scratch.setFloat32(0, value as number);
        return scratch.getInt32(0);
      };
    case 'DOUBLE':
      return (value) => {
        scratch.setFloat64(0, value as number);
        return scratch.getInt32(0) ^ scratch.getInt32(4);
      };
    case 'CHAR':
    case 'VARCHAR':
      return (value) => hashBytes(Buffer.from(value as string));
    case 'DECIMAL': {
      const { scale } = t;
      return (value) => hashDecimal(value as bigint, scale);
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return t.precision <= 6 ? (value) => hashTime(value as bigint) : undefined;
    default:
      return undefined;
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** Long.hashCode. */
function hashLong(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (value >> 32n)));
}

/** BigDecimal.hashCode of an unscaled number. */
function hashDecimal(unscaled: bigint, scale: number): number {
  const absolute = unscaled < 0n ? -unscaled : unscaled;
  let hash = 0;
  for (const shift of [96n, 64n, 32n, 0n]) {
    hash = (Math.imul(hash, 31) + Number(BigInt.asIntN(32, absolute >> shift))) | 0;
  }
  return (Math.imul(31, unscaled < 0n ? -hash : hash) + scale) | 0;
}

/** TimestampData.hashCode of microseconds. */
function hashTime(micros: bigint): number {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const milliseconds = (micros - rest) / 1000n;
  return (Math.imul(31, hashLong(milliseconds)) + Number(rest) * 1000) | 0;
}

/** String.hashCode. */
export function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Murmur3 with 32 bits and seed 42, the bytes beyond the last four mixed in one by one as signed: that of StringData. */
export function hashBytes(bytes: Buffer): number {
  let h = 42;
  const aligned = bytes.length - (bytes.length % 4);
  for (let i = 0; i < aligned; i += 4) h = mix(h, bytes.readInt32LE(i));
  for (let i = aligned; i < bytes.length; i++) h = mix(h, bytes.readInt8(i));
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function mix(hash: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
