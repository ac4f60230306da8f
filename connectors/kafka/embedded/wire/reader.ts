/** Bytes of a request that do not follow the grammar: the connection is closed, as Kafka does. */
export class MalformedRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedRequest';
  }
}

/** Reads the primitive types of the Kafka protocol from one request. `version` and `flexible` steer the schema. */
export class Reader {
  readonly bytes: Buffer;
  at: number;
  readonly version: number;
  /** Flexible versions use compact lengths and end each struct with tagged fields. */
  readonly flexible: boolean;

  constructor(bytes: Buffer, at: number, version: number, flexible: boolean) {
    this.bytes = bytes;
    this.at = at;
    this.version = version;
    this.flexible = flexible;
  }

  /** Steps over `length` bytes and returns where they began. */
  take(length: number): number {
    const at = this.at;
    if (length < 0 || at + length > this.bytes.length) {
      throw new MalformedRequest(`${length} bytes at ${at} of a request of ${this.bytes.length} bytes`);
    }
    this.at = at + length;
    return at;
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  /** Offsets, timestamps and producer ids: numbers, exact up to 2^53. */
  int64(): number {
    const at = this.take(8);
    return this.bytes.readInt32BE(at) * 4294967296 + this.bytes.readUInt32BE(at + 4);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedRequest('a variable length number is longer than five bytes');
  }

  /** Length of a string in bytes, -1 for NULL. */
  stringLength(): number {
    return this.flexible ? this.unsignedVarint() - 1 : this.int16();
  }

  /** Length of an array or of bytes, -1 for NULL. */
  length(): number {
    return this.flexible ? this.unsignedVarint() - 1 : this.int32();
  }

  text(length: number): string {
    const at = this.take(length);
    return this.bytes.toString('utf8', at, at + length);
  }

  /** The next bytes, without copying them. */
  slice(length: number): Buffer {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }
}
