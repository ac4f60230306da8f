import { bytesOf } from '../types/bytes-text.ts';

/**
 * A map of texts in the order in which Flink's own hash map of strings walks it: by the Murmur3 hash of the UTF-8
 * bytes. Only visible where a map is printed or taken apart.
 */
export function hashOrder<V>(entries: ReadonlyMap<string, V>): Map<string, V> {
  let capacity = 16;
  while (entries.size > capacity * 0.75) capacity *= 2;
  const bucket = (key: string) => {
    const hash = murmur(bytesOf(key));
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  const placed = Array.from(entries, ([key, value]) => ({ key, value, bucket: bucket(key) }));
  placed.sort((a, b) => a.bucket - b.bucket);
  return new Map(placed.map(({ key, value }) => [key, value]));
}

function murmur(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const aligned = bytes.length - (bytes.length % 4);
  let h = 42;
  const mix = (word: number) => {
    let k = Math.imul(word, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    k = Math.imul(k, 0x1b873593);
    h ^= k;
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  };
  for (let i = 0; i < aligned; i += 4) mix(view.getInt32(i, true));
  // Flink mixes each remaining byte as a word of its own.
  for (let i = aligned; i < bytes.length; i++) mix(view.getInt8(i));
  h ^= bytes.length;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
