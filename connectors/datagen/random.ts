/**
 * Random numbers that depend on nothing but seed, row and field: a restored source goes on with the very values that
 * it would have given, however its rows were cut into batches.
 */
export class Random {
  private readonly seed: number;
  private state = 0;

  constructor(seed: number) {
    this.seed = mix(seed | 0);
  }

  /** Begins the sequence of numbers of one field of one row. */
  at(row: number, field: number): void {
    const low = row >>> 0;
    const high = Math.floor(row / 4294967296);
    this.state = mix(mix(mix(this.seed ^ low) + high) + Math.imul(field, 0x9e3779b9));
  }

  /** A whole number from 0 to 2^32 - 1. */
  word(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    return mix(this.state) >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  unit(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }

  /** A whole number from 0 up to, but not including, `bound` ≤ 2^53. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** A whole number from 0 up to, but not including, `bound`. */
  bigBelow(bound: bigint): bigint {
    if (bound <= 9007199254740992n) return BigInt(this.below(Number(bound)));
    // Enough further bits that what modulo favours cannot be seen.
    let value = 0n;
    for (let limit = bound << 64n; limit > 0n; limit >>= 32n) value = (value << 32n) | BigInt(this.word());
    return value % bound;
  }
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return h ^ (h >>> 15);
}
