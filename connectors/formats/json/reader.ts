import { isUtf8 } from 'node:buffer';
import { DecodeError } from '../../../engine/connector/errors.ts';

/** What a JSON value begins with. */
export type ValueKind = 'string' | 'number' | 'object' | 'array' | 'true' | 'false' | 'null';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

// The limits of the parser that Flink uses: beyond them a message cannot be read.
const MAX_DEPTH = 1000;
const MAX_NUMBER = 1000;
const MAX_NAME = 50_000;
const MAX_STRING = 20_000_000;

const TEN_POWERS = Array.from({ length: 16 }, (_, i) => 10 ** i);

/** Where a number's text ends and whether it has a fraction or an exponent. */
export interface NumberToken {
  readonly text: string;
  readonly integral: boolean;
}

/**
 * Reads one JSON text from bytes, strictly by RFC 8259 but for what Flink's parser lets pass: control characters
 * inside strings, and in UTF-8 overlong forms and surrogates. Every method throws `DecodeError` at what is no JSON.
 */
export class JsonReader {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  pos = 0;
  end = 0;
  wasIntegral = false;
  private depth = 0;

  /** `depth`: how many objects and arrays the text stands in already. */
  reset(bytes: Buffer, start: number, end: number, depth = 0): void {
    this.bytes = bytes;
    this.start = start;
    this.pos = start;
    this.end = end;
    this.depth = depth;
  }

  /** The next byte after white space, not consumed; -1 at the end. */
  peek(): number {
    const { bytes, end } = this;
    let pos = this.pos;
    while (pos < end) {
      const c = bytes[pos]!;
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) {
        this.pos = pos;
        return c;
      }
      pos++;
    }
    this.pos = pos;
    return -1;
  }

  /** What the next value is; nothing of it is consumed. */
  kind(): ValueKind {
    const c = this.peek();
    switch (c) {
      case QUOTE:
        return 'string';
      case 0x7b:
        return 'object';
      case 0x5b:
        return 'array';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return 'number';
        return this.fail('a value');
    }
  }

  /** Enters an object or array whose bracket is next. */
  enter(): void {
    this.pos++;
    if (++this.depth > MAX_DEPTH)
      throw new DecodeError(`the JSON is nested deeper than ${MAX_DEPTH} levels`, undefined, 'too-large');
  }

  /**
   * Whether another member or element follows; consumes the comma before it, or the closing bracket.
   * `first`: right after `enter`.
   */
  more(close: 0x7d | 0x5d, first: boolean): boolean {
    const c = this.peek();
    if (c === close) {
      this.pos++;
      this.depth--;
      return false;
    }
    if (first) return true;
    if (c !== 0x2c) this.fail(close === 0x7d ? "',' or '}'" : "',' or ']'");
    this.pos++;
    return true;
  }

  /** The name of a member and its colon. */
  name(): string {
    if (this.peek() !== QUOTE) this.fail('a field name in double quotes');
    const text = this.string();
    if (text.length > MAX_NAME)
      throw new DecodeError(`a field name is longer than ${MAX_NAME} characters`, undefined, 'too-large');
    if (this.peek() !== 0x3a) this.fail("':'");
    this.pos++;
    return text;
  }

  /** Consumes a member's name and its colon if the name stands there just as `quoted`, i.e. with its quotes. */
  nameIs(quoted: Uint8Array): boolean {
    const { bytes, end } = this;
    if (this.peek() !== QUOTE || this.pos + quoted.length >= end) return false;
    const at = this.pos;
    for (let i = 1; i < quoted.length; i++) if (bytes[at + i] !== quoted[i]) return false;
    this.pos = at + quoted.length;
    if (this.peek() === 0x3a) {
      this.pos++;
      return true;
    }
    return this.fail("':'");
  }

  /** The text of a string that is next. */
  string(): string {
    const { bytes } = this;
    const from = this.pos + 1;
    const plain = this.skipString();
    const to = this.pos - 1;
    if (to - from > MAX_STRING)
      throw new DecodeError(`a string is longer than ${MAX_STRING} characters`, undefined, 'too-large');
    if (plain === 'ascii') return bytes.toString('latin1', from, to);
    if (plain === 'utf8' && isUtf8(bytes.subarray(from, to))) return bytes.toString('utf8', from, to);
    return decodeString(bytes, from, to);
  }

  /** Consumes a string that is next and says what is in it. */
  skipString(): 'ascii' | 'utf8' | 'escaped' {
    const { bytes, end } = this;
    let pos = this.pos + 1;
    let kind: 'ascii' | 'utf8' | 'escaped' = 'ascii';
    for (;;) {
      if (pos >= end) {
        this.pos = end;
        this.fail('the closing quote of a string');
      }
      const c = bytes[pos]!;
      if (c === QUOTE) break;
      if (c === BACKSLASH) {
        kind = 'escaped';
        pos = this.skipEscape(pos);
      } else if (c < 0x80) {
        pos++;
      } else {
        if (kind === 'ascii') kind = 'utf8';
        pos = this.skipCharacter(pos, c);
      }
    }
    this.pos = pos + 1;
    return kind;
  }

  private skipEscape(pos: number): number {
    const { bytes, end } = this;
    if (pos + 1 >= end) {
      this.pos = end;
      return this.fail('the rest of an escape');
    }
    const c = bytes[pos + 1]!;
    if (c !== 0x75) {
      if (simpleEscapes.has(c)) return pos + 2;
      this.pos = pos + 1;
      return this.fail('one of "\\/bfnrtu after a backslash');
    }
    for (let i = pos + 2; i < pos + 6; i++) {
      this.pos = i;
      if (i >= end || hexValue(bytes[i]!) < 0) return this.fail('four hexadecimal digits after \\u');
    }
    return pos + 6;
  }

  private skipCharacter(pos: number, lead: number): number {
    const { bytes, end } = this;
    const size = (lead & 0xe0) === 0xc0 ? 2 : (lead & 0xf0) === 0xe0 ? 3 : (lead & 0xf8) === 0xf0 ? 4 : 0;
    this.pos = pos;
    if (size === 0) return this.fail('UTF-8 text');
    for (let i = pos + 1; i < pos + size; i++) {
      this.pos = i;
      if (i >= end || (bytes[i]! & 0xc0) !== 0x80) return this.fail('UTF-8 text');
    }
    return pos + size;
  }

  /** The number that is next. */
  number(): NumberToken {
    const from = this.pos;
    const integral = this.skipNumber();
    return { text: this.bytes.toString('latin1', from, this.pos), integral };
  }

  /**
   * Consumes a number that is next and that a double holds exactly as it is written or rounds once; NaN, with nothing
   * consumed, where it has an exponent or more than 15 digits. `wasIntegral` tells whether it had a fraction.
   */
  shortNumber(): number {
    const { bytes, end } = this;
    const negative = bytes[this.pos] === 0x2d;
    const first = negative ? this.pos + 1 : this.pos;
    let pos = first;
    let digits = 0;
    for (; pos < end && pos < first + 16; pos++) {
      const digit = bytes[pos]! - 0x30;
      if (digit < 0 || digit > 9) break;
      digits = digits * 10 + digit;
    }
    let count = pos - first;
    if (count === 0 || (count > 1 && bytes[first] === 0x30)) return Number.NaN;
    let fraction = 0;
    if (pos < end && bytes[pos] === 0x2e) {
      const point = ++pos;
      for (; pos < end && pos < first + 17; pos++) {
        const digit = bytes[pos]! - 0x30;
        if (digit < 0 || digit > 9) break;
        digits = digits * 10 + digit;
      }
      fraction = pos - point;
      count += fraction;
      if (fraction === 0) return Number.NaN;
    }
    if (count > 15 || (pos < end && (bytes[pos]! | 0x20) === 0x65)) return Number.NaN;
    this.pos = pos;
    this.wasIntegral = fraction === 0;
    const value = fraction === 0 ? digits : digits / TEN_POWERS[fraction]!;
    return negative ? -value : value;
  }

  /** Consumes a number that is next; whether it has neither fraction nor exponent. */
  skipNumber(): boolean {
    const { bytes, end } = this;
    const from = this.pos;
    let pos = from;
    let marks = 0;
    let integral = true;
    if (bytes[pos] === 0x2d) {
      pos++;
      marks++;
    }
    const first = pos;
    pos = this.digits(pos, 'a digit');
    if (bytes[first] === 0x30 && pos > first + 1) {
      this.pos = first + 1;
      this.fail('a number without leading zeros');
    }
    if (pos < end && bytes[pos] === 0x2e) {
      integral = false;
      marks++;
      pos = this.digits(pos + 1, 'a digit after the decimal point');
    }
    if (pos < end && (bytes[pos]! | 0x20) === 0x65) {
      integral = false;
      marks++;
      pos++;
      if (pos < end && (bytes[pos] === 0x2b || bytes[pos] === 0x2d)) {
        pos++;
        marks++;
      }
      pos = this.digits(pos, 'a digit in the exponent');
    }
    this.pos = pos;
    if (pos - from - marks > MAX_NUMBER)
      throw new DecodeError(`a number has more than ${MAX_NUMBER} digits`, undefined, 'too-large');
    return integral;
  }

  private digits(from: number, expected: string): number {
    const { bytes, end } = this;
    let pos = from;
    while (pos < end && bytes[pos]! >= 0x30 && bytes[pos]! <= 0x39) pos++;
    if (pos === from) {
      this.pos = pos;
      this.fail(expected);
    }
    return pos;
  }

  /** Consumes `true`, `false` or `null`. */
  literal(word: 'true' | 'false' | 'null'): void {
    const { bytes, pos } = this;
    for (let i = 1; i < word.length; i++) {
      if (pos + i < this.end && bytes[pos + i] === word.charCodeAt(i)) continue;
      this.fail('true, false, null, a number, a string, an object or an array');
    }
    this.pos = pos + word.length;
  }

  /** Consumes any value. */
  skipValue(): void {
    const kind = this.kind();
    switch (kind) {
      case 'string':
        this.skipString();
        return;
      case 'number':
        this.skipNumber();
        return;
      case 'object':
        this.enter();
        for (let first = true; this.more(0x7d, first); first = false) {
          this.skipName();
          this.skipValue();
        }
        return;
      case 'array':
        this.enter();
        for (let first = true; this.more(0x5d, first); first = false) this.skipValue();
        return;
      default:
        this.literal(kind);
    }
  }

  private skipName(): void {
    if (this.peek() !== QUOTE) this.fail('a field name in double quotes');
    const from = this.pos;
    this.skipString();
    if (this.pos - from > MAX_NAME) {
      this.pos = from;
      this.string();
    }
    if (this.peek() !== 0x3a) this.fail("':'");
    this.pos++;
  }

  /** Throws, saying what was found at the current place instead. */
  fail(expected: string): never {
    const at = this.pos - this.start + 1;
    if (this.pos >= this.end) throw new DecodeError(`the JSON ends too early: expected ${expected} at byte ${at}`);
    throw new DecodeError(`this is not JSON: expected ${expected} at byte ${at}, found ${this.found()}`);
  }

  private found(): string {
    const c = this.bytes[this.pos]!;
    if (c >= 0x80 || c < 0x20) return `byte 0x${c.toString(16).padStart(2, '0')}`;
    const rest = this.bytes.toString('latin1', this.pos, Math.min(this.end, this.pos + 20));
    const word = /^[A-Za-z0-9_]+/.exec(rest);
    return `'${word === null ? rest[0] : word[0]}'`;
  }
}

const simpleEscapes: ReadonlyMap<number, string> = new Map(
  Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(
    ([letter, text]) => [letter.charCodeAt(0), text],
  ),
);

function hexValue(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const letter = c | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The text of an already checked string body, with its escapes and without regard to what UTF-8 forbids. */
function decodeString(bytes: Buffer, from: number, to: number): string {
  const parts: string[] = [];
  let pos = from;
  while (pos < to) {
    const c = bytes[pos]!;
    if (c === BACKSLASH) {
      const e = bytes[pos + 1]!;
      if (e === 0x75) {
        const code = [2, 3, 4, 5].reduce((sum, i) => sum * 16 + hexValue(bytes[pos + i]!), 0);
        parts.push(String.fromCharCode(code));
        pos += 6;
      } else {
        parts.push(simpleEscapes.get(e)!);
        pos += 2;
      }
    } else if (c < 0x80) {
      const run = pos;
      while (pos < to && bytes[pos]! < 0x80 && bytes[pos] !== BACKSLASH) pos++;
      parts.push(bytes.toString('latin1', run, pos));
    } else {
      const size = (c & 0xe0) === 0xc0 ? 2 : (c & 0xf0) === 0xe0 ? 3 : 4;
      let code = c & (0x7f >> size);
      for (let i = 1; i < size; i++) code = (code << 6) | (bytes[pos + i]! & 0x3f);
      if (size < 4) parts.push(String.fromCharCode(code));
      else parts.push(String.fromCharCode(0xd800 | ((code - 0x10000) >> 10), 0xdc00 | (code & 0x3ff)));
      pos += size;
    }
  }
  return parts.join('');
}
