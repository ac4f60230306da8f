/** The newest price of one key as it stands in the database. */
export interface Price {
  readonly topic: string;
  readonly symbol: string;
  readonly price: number;
  /** Milliseconds since 1970. */
  readonly eventTime: number;
}

/** A price with the milliseconds from its event to the commit that made its row durable. */
export interface VisiblePrice extends Price {
  readonly latency: number;
}

/** Follows rows through write and commit, so that only what the database holds is shown. */
export class PriceBoard {
  readonly #visible = new Map<string, VisiblePrice>();
  #written = new Map<string, Price>();
  #committing = new Map<string, Price>();

  written(price: Price): void {
    this.#written.set(`${price.topic}\0${price.symbol}`, price);
  }

  committing(): void {
    this.#committing = this.#written;
    this.#written = new Map();
  }

  /** The exchange's clock may be ahead by a few milliseconds: no latency is below 0. */
  committed(now: number): void {
    for (const [key, price] of this.#committing)
      this.#visible.set(key, { ...price, latency: Math.max(0, now - price.eventTime) });
    this.#committing = new Map();
  }

  /** Sorted by topic. */
  prices(): VisiblePrice[] {
    return [...this.#visible.values()].sort((a, b) => a.topic.localeCompare(b.topic));
  }
}
