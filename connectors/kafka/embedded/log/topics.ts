import { randomBytes } from 'node:crypto';
import { PartitionLog } from './partition-log.ts';

/** A topic; `configs` holds what was set, not the defaults. */
export interface Topic {
  readonly name: string;
  readonly id: string;
  readonly partitions: PartitionLog[];
  readonly configs: Map<string, string>;
}

/** All topics of the broker; together their records take at most `maxBytes` of memory. */
export class Topics {
  readonly #byName = new Map<string, Topic>();
  readonly #byId = new Map<string, Topic>();
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  all(): Iterable<Topic> {
    return this.#byName.values();
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  partition(name: string, index: number): PartitionLog | undefined {
    return this.#byName.get(name)?.partitions[index];
  }

  /** Creates a topic that does not exist yet. */
  create(name: string, partitions: number, configs: Iterable<[string, string]> = []): Topic {
    const topic: Topic = {
      name,
      id: randomBytes(16).toString('hex'),
      partitions: Array.from({ length: partitions }, () => new PartitionLog()),
      configs: new Map(configs),
    };
    this.#byName.set(name, topic);
    this.#byId.set(topic.id, topic);
    return topic;
  }

  /** Adds partitions up to `count`. */
  grow(topic: Topic, count: number): void {
    while (topic.partitions.length < count) topic.partitions.push(new PartitionLog());
  }

  delete(topic: Topic): void {
    this.#byName.delete(topic.name);
    this.#byId.delete(topic.id);
  }

  /** Drops the oldest records of the largest partitions until all fit into memory. Called after each append. */
  enforceLimit(): void {
    let size = 0;
    for (const topic of this.#byName.values()) for (const log of topic.partitions) size += log.size;
    if (size <= this.#maxBytes) return;
    const logs = [...this.#byName.values()].flatMap((t) => t.partitions);
    while (size > this.#maxBytes) {
      const before = size;
      for (const log of logs.sort((a, b) => b.size - a.size)) {
        const had = log.size;
        if (!log.dropOldest()) continue;
        size -= had - log.size;
        break;
      }
      if (size === before) return;
    }
  }
}

/** Whether Kafka takes the name for a topic. */
export function isTopicName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..';
}
