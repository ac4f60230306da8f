const groups = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*$/;

/**
 * The bytes of base64 text: complete groups of four, each may be padded, blanks only between groups; undefined where
 * the text is none. Stricter than `Buffer.from`, which reads whatever it can.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  let compact = '';
  for (const c of text) {
    if (c > ' ') compact += c;
    else if (compact.length % 4 !== 0) return undefined;
  }
  if (!groups.test(compact)) return undefined;
  const parts = compact.match(/[^=]+=*/g) ?? [];
  return Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))));
}
