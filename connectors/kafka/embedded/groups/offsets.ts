/** A committed position of a group in one partition. */
export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

/** The committed offsets of one group, and those that open transactions are to commit. */
export class GroupOffsets {
  readonly #committed = new Map<string, Map<number, CommittedOffset>>();
  /** Producer id → its offsets by topic and partition. */
  readonly #pending = new Map<number, Map<string, Map<number, CommittedOffset>>>();

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(topic)?.get(partition);
  }

  all(): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#committed;
  }

  commit(topic: string, partition: number, offset: CommittedOffset): void {
    put(this.#committed, topic, partition, offset);
  }

  commitInTransaction(producerId: number, topic: string, partition: number, offset: CommittedOffset): void {
    let own = this.#pending.get(producerId);
    if (own === undefined) {
      own = new Map();
      this.#pending.set(producerId, own);
    }
    put(own, topic, partition, offset);
  }

  endTransaction(producerId: number, commit: boolean): void {
    const own = this.#pending.get(producerId);
    this.#pending.delete(producerId);
    if (!commit || own === undefined) return;
    for (const [topic, partitions] of own) {
      for (const [partition, offset] of partitions) this.commit(topic, partition, offset);
    }
  }

  /** Whether an open transaction may still change the offset. */
  isUnstable(topic: string, partition: number): boolean {
    for (const own of this.#pending.values()) if (own.get(topic)?.has(partition)) return true;
    return false;
  }

  delete(topic: string, partition?: number): void {
    if (partition === undefined) this.#committed.delete(topic);
    else this.#committed.get(topic)?.delete(partition);
  }
}

function put(
  into: Map<string, Map<number, CommittedOffset>>,
  topic: string,
  partition: number,
  offset: CommittedOffset,
): void {
  let partitions = into.get(topic);
  if (partitions === undefined) {
    partitions = new Map();
    into.set(topic, partitions);
  }
  partitions.set(partition, offset);
}
