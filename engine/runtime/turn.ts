/**
 * Lets work happen between two batches of a source, when nothing of it is on its way: a poll that waits is interrupted
 * for it. Belongs to the source's loop, which polls with `signal` and calls `pause` before each poll.
 */
export class Turn {
  readonly #tasks: (() => Promise<void>)[] = [];
  #controller = new AbortController();
  #halted = false;
  #ended = false;

  /** Aborts when a task is due, or for good. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs a task as soon as the source rests; settles with it. */
  run(task: () => Promise<void>): Promise<void> {
    if (this.#ended) return task();
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => task().then(resolve, reject));
      this.#controller.abort();
    });
  }

  /** What is due before the next poll; undefined where there is nothing. */
  pause(): Promise<void> | undefined {
    if (this.#tasks.length === 0) return undefined;
    if (!this.#halted) this.#controller = new AbortController();
    return this.#work();
  }

  /** Polls end, tasks go on. */
  halt(): void {
    this.#halted = true;
    this.#controller.abort();
  }

  /** The loop is over: tasks need not wait for it. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#work();
  }

  async #work(): Promise<void> {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) await task();
  }
}
