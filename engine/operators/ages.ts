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
    if (number >= this.#written.length) {
      const written = new Float64Array(Math.max(number + 1, this.#written.length * 2)).fill(-1);
      written.set(this.#written);
      this.#written = written;
    }
    if (this.#written[number] === this.#now && this.#now > 0) return;
    this.#written[number] = this.#now;
    this.#queue.add(this.#now, number);
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

  /** Whether what was written then is forgotten by now. */
  isOld(written: number): boolean {
    return written < this.#now - this.#ttl;
  }

  snapshot(): AgesImage {
    return { queue: this.#queue.snapshot(), written: this.#written.slice(), now: this.#now };
  }

  restore({ queue, written, now }: AgesImage): void {
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
