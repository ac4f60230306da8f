/** Text of bytes[start, end); what is no text becomes U+FFFD. */
export type DecodeText = (bytes: Buffer, start: number, end: number) => string;

const known = new Map<string, BufferEncoding>([
  ['utf-8', 'utf8'],
  ['utf8', 'utf8'],
  ['iso-8859-1', 'latin1'],
  ['latin1', 'latin1'],
  ['iso8859_1', 'latin1'],
  ['utf-16le', 'utf16le'],
  ['us-ascii', 'ascii'],
  ['ascii', 'ascii'],
]);

/** Whether text in a charset (Java's names) can be decoded. */
export function readableCharset(name: string): boolean {
  return known.has(name.toLowerCase()) || textDecoder(name) !== undefined;
}

/** Whether text can be encoded in a charset (Java's names). */
export function writableCharset(name: string): boolean {
  const lower = name.toLowerCase();
  return known.has(lower) || lower === 'utf-16be' || lower === 'utf-16';
}

function textDecoder(name: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    // Java's UTF-16 is big-endian where no byte order mark says otherwise.
    return new TextDecoder(name.toLowerCase() === 'utf-16' ? 'utf-16be' : name);
  } catch {
    return undefined;
  }
}

/** How text of a charset is decoded; charsets that cannot be read are taken as UTF-8. */
export function decoderOf(name: string): DecodeText {
  const encoding = known.get(name.toLowerCase());
  if (encoding === 'ascii') {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what ASCII does not have
    return (bytes, start, end) => bytes.toString('latin1', start, end).replace(/[^\u0000-\u007f]/g, '\ufffd');
  }
  if (encoding !== undefined) return (bytes, start, end) => bytes.toString(encoding, start, end);
  const decoder = textDecoder(name);
  if (decoder === undefined) return decoderOf('UTF-8');
  const marked = name.toLowerCase() === 'utf-16';
  return (bytes, start, end) => {
    const little = marked && bytes[start] === 0xff && bytes[start + 1] === 0xfe && end - start > 1;
    return little ? bytes.toString('utf16le', start + 2, end) : decoder.decode(bytes.subarray(start, end));
  };
}

/** How text is encoded in a charset that can be written; characters that it lacks become '?'. */
export function encoderOf(name: string): (text: string) => Buffer {
  const lower = name.toLowerCase();
  const encoding = known.get(lower);
  if (encoding === 'latin1' || encoding === 'ascii') {
    const lacking = encoding === 'ascii' ? /[^\0-\x7f]/gu : /[^\0-\xff]/gu;
    return (text) => Buffer.from(text.replace(lacking, '?'), 'latin1');
  }
  if (lower === 'utf-16be' || lower === 'utf-16') {
    const mark = lower === 'utf-16' ? '\ufeff' : '';
    return (text) => Buffer.from(mark + text, 'utf16le').swap16();
  }
  return (text) => Buffer.from(text, encoding ?? 'utf8');
}
