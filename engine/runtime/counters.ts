import type { Counters } from '../connector/context.ts';

/** What the connectors of a job counted: records skipped, reconnects … */
export class Counted implements Counters {
  readonly #values = new Map<string, number>();

  add(name: string, amount: number): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + amount);
  }

  /** By name; names that were never counted are absent. */
  get values(): ReadonlyMap<string, number> {
    return this.#values;
  }
}
