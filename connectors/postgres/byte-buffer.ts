/** Bytes that grow and are written over by the next statement: encoding a batch allocates nothing. */
export class ByteBuffer {
  bytes = Buffer.allocUnsafeSlow(1024);

  /** Room for `size` bytes, those before `used` kept. Returns the bytes, perhaps new ones. */
  reserve(size: number, used = 0): Buffer {
    if (this.bytes.length >= size) return this.bytes;
    const grown = Buffer.allocUnsafeSlow(Math.max(size, this.bytes.length * 2));
    if (used > 0) this.bytes.copy(grown, 0, 0, used);
    this.bytes = grown;
    return grown;
  }
}
