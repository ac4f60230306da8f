import type { Log } from '../../engine/connector/context.ts';
import type { Client } from './client.ts';
import { latest, listOffsets } from './offsets.ts';
import type { Split } from './split.ts';

/** How often it is looked, and for how long fetches may have said nothing: longer than they wait for records. ms. */
const EVERY = 1000;
const STALE = 2000;

/**
 * Asks where splits end while nothing is fetched of them, because what comes after the source holds it back: a lag that
 * only fetches knew of would stand still while it grows.
 */
export class EndOffsets {
  readonly #client: Client;
  readonly #log: Log;
  readonly #splits: () => readonly Split[];
  readonly #timer: NodeJS.Timeout;
  #asking = false;

  /** `splits`: those that are held back now. */
  constructor(client: Client, log: Log, splits: () => readonly Split[]) {
    this.#client = client;
    this.#log = log;
    this.#splits = splits;
    this.#timer = setInterval(() => void this.#look(), EVERY);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const before = performance.now() - STALE;
    const stale = this.#splits().filter((split) => split.endSeen < before);
    if (this.#asking || stale.length === 0) return;
    this.#asking = true;
    try {
      const ends = await listOffsets(this.#client, stale, latest);
      for (const split of stale) {
        // A fetch that answered meanwhile knows better.
        if (split.endSeen < before) split.learnEnd(ends.get(split.name) ?? split.endOffset);
      }
    } catch (error) {
      // Whoever reads will say what is wrong; here only a figure stays old.
      this.#log.debug('kafka_end_unknown', { error: String(error) });
    } finally {
      this.#asking = false;
    }
  }
}
