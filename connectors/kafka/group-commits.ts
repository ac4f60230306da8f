import type { Log } from '../../engine/connector/context.ts';
import type { Client } from './client.ts';
import { errorName } from './client-errors.ts';
import { commitOffsets, type TopicPartition } from './offsets.ts';

type Offsets = readonly (TopicPartition & { readonly offset: number })[];

/** How long closing waits for the last commit, ms. */
const lastWait = 2000;

/**
 * Commits offsets of a consumer group for those who watch its lag. Nothing depends on them: failures are logged, and
 * where commits come faster than the broker answers only the newest is kept.
 */
export class GroupCommits {
  readonly #client: Client;
  readonly #group: string;
  readonly #log: Log;
  #next: Offsets | undefined;
  #running: Promise<void> | undefined;

  constructor(client: Client, group: string, log: Log) {
    this.#client = client;
    this.#group = group;
    this.#log = log;
  }

  commit(offsets: Offsets): void {
    if (offsets.length === 0) return;
    this.#next = offsets;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#next !== undefined) {
      const offsets = this.#next;
      this.#next = undefined;
      try {
        const code = await commitOffsets(this.#client, this.#group, offsets);
        if (code !== 0) this.#log.warn('kafka_group_commit_failed', { group: this.#group, reason: errorName(code) });
      } catch (error) {
        this.#log.warn('kafka_group_commit_failed', { group: this.#group, reason: String(error) });
      }
    }
    this.#running = undefined;
  }

  /** Waits for the last commit, but not for long. */
  async close(): Promise<void> {
    if (this.#running === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lastWait);
    });
    await Promise.race([this.#running, limit]);
    clearTimeout(timer);
    this.#next = undefined;
  }
}
