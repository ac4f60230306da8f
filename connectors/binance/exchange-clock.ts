import type { ConnectorContext } from '../../engine/connector/context.ts';
import type { RestClient } from './rest-client.ts';

/** How often the clocks are compared, and from which difference on it is worth a warning, in milliseconds. */
const every = 600_000;
const noteworthy = 1000;

/** The exchange's clock, as well as it can be told from here: by its answers and half the time that they took. */
export class ExchangeClock {
  readonly #rest: RestClient;
  readonly #context: ConnectorContext;
  #offset = 0;
  #comparedAt = Number.NEGATIVE_INFINITY;

  constructor(rest: RestClient, context: ConnectorContext) {
    this.#rest = rest;
    this.#context = context;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return Math.round(Date.now() + this.#offset);
  }

  get isDue(): boolean {
    return performance.now() - this.#comparedAt > every;
  }

  async compare(signal: AbortSignal, attempts?: number): Promise<void> {
    const before = Date.now();
    const answer = (await this.#rest.get('/api/v3/time', signal, attempts)) as { readonly serverTime?: unknown };
    const after = Date.now();
    this.#comparedAt = performance.now();
    if (typeof answer.serverTime !== 'number') return;
    const offset = answer.serverTime - (before + after) / 2;
    // The answer was written at some moment between the two: what is within that span is no difference.
    const error = (after - before) / 2 + 1;
    this.#offset = Math.abs(offset) <= error ? 0 : offset;
    if (Math.abs(offset) < noteworthy + error) return;
    this.#context.counters.add('clock_skews', 1);
    this.#context.log.warn('binance_clock_skew', { ahead_ms: Math.round(this.#offset) });
  }
}
