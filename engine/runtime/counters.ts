import type { Counters } from '../connector/context.ts';

/** What the connectors of a job counted: records skipped, reconnects … */
export class Counted implements Counters {
  readonly #values = new Map<string, number>();
  readonly #tables = new Map<string, Map<string, number>>();

  add(name: string, amount: number): void {
    increase(this.#values, name, amount);
  }

  /** Counts for one table, and for all together. */
  of(table: string): Counters {
    let own = this.#tables.get(table);
    if (own === undefined) {
      own = new Map();
      this.#tables.set(table, own);
    }
    const counts = own;
    return {
      add: (name, amount) => {
        increase(counts, name, amount);
        this.add(name, amount);
      },
    };
  }

  /** By name; names that were never counted are absent. */
  get values(): ReadonlyMap<string, number> {
    return this.#values;
  }

  /** By table (the id of a source or sink), then by name. */
  get tables(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#tables;
  }
}

function increase(counts: Map<string, number>, name: string, amount: number): void {
  counts.set(name, (counts.get(name) ?? 0) + amount);
}
