const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

/** UTF-8 bytes of a string; a lone surrogate becomes '?', as in Java. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(LONE_SURROGATE.test(text) ? text.replace(/\p{Surrogate}/gu, '?') : text);
}

/** Text of UTF-8 bytes, U+FFFD for what is none. */
export function textOfBytes(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The first `count` code points. */
export function firstCodePoints(text: string, count: number): string {
  if (text.length <= count) return text;
  let index = 0;
  for (let n = 0; n < count && index < text.length; n++) index += codePointWidth(text, index);
  return text.slice(0, index);
}

/** Number of code points. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}

/** UTF-16 units of the code point at an index. */
export function codePointWidth(text: string, index: number): 1 | 2 {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00 ? 2 : 1;
}
