import { TimeQueue, type TimeQueueImage } from './time-queue.ts';

export interface AgesImage {
  readonly queue: TimeQueueImage;
  readonly written: Float64Array;
  readonly now: number;
}

/** When the things with these numbers were written last, for state that is forgotten after a while (a TTL). */
export class Ages {
  readonly #ttl: number;
  readonly #queue = new TimeQueue();
  #written = new Float64Array(64);
  /** The clock as it was told last; 0 before that. */
  #now = 0;

  /** `ttl`: milliseconds. */
  constructor(ttl: number) {
    this.#ttl = ttl;
  }

  /** A thing is written, for the first time or again. */
  note(number: number): void {
    this.#grow(number);
    if (this.#written[number] === this.#now && this.#now > 0) return;
    this.#set(number, this.#now);
  }

  /** A thing left: it is not told of any more, whatever its age. */
  forget(number: number): void {
    if (number < this.#written.length) this.#written[number] = Number.POSITIVE_INFINITY;
  }

  /** A thing is here again that was written then. */
  noteAt(number: number, written: number): void {
    this.#grow(number);
    this.#set(number, written);
  }

  #set(number: number, written: number): void {
    this.#written[number] = written;
    this.#queue.add(written, number);
  }

  #grow(number: number): void {
    if (number < this.#written.length) return;
    const written = new Float64Array(Math.max(number + 1, this.#written.length * 2)).fill(-1);
    written.set(this.#written);
    this.#written = written;
  }

  /** The clock moves on, in milliseconds: the things that were not written for too long. They may be gone already. */
  expire(now: number): Set<number> {
    const expired = new Set<number>();
    if (this.#now === 0) this.#date(now);
    this.#now = now;
    const before = now - this.#ttl;
    for (let each = this.#queue.takeBefore(before); each !== undefined; each = this.#queue.takeBefore(before)) {
      if (this.#written[each]! < before) expired.add(each);
    }
    return expired;
  }

  /** When a thing was written last. */
  writtenAt(number: number): number {
    return this.#written[number]!;
  }

  /** The clock as it was told last; 0 before that. */
  get now(): number {
    return this.#now;
  }

  /** When the last of these is old, undefined where the clock was not known when it was written. */
  until(numbers: readonly number[]): number | undefined {
    let last = 0;
    for (const number of numbers) {
      if (this.#written[number] === 0) return undefined;
      last = Math.max(last, this.#written[number]!);
    }
    return last === 0 ? undefined : last + this.#ttl;
  }

  /** When each of these was written last. */
  writtenOf(numbers: readonly number[]): Float64Array {
    return Float64Array.from(numbers, (number) => this.#written[number]!);
  }

  /** Things are here again that were written then, undefined: at an unknown time, and age from now. Those that are too old. */
  comeBack(numbers: Int32Array, written: Float64Array | undefined): number[] {
    const old: number[] = [];
    for (const [i, number] of numbers.entries()) {
      const at = written?.[i];
      if (at === undefined) this.note(number);
      else if (this.isOld(at)) old.push(number);
      else this.noteAt(number, at);
    }
    return old;
  }

  /** Whether what was written then is forgotten by now. */
  isOld(written: number): boolean {
    return written < this.#now - this.#ttl;
  }

  snapshot(): AgesImage {
    return { queue: this.#queue.snapshot(), written: this.#written.slice(), now: this.#now };
  }

  /** `live`: by number, not 0 where there is a thing: all begin to age now where the image is of a time when none did. */
  restore(image: AgesImage | undefined, live: () => ArrayLike<number>): void {
    if (image === undefined) {
      const there = live();
      for (let number = 0; number < there.length; number++) if (there[number] !== 0) this.note(number);
      return;
    }
    const { queue, written, now } = image;
    this.#queue.restore(queue);
    this.#written = written.slice();
    this.#now = now;
  }

  /** What came before the clock was known begins to age now. */
  #date(now: number): void {
    const waiting = new Set<number>();
    for (let each = this.#queue.takeBefore(1); each !== undefined; each = this.#queue.takeBefore(1)) waiting.add(each);
    this.#now = now;
    for (const each of waiting) this.note(each);
  }
}

/** The last of these times, undefined where one is not known. */
export function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((last, time) => (last === undefined || time === undefined ? undefined : Math.max(last, time)), 0);
}
