/** Numbers in the order of their times: a binary heap, in which what comes in order stays where it is put. */
export class TimeQueue {
  #times = new Float64Array(64);
  #numbers = new Int32Array(64);
  #length = 0;

  /** `time`: microseconds. */
  add(time: number, number: number): void {
    if (this.#length === this.#times.length) this.#grow();
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= time) break;
      this.#times[at] = this.#times[parent]!;
      this.#numbers[at] = this.#numbers[parent]!;
      at = parent;
    }
    this.#times[at] = time;
    this.#numbers[at] = number;
  }

  /** Takes the number with the least time, together with that. */
  takeEntryBefore(before: number): { readonly time: number; readonly number: number } | undefined {
    const time = this.#times[0]!;
    const number = this.takeBefore(before);
    return number === undefined ? undefined : { time, number };
  }

  /** Takes the number with the least time, if that is before `time`. */
  takeBefore(time: number): number | undefined {
    if (this.#length === 0 || this.#times[0]! >= time) return undefined;
    const number = this.#numbers[0]!;
    this.#length--;
    if (this.#length > 0) this.#sink(this.#times[this.#length]!, this.#numbers[this.#length]!);
    return number;
  }

  snapshot(): TimeQueueImage {
    return { times: this.#times.slice(0, this.#length), numbers: this.#numbers.slice(0, this.#length) };
  }

  restore({ times, numbers }: TimeQueueImage): void {
    this.#length = times.length;
    this.#times = new Float64Array(Math.max(64, times.length));
    this.#times.set(times);
    this.#numbers = new Int32Array(Math.max(64, times.length));
    this.#numbers.set(numbers);
  }

  /** Puts a pair in the place of the first. */
  #sink(time: number, number: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#length) break;
      if (child + 1 < this.#length && this.#times[child + 1]! < this.#times[child]!) child++;
      if (this.#times[child]! >= time) break;
      this.#times[at] = this.#times[child]!;
      this.#numbers[at] = this.#numbers[child]!;
      at = child;
    }
    this.#times[at] = time;
    this.#numbers[at] = number;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
    const numbers = new Int32Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}

export interface TimeQueueImage {
  readonly times: Float64Array;
  readonly numbers: Int32Array;
}
