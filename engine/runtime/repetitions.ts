/** Keeps a log from saying the same thing over and over: once, and then a reminder now and again. */
export class Repetitions {
  readonly #interval: number;
  /** By text: when it was said last, and how often it was held back since. */
  readonly #said = new Map<string, { at: number; unsaid: number }>();

  /** `interval`: milliseconds between two reminders. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** How often `text` came unsaid since it was said last, where it is to be said now; undefined where it is not. */
  note(text: string, now: number): number | undefined {
    const last = this.#said.get(text);
    if (last !== undefined && now - last.at < this.#interval) {
      last.unsaid++;
      return undefined;
    }
    this.#said.set(text, { at: now, unsaid: 0 });
    return last?.unsaid ?? 0;
  }

  /** What comes next is new. */
  clear(): void {
    this.#said.clear();
  }
}
