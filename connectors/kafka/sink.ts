import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RowError, RunError } from '../../engine/connector/errors.ts';
import type { Checkpoint, Sink } from '../../engine/connector/sink.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import type { Headers } from './batch-builder.ts';
import { Client, type Topic } from './client.ts';
import { messageLimits } from './message-limits.ts';
import { partitionOf } from './murmur2.ts';
import { Producer } from './producer.ts';
import { RowRecords, type RowRecordsOptions } from './row-records.ts';
import type { Settings } from './settings.ts';
import { topicsToWrite } from './sink-topics.ts';
import { StoredPositions } from './stored-positions.ts';
import { findTopics } from './topics.ts';
import { initProducer, Transaction } from './transaction.ts';

/** What a Kafka sink writes and how. */
export interface KafkaTarget extends RowRecordsOptions {
  readonly settings: Settings;
  /** Java's default for rows without key moves from partition to partition; 'fixed' is the first one. */
  readonly partitioner: 'default' | 'fixed';
  /** Exactly once: begins the transactional id; undefined: at least once. */
  readonly transactionalIdPrefix: string | undefined;
  readonly flush: { readonly maxRows: number; readonly interval: number };
  /** Only the last row of a key per commit is written. */
  readonly reduce: boolean;
}

/** Rows without key stay in one partition for so many rows, so that batches are worth sending. */
const stickyRows = 1024;
/** How long closing waits for an open transaction to be rolled back, ms. */
const lastWait = 2000;

type Held = [string, Buffer | null, Buffer | null, number, Headers | undefined];

/** Writes rows as records. With transactions, a commit makes records and positions visible together. */
export class KafkaSink implements Sink {
  readonly flush: { readonly maxRows: number; readonly interval: number };
  pending = 0;
  readonly #target: KafkaTarget;
  readonly #context: ConnectorContext;
  readonly #client: Client;
  readonly #records: RowRecords;
  readonly #sticky = new Map<string, { partition: number; left: number }>();
  /** Key → its last record, in the order of the keys' first ones; only where rows are reduced. */
  readonly #held = new Map<string, Held>();
  #producer: Producer | undefined;
  #transaction: Transaction | undefined;
  #positions: StoredPositions | undefined;

  constructor(target: KafkaTarget, context: ConnectorContext) {
    this.#target = target;
    this.#context = context;
    this.flush = target.flush;
    this.#client = new Client(target.settings, context.log);
    this.#records = new RowRecords(target, context);
  }

  async open(): Promise<void> {
    const { settings, topics, transactionalIdPrefix } = this.#target;
    await this.#client.open();
    const known =
      topics.kind === 'names'
        ? await topicsToWrite(this.#client, topics.names, this.#context.createTables)
        : await findTopics(this.#client, topics);
    const { acks, compression, batchBytes, bufferBytes, idempotent, deliveryTimeout, transactionTimeout } =
      settings.producer;
    const name = `${this.#context.job}.${this.#context.id}`;
    const transactionalId = transactionalIdPrefix === undefined ? null : `${transactionalIdPrefix}.${name}`;
    const [identity, limits] = await Promise.all([
      transactionalId !== null || idempotent
        ? initProducer(this.#client, transactionalId, transactionTimeout)
        : undefined,
      messageLimits(this.#client, [...known.keys()]),
    ]);
    if (transactionalId !== null && identity !== undefined) {
      this.#transaction = new Transaction(this.#client, transactionalId, identity);
      const carrier = this.#carrier(known);
      this.#positions = new StoredPositions(this.#client, `${transactionalId}.checkpoint`, carrier);
    }
    this.#producer = new Producer(this.#client, {
      acks: transactionalId === null ? acks : -1,
      compression,
      batchBytes,
      bufferBytes,
      timeout: settings.requestTimeout,
      patience: deliveryTimeout,
      identity,
      transaction: this.#transaction,
      taken: (bytes) => this.#context.counters.add('bytes_written', bytes),
    });
    for (const [topic, { leaders }] of known) this.#producer.addTopic(topic, leaders, limits.get(topic));
  }

  #carrier(topics: ReadonlyMap<string, Topic>) {
    const { topics: choice } = this.#target;
    const topic = choice.kind === 'names' ? choice.names[0] : [...topics.keys()].sort()[0];
    if (topic !== undefined) return { topic, partition: 0 };
    throw new RunError('missing-topic', "no topic matches option 'topic-pattern' yet: a checkpoint needs one", {
      help: 'create a topic of this pattern first',
    });
  }

  write(batch: RowBatch): void | Promise<void> {
    const producer = this.#producer!;
    const unknown = [...this.#records.topicsOf(batch)].filter((topic) => producer.partitions(topic) === 0);
    if (unknown.length > 0) return this.#writeTo(unknown, batch);
    this.#append(batch);
    if (producer.full) return producer.room();
  }

  /** Rows of a topic that the pattern allows and that was not there when the sink was opened. */
  async #writeTo(unknown: readonly string[], batch: RowBatch): Promise<void> {
    const topics = await topicsToWrite(this.#client, unknown, this.#context.createTables);
    const limits = await messageLimits(this.#client, unknown);
    for (const [topic, { leaders }] of topics) this.#producer!.addTopic(topic, leaders, limits.get(topic));
    this.#append(batch);
    await this.#producer!.room();
  }

  #append(batch: RowBatch): void {
    const { reduce, topics } = this.#target;
    const only = topics.kind === 'names' ? topics.names[0] : undefined;
    this.#records.write(batch, (named, key, value, timestamp, headers) => {
      const topic = named ?? only!;
      const excess = this.#producer!.excess(topic, key, value, timestamp, headers);
      if (excess !== undefined) throw this.#tooLarge(topic, excess);
      if (reduce && key !== null) {
        this.#held.set(`${topic}\0${key.toString('latin1')}`, [topic, key, value, timestamp, headers]);
        return;
      }
      this.pending++;
      this.#send(topic, key, value, timestamp, headers);
    });
    if (reduce) this.pending = this.#held.size;
  }

  #tooLarge(topic: string, { size, limit }: { size: number; limit: number }): RowError {
    const message = `a row of table '${this.#target.table.name}' is a record of ${size} bytes, topic '${topic}' takes ${limit}`;
    const help = "raise max.message.bytes of the topic, set 'properties.compression.type', or 'on-error.too-large'";
    return new RowError('record-too-large', 'too-large', message, help);
  }

  #send(...[topic, key, value, timestamp, headers]: Held): void {
    const producer = this.#producer!;
    producer.append(topic, this.#partition(topic, key, producer.partitions(topic)), key, value, timestamp, headers);
  }

  #partition(topic: string, key: Buffer | null, count: number): number {
    if (this.#target.partitioner === 'fixed') return 0;
    if (key !== null) return partitionOf(key, count);
    let sticky = this.#sticky.get(topic);
    if (sticky === undefined) {
      sticky = { partition: Math.floor(Math.random() * count), left: stickyRows };
      this.#sticky.set(topic, sticky);
    }
    if (sticky.left === 0) {
      sticky.partition = (sticky.partition + 1) % count;
      sticky.left = stickyRows;
    }
    sticky.left--;
    return sticky.partition;
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    const producer = this.#producer!;
    this.pending = 0;
    for (const record of this.#held.values()) this.#send(...record);
    this.#held.clear();
    for (const sticky of this.#sticky.values()) sticky.left = 0;
    await producer.flush();
    if (this.#transaction === undefined || this.#positions === undefined) return;
    await this.#positions.save(this.#transaction, checkpoint.positions);
    await this.#transaction.end(true);
    producer.proceed();
  }

  restore(source: string, splits: readonly string[]): Promise<Positions> {
    return this.#positions!.restore(source, splits);
  }

  async forget(): Promise<void> {
    await this.#positions!.forget(this.#transaction!);
    await this.#transaction!.end(true);
  }

  async close(): Promise<void> {
    this.#producer?.fail(new Error('the sink is closed'));
    await this.#rollBack();
    await this.#client.close();
  }

  /** An open transaction would hold up readers of the topics until its timeout. */
  async #rollBack(): Promise<void> {
    if (this.#transaction === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lastWait);
    });
    const end = this.#transaction.end(false).catch((error: unknown) => {
      this.#context.log.debug('kafka_rollback_failed', { reason: String(error) });
    });
    await Promise.race([end, limit]);
    clearTimeout(timer);
  }
}
