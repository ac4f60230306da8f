import { bytesOf, textOfBytes } from '../types/bytes-text.ts';
import { isInteger, isText } from '../types/coerce.ts';
import { type } from '../types/data-type.ts';
import type { ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { bigint, binary, type Parameter, signature, signatures, text, textOrBinary } from './signature.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

function fromBase64(value: string | Uint8Array): string {
  const encoded = typeof value === 'string' ? value : textOfBytes(value);
  if (!BASE64.test(encoded)) throw new EvaluationError(`'${encoded}' is no base64`);
  return textOfBytes(Buffer.from(encoded, 'base64'));
}

function toBase64(value: string | Uint8Array): string {
  return Buffer.from(typeof value === 'string' ? bytesOf(value) : value).toString('base64');
}

/** application/x-www-form-urlencoded as java.net.URLEncoder writes it. */
function urlEncode(value: string): string {
  let result = '';
  for (const byte of bytesOf(value)) {
    const plain = (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
    if (plain || byte === 42 || byte === 45 || byte === 46 || byte === 95) result += String.fromCharCode(byte);
    else if (byte === 32) result += '+';
    else result += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}

function urlDecode(value: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(value)) return null;
  return value
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => textOfBytes(Buffer.from(run.replaceAll('%', ''), 'hex')));
}

interface Charset {
  encode(value: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

function singleByte(limit: number): Charset {
  return {
    encode: (value) => Uint8Array.from(value, (c) => (c.codePointAt(0)! < limit ? c.codePointAt(0)! : 63)),
    decode: (bytes) => Array.from(bytes, (b) => (b < limit ? String.fromCharCode(b) : '\ufffd')).join(''),
  };
}

function utf16(bigEndian: boolean, mark: boolean): Charset {
  const decoder = (encoding: string) => new TextDecoder(encoding, { ignoreBOM: !mark });
  return {
    encode: (value) => {
      const bytes = Buffer.from(mark ? `\ufeff${value}` : value, 'utf16le');
      return bigEndian ? bytes.swap16() : bytes;
    },
    decode: (bytes) => {
      const little = mark && bytes[0] === 0xff && bytes[1] === 0xfe;
      return decoder(bigEndian && !little ? 'utf-16be' : 'utf-16le').decode(bytes);
    },
  };
}

const UTF8: Charset = { encode: bytesOf, decode: textOfBytes };

/** Java's names of the charsets which the documentation lists, without punctuation. */
const CHARSETS: ReadonlyMap<string, Charset> = new Map([
  ['usascii', singleByte(128)],
  ['ascii', singleByte(128)],
  ['iso88591', singleByte(256)],
  ['latin1', singleByte(256)],
  ['utf8', UTF8],
  ['utf16be', utf16(true, false)],
  ['utf16le', utf16(false, false)],
  ['utf16', utf16(true, true)],
]);

function charset(name: string): Charset {
  const found = CHARSETS.get(name.toLowerCase().replace(/[-_]/g, ''));
  if (found !== undefined) return found;
  throw new EvaluationError(
    `unknown charset '${name}', expected US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE or UTF-16`,
  );
}

function unhex(value: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]*$/.test(value)) return null;
  // Of an odd number of digits the first is dropped and a zero byte stands for it.
  return value.length % 2 === 0 ? Buffer.from(value, 'hex') : Buffer.from(`00${value.slice(1)}`, 'hex');
}

const textOrInteger: Parameter = {
  expected: 'a string or an integer',
  accepts: (t) => isText(t) || isInteger(t),
  as: (t) => (isText(t) ? t : type.bigint(false)),
};

export const encodings: readonly ScalarFunction[] = [
  defineFunction({
    name: 'TO_BASE64',
    family: 'string',
    doc: 'The bytes, or the text in UTF-8, in base64.',
    syntax: ['TO_BASE64(s)'],
    examples: [{ sql: "TO_BASE64('hello world')", value: 'aGVsbG8gd29ybGQ=' }],
    resolve: signature('TO_BASE64', { parameters: [textOrBinary], returns: type.string(false), evaluate: toBase64 }),
  }),
  defineFunction({
    name: 'FROM_BASE64',
    family: 'string',
    doc: 'The UTF-8 text behind base64; fails for what is none.',
    syntax: ['FROM_BASE64(s)'],
    examples: [{ sql: "FROM_BASE64('aGk=')", value: 'hi' }],
    resolve: signature('FROM_BASE64', {
      parameters: [textOrBinary],
      returns: type.string(false),
      evaluate: fromBase64,
    }),
  }),
  defineFunction({
    name: 'URL_ENCODE',
    family: 'string',
    doc: 'The text as application/x-www-form-urlencoded.',
    syntax: ['URL_ENCODE(s)'],
    examples: [{ sql: "URL_ENCODE('a b&c=d/é')", value: 'a+b%26c%3Dd%2F%C3%A9' }],
    resolve: signature('URL_ENCODE', {
      parameters: [text],
      returns: type.string(),
      nullable: true,
      bareNull: true,
      evaluate: urlEncode,
    }),
  }),
  defineFunction({
    name: 'URL_DECODE',
    family: 'string',
    doc: 'The text behind application/x-www-form-urlencoded; NULL for what is none.',
    syntax: ['URL_DECODE(s)'],
    examples: [
      { sql: "URL_DECODE('a+b%26c')", value: 'a b&c' },
      { sql: "URL_DECODE('%zz')", value: null },
    ],
    resolve: signature('URL_DECODE', {
      parameters: [text],
      returns: type.string(),
      nullable: true,
      bareNull: true,
      evaluate: urlDecode,
    }),
  }),
  defineFunction({
    name: 'ENCODE',
    family: 'string',
    doc: 'The bytes of a text in US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE or UTF-16.',
    syntax: ['ENCODE(s, charset)'],
    examples: [{ sql: "DECODE(ENCODE('é', 'UTF-16'), 'UTF-16')", value: 'é' }],
    resolve: signature('ENCODE', {
      parameters: [text, text],
      returns: type.bytes(false),
      evaluate: (s: string, name: string) => charset(name).encode(s),
    }),
  }),
  defineFunction({
    name: 'DECODE',
    family: 'string',
    doc: 'The text of bytes in US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE or UTF-16.',
    syntax: ['DECODE(bytes, charset)'],
    examples: [{ sql: "DECODE(X'E9', 'ISO-8859-1')", value: 'é' }],
    resolve: signature('DECODE', {
      parameters: [binary, text],
      returns: type.string(false),
      evaluate: (bytes: Uint8Array, name: string) => charset(name).decode(bytes),
    }),
  }),
  defineFunction({
    name: 'HEX',
    family: 'arithmetic',
    doc: 'An integer, or the UTF-8 bytes of a text, in upper-case hexadecimal.',
    syntax: ['HEX(n)', 'HEX(s)'],
    examples: [
      { sql: 'HEX(255)', value: 'FF' },
      { sql: "HEX('abc')", value: '616263' },
    ],
    resolve: signatures('HEX', [
      {
        parameters: [textOrInteger],
        returns: type.string(false),
        evaluate: (value: string | bigint) =>
          typeof value === 'bigint'
            ? BigInt.asUintN(64, value).toString(16).toUpperCase()
            : Buffer.from(bytesOf(value)).toString('hex').toUpperCase(),
      },
    ]),
  }),
  defineFunction({
    name: 'UNHEX',
    family: 'arithmetic',
    doc: 'The bytes behind hexadecimal digits; NULL for what is none.',
    syntax: ['UNHEX(s)'],
    examples: [{ sql: "DECODE(UNHEX('616263'), 'UTF-8')", value: 'abc' }],
    resolve: signature('UNHEX', {
      parameters: [text],
      returns: type.bytes(),
      nullable: true,
      bareNull: true,
      evaluate: unhex,
    }),
  }),
  defineFunction({
    name: 'BIN',
    family: 'arithmetic',
    doc: 'An integer in binary, negative ones in 64 digits of two’s complement.',
    syntax: ['BIN(n)'],
    examples: [{ sql: 'BIN(5)', value: '101' }],
    resolve: signature('BIN', {
      parameters: [bigint],
      returns: type.string(false),
      evaluate: (n: bigint) => BigInt.asUintN(64, n).toString(2),
    }),
  }),
];
