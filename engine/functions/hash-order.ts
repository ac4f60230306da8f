/** A map of texts in the order in which java.util.HashMap walks it; only visible where the map is printed. */
export function hashOrder<V>(entries: ReadonlyMap<string, V>): Map<string, V> {
  let capacity = 16;
  while (entries.size > capacity * 0.75) capacity *= 2;
  const bucket = (key: string) => {
    const hash = javaHash(key);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  const placed = Array.from(entries, ([key, value]) => ({ key, value, bucket: bucket(key) }));
  placed.sort((a, b) => a.bucket - b.bucket);
  return new Map(placed.map(({ key, value }) => [key, value]));
}

/** String.hashCode. */
export function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
