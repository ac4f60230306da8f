/** Kafka's socket.request.max.bytes. */
const maxFrame = 104_857_600;

/** Cuts a stream of bytes into requests: each is a size INT32 and that many bytes. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;

  /** The requests that are complete with these bytes; undefined where a size is out of bounds. */
  push(chunk: Buffer): Buffer[] | undefined {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Buffer[] = [];
    while (this.#size >= 4) {
      const length = this.#peekSize();
      if (length < 8 || length > maxFrame) return undefined;
      if (this.#size < 4 + length) break;
      const all = this.#join();
      frames.push(all.subarray(4, 4 + length));
      this.#size -= 4 + length;
      this.#chunks = this.#size === 0 ? [] : [all.subarray(4 + length)];
    }
    return frames;
  }

  #peekSize(): number {
    if (this.#chunks[0]!.length < 4) this.#join();
    return this.#chunks[0]!.readInt32BE(0);
  }

  #join(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
