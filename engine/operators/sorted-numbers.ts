/** Negative, 0 or positive, as the order of two numbers' rows is. */
export type Compare = (a: number, b: number) => number;

const CHUNK = 512;

/** Numbers in the order of what they stand for, in pieces: one that comes or goes moves few of the others. */
export class SortedNumbers {
  #chunks: number[][] = [];
  #length = 0;

  /** Numbers that stand in order. */
  static of(numbers: Iterable<number>): SortedNumbers {
    const sorted = new SortedNumbers();
    for (const number of numbers) sorted.add(number, () => 0, false);
    return sorted;
  }

  get length(): number {
    return this.#length;
  }

  /** Behind those that compare equal; before them where `first`. */
  add(number: number, compare: Compare, first: boolean): void {
    const stays = first
      ? (other: number) => compare(other, number) < 0
      : (other: number) => compare(other, number) <= 0;
    const c = this.#chunkWhere((last) => !stays(last));
    this.#length++;
    const chunk = this.#chunks[c] ?? this.#chunks.at(-1);
    if (chunk === undefined) {
      this.#chunks.push([number]);
      return;
    }
    chunk.splice(placeIn(chunk, stays), 0, number);
    if (chunk.length <= CHUNK) return;
    const at = this.#chunks.indexOf(chunk, Math.max(0, c - 1));
    this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  /** Takes the first occurrence of a number out; whether it was there. */
  remove(number: number, compare: Compare): boolean {
    const before = (other: number) => compare(other, number) < 0;
    let c = this.#chunkWhere((last) => !before(last));
    for (
      let at = c < this.#chunks.length ? placeIn(this.#chunks[c]!, before) : 0;
      c < this.#chunks.length;
      c++, at = 0
    ) {
      const chunk = this.#chunks[c]!;
      for (; at < chunk.length; at++) {
        if (chunk[at] === number) {
          chunk.splice(at, 1);
          if (chunk.length === 0) this.#chunks.splice(c, 1);
          this.#length--;
          return true;
        }
        if (compare(chunk[at]!, number) > 0) return false;
      }
    }
    return false;
  }

  /** Takes the last one out. */
  pop(): number | undefined {
    const chunk = this.#chunks.at(-1);
    const last = chunk?.pop();
    if (last === undefined) return undefined;
    if (chunk!.length === 0) this.#chunks.pop();
    this.#length--;
    return last;
  }

  /** Those from place `start` up to `end` (exclusive). */
  slice(start: number, end: number): number[] {
    const found: number[] = [];
    let place = 0;
    for (const chunk of this.#chunks) {
      if (place >= end) break;
      if (place + chunk.length > start) {
        const from = Math.max(0, start - place);
        const to = Math.min(chunk.length, end - place);
        for (let i = from; i < to; i++) found.push(chunk[i]!);
      }
      place += chunk.length;
    }
    return found;
  }

  /** The first piece whose last number passes. */
  #chunkWhere(passes: (last: number) => boolean): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passes(this.#chunks[middle]!.at(-1)!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** How many at the begin of the chunk stand before. */
function placeIn(chunk: readonly number[], before: (other: number) => boolean): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(chunk[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
