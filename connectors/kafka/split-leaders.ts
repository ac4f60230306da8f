import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { BrokerFetch, type FetchReader } from './broker-fetch.ts';
import type { Client } from './client.ts';
import { errorCode, notAllowed } from './client-errors.ts';
import type { Settings } from './settings.ts';
import type { Split } from './split.ts';

/** How long brokers may be unreachable before the job is told, ms. */
const patience = 30_000;

type Topics = Awaited<ReturnType<Client['metadata']>>;

export interface SplitLeadersOptions {
  readonly client: Client;
  readonly settings: Settings;
  readonly context: ConnectorContext;
  /** Whom the fetches tell what they get. */
  readonly reader: FetchReader;
  /** Whether a split is still read. */
  reads(split: Split): boolean;
  fail(error: unknown): void;
}

/** Has each split fetched from the broker that leads it, and looks for the new one when that changes. */
export class SplitLeaders {
  readonly #options: SplitLeadersOptions;
  readonly #fetches = new Map<number, BrokerFetch>();
  /** Splits without a leader. */
  readonly #homeless = new Set<Split>();
  #searching = false;
  #closed = false;

  constructor(options: SplitLeadersOptions) {
    this.#options = options;
  }

  /** Gives splits to the fetch of their leader; those without a leader wait. */
  assign(splits: readonly Split[], topics: Topics): void {
    for (const split of splits) {
      if (!this.#options.reads(split)) continue;
      const leader = topics.get(split.topic)?.leaders.get(split.partition) ?? -1;
      if (leader < 0) {
        this.search([split], new RunError('kafka-unavailable', `${split.name} has no leader`, { passing: true }));
        continue;
      }
      this.#homeless.delete(split);
      let fetch = this.#fetches.get(leader);
      if (fetch === undefined) {
        fetch = new BrokerFetch(leader, this.#options.client, this.#options.reader);
        this.#fetches.set(leader, fetch);
      }
      fetch.assign(split);
    }
  }

  /** Splits that are not read any more. */
  unassign(splits: readonly Split[]): void {
    for (const split of splits) this.#homeless.delete(split);
    for (const fetch of this.#fetches.values()) fetch.unassign(splits);
  }

  /** Looks for the leaders of splits that lost theirs for a reason. */
  search(moved: readonly Split[], reason: RunError): void {
    const splits = moved.filter((split) => this.#options.reads(split));
    const now = Date.now();
    for (const split of splits) {
      split.troubledSince ??= now;
      this.#homeless.add(split);
    }
    if (splits.length === 0 || this.#searching) return;
    const { log } = this.#options.context;
    log.warn('kafka_reconnecting', { splits: splits.map((s) => s.name), reason: reason.message });
    void this.#search(reason);
  }

  /** With growing waits until all have one, or patience ends. */
  async #search(reason: RunError): Promise<void> {
    const { context, settings, fail } = this.#options;
    this.#searching = true;
    context.counters.add('reconnects', 1);
    const { backoff, maxBackoff } = settings;
    // A broker that refuses at once would otherwise be asked in a tight loop.
    let wait = Math.min(maxBackoff, Math.max(backoff, (Date.now() - this.#troubledSince()) / 4));
    let failure = reason;
    while (!this.#closed && this.#homeless.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#closed || this.#homeless.size === 0) break;
      wait = Math.min(maxBackoff, wait * 2);
      if (Date.now() - this.#troubledSince() > patience) {
        fail(failure);
        break;
      }
      try {
        failure = (await this.#ask()) ?? failure;
      } catch (error) {
        if (!(error instanceof RunError) || !error.passing) {
          fail(error);
          break;
        }
        failure = error;
      }
    }
    this.#searching = false;
  }

  /** Since when the first of them has no leader, in milliseconds since 1970. */
  #troubledSince(): number {
    return Math.min(...[...this.#homeless].map((split) => split.troubledSince ?? Date.now()));
  }

  /** Assigns those that have a leader now; what is wrong with others, as far as it is known. */
  async #ask(): Promise<RunError | undefined> {
    const { client, settings } = this.#options;
    const splits = [...this.#homeless];
    let failure: RunError | undefined;
    const topics = await client.metadata([...new Set(splits.map((s) => s.topic))]);
    for (const [name, topic] of topics) {
      if (topic.error === errorCode.topicAuthorizationFailed) throw notAllowed(`topic '${name}'`, 'read', settings);
      if (topic.error === errorCode.unknownTopicOrPartition) {
        failure = new RunError('missing-topic', `topic '${name}' was deleted while it was read`);
      }
    }
    if (!this.#closed) this.assign(splits, topics);
    return failure;
  }

  /** Ends all fetches, and the search. */
  close(): void {
    this.#closed = true;
    for (const fetch of this.#fetches.values()) fetch.close();
  }
}
