/*
  headers => count VARINT, [keyLength VARINT, key, valueLength VARINT (-1: NULL), value]…
*/

/** Headers of the record whose header count is at `at`, as `[key, value]` in their order; values are copies. */
export function readHeaderList(bytes: Buffer, at: number): [string, Uint8Array | null][] {
  let position = at;
  const varint = (): number => {
    let n = 0;
    let shift = 0;
    let b: number;
    do {
      b = bytes[position++]!;
      n |= (b & 0x7f) << shift;
      shift += 7;
    } while (b >= 0x80);
    return (n >>> 1) ^ -(n & 1);
  };
  const count = varint();
  const headers: [string, Uint8Array | null][] = [];
  for (let i = 0; i < count; i++) {
    const keyLength = varint();
    const key = bytes.toString('utf8', position, position + keyLength);
    position += keyLength;
    const valueLength = varint();
    headers.push([key, valueLength < 0 ? null : new Uint8Array(bytes.subarray(position, position + valueLength))]);
    position += Math.max(0, valueLength);
  }
  return headers;
}

/** The same as a map: of several headers with one key the last one. */
export function readHeaderMap(bytes: Buffer, at: number): Map<string, Uint8Array | null> {
  return new Map(readHeaderList(bytes, at));
}
