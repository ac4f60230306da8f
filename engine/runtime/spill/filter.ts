/** Bits of a key: about one in a hundred keys that are not there looks as if it were. */
const BITS = 10;
const PROBES = 5;

/** Which keys are surely not among those that were added, by their hashes: a Bloom filter. */
export class KeyFilter {
  /** Bytes, a power of two. */
  readonly bytes: Uint8Array;
  readonly #mask: number;

  /** `bytes`: of a filter that was kept. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#mask = bytes.length * 8 - 1;
  }

  static ofSize(keys: number): KeyFilter {
    return new KeyFilter(new Uint8Array(2 ** Math.ceil(Math.log2(Math.max(64, keys * BITS) / 8))));
  }

  add(hash: number): void {
    const step = stepOf(hash);
    for (let i = 0, at = hash; i < PROBES; i++, at = (at + step) | 0) {
      this.bytes[(at & this.#mask) >>> 3]! |= 1 << (at & 7);
    }
  }

  mayHave(hash: number): boolean {
    const step = stepOf(hash);
    for (let i = 0, at = hash; i < PROBES; i++, at = (at + step) | 0) {
      if ((this.bytes[(at & this.#mask) >>> 3]! & (1 << (at & 7))) === 0) return false;
    }
    return true;
  }
}

/** Odd, so that all places are met. */
function stepOf(hash: number): number {
  let h = Math.imul(hash, 0x9e3779b1);
  h ^= h >>> 15;
  return Math.imul(h, 0x85ebca6b) | 1;
}
