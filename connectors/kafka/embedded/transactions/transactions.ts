import { ErrorCode } from '../error-codes.ts';
import type { Groups } from '../groups/groups.ts';
import type { CommittedOffset } from '../groups/offsets.ts';
import { type ProducedBatch, type Refusal, refuse } from '../log/produced-batch.ts';
import type { Topics } from '../log/topics.ts';

/** Kafka's names of the states, as DescribeTransactions shows them. */
export type TransactionState = 'Empty' | 'Ongoing' | 'CompleteCommit' | 'CompleteAbort';

/** A transactional producer, by its transactional id; it outlives its transactions. */
export interface Transaction {
  readonly id: string;
  producerId: number;
  epoch: number;
  /** Milliseconds that a transaction may be open. */
  timeout: number;
  state: TransactionState;
  /** Milliseconds since 1970; -1 where none is open. */
  startedAt: number;
  /** Topic → partitions that records may be written to. */
  readonly partitions: Map<string, Set<number>>;
  /** Groups whose offsets are part of it. */
  readonly groups: Set<string>;
  timer: NodeJS.Timeout | undefined;
}

export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

/** What producers are when they know none yet. */
const noProducer = -1;
const maxEpoch = 32766;
const maxTimeout = 900_000;

/**
 * The transaction coordinator. Everything happens within one request: there is no moment in which a transaction is
 * decided but not yet written, so that clients never have to wait for one that ends.
 */
export class Transactions {
  readonly #topics: Topics;
  readonly #groups: Groups;
  readonly #byId = new Map<string, Transaction>();
  #nextProducerId = 1000;

  constructor(topics: Topics, groups: Groups) {
    this.#topics = topics;
    this.#groups = groups;
  }

  all(): Iterable<Transaction> {
    return this.#byId.values();
  }

  get(id: string): Transaction | undefined {
    return this.#byId.get(id);
  }

  /** Gives a producer its id and epoch. A transactional id that is in use is taken over: what its holder left is rolled back. */
  init(id: string | null, timeout: number, producerId: number, epoch: number): ProducerIdentity | ErrorCode {
    if (id === null) return { producerId: this.#nextProducerId++, epoch: 0 };
    if (id === '') return ErrorCode.invalidRequest;
    if (timeout <= 0 || timeout > maxTimeout) return ErrorCode.invalidTransactionTimeout;
    let transaction = this.#byId.get(id);
    if (transaction === undefined) {
      transaction = {
        id,
        producerId: this.#nextProducerId++,
        epoch: -1,
        timeout,
        state: 'Empty',
        startedAt: -1,
        partitions: new Map(),
        groups: new Set(),
        timer: undefined,
      };
      this.#byId.set(id, transaction);
    } else if (producerId !== noProducer) {
      if (producerId !== transaction.producerId) return ErrorCode.invalidProducerIdMapping;
      if (epoch !== transaction.epoch) return ErrorCode.producerFenced;
    }
    transaction.timeout = timeout;
    this.#renew(transaction);
    if (transaction.state === 'Ongoing') this.#end(transaction, false);
    transaction.state = 'Empty';
    return { producerId: transaction.producerId, epoch: transaction.epoch };
  }

  /** The transaction of a producer, or the error that says why it may not act in it. */
  find(id: string, producerId: number, epoch: number): Transaction | ErrorCode {
    const transaction = this.#byId.get(id);
    if (transaction === undefined || transaction.producerId !== producerId) return ErrorCode.invalidProducerIdMapping;
    return transaction.epoch === epoch ? transaction : ErrorCode.producerFenced;
  }

  addPartition(transaction: Transaction, topic: string, partition: number): void {
    this.#begin(transaction);
    const partitions = transaction.partitions.get(topic);
    if (partitions === undefined) transaction.partitions.set(topic, new Set([partition]));
    else partitions.add(partition);
  }

  addGroup(transaction: Transaction, group: string): void {
    this.#begin(transaction);
    transaction.groups.add(group);
  }

  addOffset(transaction: Transaction, group: string, topic: string, partition: number, offset: CommittedOffset): void {
    this.#groups.getOrCreate(group).offsets.commitInTransaction(transaction.producerId, topic, partition, offset);
  }

  /** Commits or rolls back. Doing again what was done last is no error: the answer may have been lost. */
  end(transaction: Transaction, commit: boolean): ErrorCode {
    const done = commit ? 'CompleteCommit' : 'CompleteAbort';
    if (transaction.state === done) return ErrorCode.none;
    if (transaction.state !== 'Ongoing') return ErrorCode.invalidTxnState;
    this.#end(transaction, commit);
    return ErrorCode.none;
  }

  /** Whether a transactional batch belongs to an open transaction that holds the partition. */
  checkProduce(id: string | null, batch: ProducedBatch, topic: string, partition: number): Refusal | undefined {
    const found = id === null ? ErrorCode.invalidRequest : this.find(id, batch.producerId, batch.producerEpoch);
    if (typeof found === 'number') {
      // Produce has no fencing error of its own in old versions; Kafka answers with the epoch in all of them.
      const code = found === ErrorCode.producerFenced ? ErrorCode.invalidProducerEpoch : found;
      return refuse(code, `producer ${batch.producerId} with epoch ${batch.producerEpoch} does not hold '${id}'`);
    }
    if (found.state === 'Ongoing' && found.partitions.get(topic)?.has(partition)) return undefined;
    return refuse(ErrorCode.invalidTxnState, `${topic}-${partition} was not added to the transaction of '${id}'`);
  }

  /** Rolls nothing back: the broker and all it holds go away. */
  close(): void {
    for (const transaction of this.#byId.values()) clearTimeout(transaction.timer);
  }

  #begin(transaction: Transaction): void {
    if (transaction.state === 'Ongoing') return;
    transaction.state = 'Ongoing';
    transaction.startedAt = Date.now();
    transaction.timer = setTimeout(() => {
      this.#renew(transaction);
      this.#end(transaction, false);
    }, transaction.timeout);
  }

  /** Shuts out whoever holds the current epoch. */
  #renew(transaction: Transaction): void {
    if (transaction.epoch >= maxEpoch) {
      if (transaction.state === 'Ongoing') this.#end(transaction, false);
      transaction.producerId = this.#nextProducerId++;
      transaction.epoch = -1;
    }
    transaction.epoch++;
  }

  #end(transaction: Transaction, commit: boolean): void {
    clearTimeout(transaction.timer);
    transaction.timer = undefined;
    for (const [topic, partitions] of transaction.partitions) {
      for (const partition of partitions) {
        this.#topics.partition(topic, partition)?.endTransaction(transaction.producerId, transaction.epoch, commit);
      }
    }
    for (const group of transaction.groups) {
      this.#groups.get(group)?.offsets.endTransaction(transaction.producerId, commit);
    }
    transaction.partitions.clear();
    transaction.groups.clear();
    transaction.startedAt = -1;
    transaction.state = commit ? 'CompleteCommit' : 'CompleteAbort';
    this.#topics.enforceLimit();
  }
}
