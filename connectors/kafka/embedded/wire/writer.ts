/** Bytes from this length on are handed to the socket as they are instead of being copied. */
const REFERENCE = 1024;

/** Writes the primitive types of the Kafka protocol. `version` and `flexible` steer the schema. */
export class Writer {
  readonly version: number;
  readonly flexible: boolean;
  readonly #chunks: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(256);
  /** Start of the bytes in `#buffer` that are in no chunk yet, and their end. */
  #from = 0;
  #at = 0;
  #size = 0;

  constructor(version: number, flexible: boolean) {
    this.version = version;
    this.flexible = flexible;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  int8(value: number): void {
    const at = this.#room(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#room(2);
    this.#buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
  }

  int64(value: number): void {
    const at = this.#room(8);
    const high = Math.floor(value / 4294967296);
    this.#buffer.writeInt32BE(high, at);
    this.#buffer.writeUInt32BE(value - high * 4294967296, at + 4);
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  stringLength(length: number): void {
    if (this.flexible) this.unsignedVarint(length + 1);
    else this.int16(length);
  }

  length(length: number): void {
    if (this.flexible) this.unsignedVarint(length + 1);
    else this.int32(length);
  }

  text(value: string, length: number): void {
    const at = this.#room(length);
    this.#buffer.write(value, at, 'utf8');
  }

  /** The bytes must not change until the response is sent. */
  raw(bytes: Buffer): void {
    if (bytes.length < REFERENCE) {
      const at = this.#room(bytes.length);
      bytes.copy(this.#buffer, at);
      return;
    }
    this.#cut();
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  /** All that was written, in order. */
  chunks(): readonly Buffer[] {
    this.#cut();
    return this.#chunks;
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#buffer[at] = value;
  }

  #cut(): void {
    if (this.#at > this.#from) this.#chunks.push(this.#buffer.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  /** Where the next bytes go. It may replace the buffer: call it before naming the buffer. */
  #room(length: number): number {
    if (this.#at + length > this.#buffer.length) {
      this.#cut();
      this.#buffer = Buffer.allocUnsafe(Math.max(length, Math.min(65536, this.#buffer.length * 2)));
      this.#from = 0;
      this.#at = 0;
    }
    const at = this.#at;
    this.#at = at + length;
    this.#size += length;
    return at;
  }
}
