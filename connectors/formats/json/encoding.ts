import { DecodeError } from '../../../engine/connector/errors.ts';

/**
 * JSON may come in UTF-16 or UTF-32, told by a byte order mark or by where its first bytes are zero. Gives the text
 * without its mark: the same bytes where they are UTF-8, else newly encoded ones.
 */
export function toUtf8(bytes: Buffer, start: number, end: number): { bytes: Buffer; start: number; end: number } {
  const b = (i: number) => (start + i < end ? bytes[start + i]! : 0);
  const length = end - start;
  const first = (b(0) << 8) | b(1);
  const second = (b(2) << 8) | b(3);
  if (length >= 4) {
    if (first === 0xefbb && b(2) === 0xbf) return { bytes, start: start + 3, end };
    if ((first === 0 && second === 0xfffe) || (first === 0xfeff && second === 0)) unusual();
    if (first === 0 && second === 0xfeff) return wide(bytes, start + 4, end, false);
    if (first === 0xfffe && second === 0) return wide(bytes, start + 4, end, true);
    if (first === 0xfeff) return encoded(utf16(bytes, start + 2, end, false));
    if (first === 0xfffe) return encoded(utf16(bytes, start + 2, end, true));
    if (first === 0 && b(2) === 0) return wide(bytes, start, end, false);
    if (b(1) === 0 && second === 0) return wide(bytes, start, end, true);
    if ((b(0) === 0 && second === 0) || (first === 0 && b(3) === 0)) unusual();
  }
  if (length >= 2 && b(0) === 0) return encoded(utf16(bytes, start, end, false));
  if (length >= 2 && b(1) === 0) return encoded(utf16(bytes, start, end, true));
  return { bytes, start, end };
}

function unusual(): never {
  throw new DecodeError('this is not JSON: its first bytes are those of no known encoding');
}

function encoded(text: string): { bytes: Buffer; start: number; end: number } {
  const bytes = Buffer.from(text);
  return { bytes, start: 0, end: bytes.length };
}

function utf16(bytes: Buffer, start: number, end: number, little: boolean): string {
  const even = Buffer.from(bytes.subarray(start, end - ((end - start) % 2)));
  return (little ? even : even.swap16()).toString('utf16le');
}

function wide(bytes: Buffer, start: number, end: number, little: boolean) {
  let text = '';
  for (let at = start; at + 4 <= end; at += 4) {
    const code = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    if (code > 0x10ffff) throw new DecodeError('this is not JSON: a character of its UTF-32 is out of range');
    text += String.fromCodePoint(code);
  }
  return encoded(text);
}
