/**
 * Plain data as few bytes, exactly: undefined, null, booleans, numbers (-0 and NaN too), bigints, strings (any UTF-16),
 * arrays, Maps, objects with such members, typed arrays. For many small values, where `v8.serialize` takes several times
 * as long and as much room. `room`: bytes in front that the caller fills.
 */
export function encodeCompact(value: unknown, room = 0): Buffer {
  const writer = new Writer(room);
  writer.write(value);
  return writer.take();
}

/** What `encodeCompact` was given. */
export function decodeCompact(bytes: Uint8Array): unknown {
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).read();
}

const Tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  integer: 4,
  double: 5,
  bigint: 6,
  largeBigint: 7,
  latin1: 8,
  utf16: 9,
  array: 10,
  map: 11,
  object: 12,
  bytes: 13,
  int32: 14,
  double64: 15,
  bigint64: 16,
} as const;

const LATIN1 = /^[\0-\xff]*$/;

/** All writers write here: each value is copied out when it is whole. */
let scratch = Buffer.allocUnsafeSlow(4096);

class Writer {
  #at: number;

  constructor(room: number) {
    this.#at = room;
  }

  take(): Buffer {
    return Buffer.from(scratch.subarray(0, this.#at));
  }

  write(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        this.#tag(Tag.undefined);
        break;
      case 'boolean':
        this.#tag(value ? Tag.true : Tag.false);
        break;
      case 'number':
        this.#number(value);
        break;
      case 'bigint':
        this.#bigint(value);
        break;
      case 'string':
        this.#string(value);
        break;
      default:
        if (value === null) this.#tag(Tag.null);
        else this.#object(value as object);
    }
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#tag(Tag.integer);
      this.#room(4);
      this.#at = scratch.writeInt32LE(value, this.#at);
    } else {
      this.#tag(Tag.double);
      this.#room(8);
      this.#at = scratch.writeDoubleLE(value, this.#at);
    }
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#tag(Tag.bigint);
      this.#room(8);
      this.#at = scratch.writeBigInt64LE(value, this.#at);
    } else {
      this.#tag(Tag.largeBigint);
      this.#text(value.toString(), 'latin1');
    }
  }

  #string(value: string): void {
    const narrow = LATIN1.test(value);
    this.#tag(narrow ? Tag.latin1 : Tag.utf16);
    this.#text(value, narrow ? 'latin1' : 'utf16le');
  }

  #object(value: object): void {
    if (Array.isArray(value)) {
      this.#head(Tag.array, value.length);
      for (let i = 0; i < value.length; i++) this.write(value[i]);
    } else if (value instanceof Map) {
      this.#head(Tag.map, value.size);
      for (const [key, each] of value) {
        this.write(key);
        this.write(each);
      }
    } else if (value instanceof Uint8Array) this.#view(Tag.bytes, value);
    else if (value instanceof Int32Array) this.#view(Tag.int32, value);
    else if (value instanceof Float64Array) this.#view(Tag.double64, value);
    else if (value instanceof BigInt64Array) this.#view(Tag.bigint64, value);
    else {
      const members = Object.entries(value);
      this.#head(Tag.object, members.length);
      for (const [key, each] of members) {
        this.#string(key);
        this.write(each);
      }
    }
  }

  #view(tag: number, { buffer, byteOffset, byteLength }: Uint8Array | Int32Array | Float64Array | BigInt64Array): void {
    this.#head(tag, byteLength);
    this.#room(byteLength);
    scratch.set(new Uint8Array(buffer, byteOffset, byteLength), this.#at);
    this.#at += byteLength;
  }

  #text(value: string, encoding: 'latin1' | 'utf16le'): void {
    const length = encoding === 'latin1' ? value.length : value.length * 2;
    this.#length(length);
    this.#room(length);
    this.#at += scratch.write(value, this.#at, encoding);
  }

  #head(tag: number, length: number): void {
    this.#tag(tag);
    this.#length(length);
  }

  #tag(tag: number): void {
    this.#room(1);
    scratch[this.#at++] = tag;
  }

  /** Seven bits a byte, least first. */
  #length(value: number): void {
    this.#room(5);
    let rest = value;
    while (rest > 0x7f) {
      scratch[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    scratch[this.#at++] = rest;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= scratch.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, this.#at + bytes));
    scratch.copy(larger, 0, 0, this.#at);
    scratch = larger;
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(): unknown {
    const tag = this.#bytes[this.#at++];
    switch (tag) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.integer:
        this.#at += 4;
        return this.#bytes.readInt32LE(this.#at - 4);
      case Tag.double:
        this.#at += 8;
        return this.#bytes.readDoubleLE(this.#at - 8);
      case Tag.bigint:
        this.#at += 8;
        return this.#bytes.readBigInt64LE(this.#at - 8);
      case Tag.largeBigint:
        return BigInt(this.#text('latin1'));
      case Tag.latin1:
        return this.#text('latin1');
      case Tag.utf16:
        return this.#text('utf16le');
      case Tag.array:
        return Array.from({ length: this.#length() }, () => this.read());
      case Tag.map: {
        const map = new Map<unknown, unknown>();
        for (let rest = this.#length(); rest > 0; rest--) {
          const key = this.read();
          map.set(key, this.read());
        }
        return map;
      }
      case Tag.object: {
        const members = Array.from({ length: this.#length() }, () => [this.read() as string, this.read()] as const);
        return Object.fromEntries(members);
      }
      case Tag.bytes:
        return new Uint8Array(this.#view());
      case Tag.int32:
        return new Int32Array(this.#view());
      case Tag.double64:
        return new Float64Array(this.#view());
      case Tag.bigint64:
        return new BigInt64Array(this.#view());
      default:
        throw new Error(`no value begins with ${String(tag)}`);
    }
  }

  #text(encoding: 'latin1' | 'utf16le'): string {
    const length = this.#length();
    this.#at += length;
    return this.#bytes.toString(encoding, this.#at - length, this.#at);
  }

  /** A copy: views want their own alignment. */
  #view(): ArrayBuffer {
    const length = this.#length();
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return copy.buffer;
  }

  #length(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}
