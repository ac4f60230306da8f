import type { Scalar } from '../../../engine/types/data-type.ts';

/**
 * The entries of a map in the order in which Flink has them: a JSON object becomes a Java HashMap there, whose order is
 * that of the buckets of the keys' hashes. What is written from the map, as JSON or as text, shows it.
 */
export function inHashOrder(map: Map<Scalar, Scalar>): Map<Scalar, Scalar> {
  if (map.size < 2) return map;
  let buckets = 16;
  while (map.size > buckets * 0.75) buckets *= 2;
  const entries = [...map].map(([key, value]) => {
    const hash = murmur(Buffer.from(key as string));
    return { key, value, bucket: (hash ^ (hash >>> 16)) & (buckets - 1) };
  });
  entries.sort((a, b) => a.bucket - b.bucket);
  return new Map(entries.map(({ key, value }) => [key, value]));
}

/** Murmur3 with 32 bits and seed 42, the bytes beyond the last four mixed in one by one as signed. */
function murmur(bytes: Buffer): number {
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
