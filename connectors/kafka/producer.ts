import { RunError } from '../../engine/connector/errors.ts';
import { BatchBuilder, type BatchStamp, type Headers } from './batch-builder.ts';
import type { Client } from './client.ts';
import { isLeaderChange } from './client-errors.ts';
import { compressor } from './compression.ts';
import type { Compression } from './compressions.ts';
import { call } from './connection.ts';
import { groupBy } from './group-by.ts';
import { produceApi } from './produce-request.ts';
import { isRetriable, isTaken, produceError } from './producer-errors.ts';
import { batchHeaderSize } from './record-batch.ts';
import { splitName } from './split.ts';
import type { ProducerIdentity, Transaction } from './transaction.ts';

export interface ProducerOptions {
  readonly acks: number;
  readonly compression: Compression;
  /** A batch that has grown so large is sent. */
  readonly batchBytes: number;
  /** Writing waits while so many bytes are not acknowledged. */
  readonly bufferBytes: number;
  /** How long one request may take, ms. */
  readonly timeout: number;
  /** How long a batch is sent again and again, ms. */
  readonly patience: number;
  /** Absent: batches that are sent again may be written twice. */
  readonly identity: ProducerIdentity | undefined;
  readonly transaction: Transaction | undefined;
  /** A broker took a batch of so many bytes. */
  readonly taken?: (bytes: number) => void;
}

/** Brokers refuse requests of 100 MB by default; far smaller ones keep memory small. */
const requestBytes = 8 * 1024 * 1024;

/** A batch on its way. `generation`: the flush that it belongs to. */
interface Sealed {
  readonly batch: Buffer;
  readonly generation: number;
  readonly since: number;
}

/** The batches of one topic-partition, in order: one is filled, others wait, the first is on its way. */
interface Lane {
  readonly topic: string;
  readonly partition: number;
  leader: number;
  /** Bytes of a batch that the topic takes, as far as known. */
  readonly limit: number;
  /** What a batch of several records may have of it before compression, which may make it a little larger. */
  readonly room: number;
  sequence: number;
  filling: BatchBuilder | undefined;
  readonly waiting: Sealed[];
}

/**
 * Writes records to partitions in the order in which they are given. Batches are sent when they are full and at
 * `flush`; batches of different partitions of a broker share requests, one under way at a time.
 */
export class Producer {
  readonly #client: Client;
  readonly #options: ProducerOptions;
  readonly #compress: (bytes: Buffer) => Buffer;
  readonly #lanes = new Map<string, Lane[]>();
  readonly #sending = new Set<number>();
  #buffered = 0;
  #generation = 0;
  /** Batches of later generations wait: they belong to the next transaction. */
  #sendable = 0;
  #failure: unknown;
  #waiters: (() => void)[] = [];
  #relocating: Promise<void> | undefined;

  constructor(client: Client, options: ProducerOptions) {
    this.#client = client;
    this.#options = options;
    this.#compress = compressor(options.compression);
  }

  /** Makes a topic known, with its leaders by partition and how many bytes of a batch it takes, if that is known. */
  addTopic(topic: string, leaders: ReadonlyMap<number, number>, limit = Infinity): void {
    const lanes = [...leaders]
      .sort(([a], [b]) => a - b)
      .map(
        ([partition, leader]): Lane => ({
          topic,
          partition,
          leader,
          limit,
          room: limit * (1 - 1 / 256),
          sequence: 0,
          filling: undefined,
          waiting: [],
        }),
      );
    this.#lanes.set(topic, lanes);
  }

  /** Number of partitions of a topic; 0 where it is not known. */
  partitions(topic: string): number {
    return this.#lanes.get(topic)?.length ?? 0;
  }

  /** Whether writing should wait for `room`. */
  get full(): boolean {
    return this.#buffered >= this.#options.bufferBytes;
  }

  /** Adds a record; null is NULL. */
  append(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers | undefined,
  ): void {
    if (this.#failure !== undefined) throw this.#failure;
    const lane = this.#lanes.get(topic)![partition]!;
    if (lane.filling !== undefined && lane.filling.size + boundOf(key, value, headers) > lane.room) {
      this.#seal(lane);
    }
    lane.filling ??= new BatchBuilder(4096);
    const { size } = lane.filling;
    lane.filling.append(key, value, timestamp, headers);
    this.#buffered += lane.filling.size - size;
    if (lane.filling.size >= Math.min(this.#options.batchBytes, lane.room)) {
      this.#seal(lane);
      this.#pump();
    }
  }

  /** How large a record is alone in its batch, as it would be sent, where its topic does not take so much. */
  excess(
    topic: string,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers | undefined,
  ): { readonly size: number; readonly limit: number } | undefined {
    const limit = this.#lanes.get(topic)![0]?.limit ?? Infinity;
    const bound = batchHeaderSize + boundOf(key, value, headers);
    if (bound <= limit) return undefined;
    const alone = new BatchBuilder(bound);
    alone.append(key, value, timestamp, headers);
    const size = alone.build({ ...this.#stamp(), baseSequence: 0 }).length;
    return size > limit ? { size, limit } : undefined;
  }

  /** Resolves when less is buffered; rejects where records cannot be written. */
  async room(): Promise<void> {
    // Batches that are not full yet would otherwise be waited for by those who fill them.
    for (const lane of this.#all()) if (lane.waiting.length === 0) this.#seal(lane);
    this.#pump();
    await this.#until(() => !this.full);
  }

  /** Sends all that was added; resolves when brokers have it. Records added meanwhile belong to the next flush. */
  async flush(): Promise<void> {
    for (const lane of this.#all()) this.#seal(lane);
    const flushed = this.#generation++;
    if (this.#options.transaction === undefined) this.#sendable = this.#generation;
    this.#pump();
    await this.#until(() => !this.#all().some((lane) => (lane.waiting[0]?.generation ?? Infinity) <= flushed));
  }

  /** The transaction of the last flush has ended: batches that came since may go. */
  proceed(): void {
    this.#sendable = this.#generation;
    this.#pump();
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  #all(): Lane[] {
    return [...this.#lanes.values()].flat();
  }

  #seal(lane: Lane): void {
    const { filling } = lane;
    if (filling === undefined) return;
    lane.filling = undefined;
    const { size } = filling;
    const baseSequence = this.#options.identity === undefined ? -1 : lane.sequence;
    const batch = filling.build({ ...this.#stamp(), baseSequence });
    lane.sequence = (lane.sequence + filling.count) % 2 ** 31;
    this.#buffered += batch.length - size;
    lane.waiting.push({ batch, generation: this.#generation, since: Date.now() });
  }

  #stamp(): Omit<BatchStamp, 'baseSequence'> {
    const { identity, transaction, compression } = this.#options;
    return {
      producerId: identity?.id ?? -1n,
      producerEpoch: identity?.epoch ?? -1,
      transactional: transaction !== undefined,
      compression,
      compress: this.#compress,
    };
  }

  /** Begins a request to each broker that has something to get and none under way. */
  #pump(): void {
    if (this.#failure !== undefined) return;
    const due = this.#all().filter((lane) => (lane.waiting[0]?.generation ?? Infinity) <= this.#sendable);
    for (const [leader, lanes] of groupBy(due, (lane) => lane.leader)) {
      if (this.#sending.has(leader)) continue;
      if (leader < 0) this.#relocate();
      else {
        this.#sending.add(leader);
        void this.#send(leader, oldestLanes(lanes));
      }
    }
  }

  async #send(leader: number, lanes: readonly Lane[]): Promise<void> {
    const { acks, timeout, transaction } = this.#options;
    const batches = new Map(lanes.map((lane) => [lane, lane.waiting[0]!]));
    let troubled = false;
    try {
      await transaction?.add(lanes);
      const request = {
        transactionalId: transaction?.transactionalId ?? null,
        acks,
        timeout,
        topics: [...groupBy(lanes, (lane) => lane.topic)].map(
          ([topic, ls]) =>
            [topic, ls.map((lane) => ({ partition: lane.partition, batch: batches.get(lane)!.batch }))] as const,
        ),
      };
      const answers = await this.#client.ask(leader, (connection) => call(connection, produceApi, request));
      for (const answer of answers) {
        const lane = this.#lanes.get(answer.topic)![answer.partition]!;
        if (isTaken(answer.errorCode)) {
          const { length } = lane.waiting.shift()!.batch;
          this.#buffered -= length;
          this.#options.taken?.(length);
        } else if (isRetriable(answer.errorCode)) {
          troubled = true;
          if (isLeaderChange(answer.errorCode)) lane.leader = -1;
        } else {
          const where = `partition ${splitName(answer.topic, answer.partition)}`;
          throw produceError(answer.errorCode, answer.topic, where, answer.message, this.#client.settings);
        }
      }
    } catch (error) {
      if (!(error instanceof RunError) || !error.passing) this.fail(error);
      else if (this.#expired(lanes)) this.fail(error);
      else for (const lane of lanes) lane.leader = -1;
      troubled = true;
    }
    if (troubled && this.#failure === undefined) {
      if (this.#expired(lanes)) {
        const names = lanes.map((lane) => splitName(lane.topic, lane.partition)).join(', ');
        this.fail(new RunError('kafka-unavailable', `records for ${names} are not accepted`, { passing: true }));
      } else await new Promise((resolve) => setTimeout(resolve, this.#client.settings.backoff));
    }
    this.#sending.delete(leader);
    this.#wake();
    this.#pump();
  }

  #expired(lanes: readonly Lane[]): boolean {
    const oldest = Math.min(...lanes.map((lane) => lane.waiting[0]?.since ?? Infinity));
    return Date.now() - oldest > this.#options.patience;
  }

  /** Finds the leaders of lanes that have lost theirs. */
  #relocate(): void {
    if (this.#relocating !== undefined) return;
    const find = async (): Promise<void> => {
      const homeless = this.#all().filter((lane) => lane.leader < 0);
      const topics = await this.#client.metadata([...new Set(homeless.map((lane) => lane.topic))]);
      for (const lane of homeless) lane.leader = topics.get(lane.topic)?.leaders.get(lane.partition) ?? -1;
    };
    const done = async (wait: number): Promise<void> => {
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      this.#relocating = undefined;
      const homeless = this.#all().filter((lane) => lane.leader < 0 && lane.waiting.length > 0);
      if (homeless.length > 0 && this.#expired(homeless)) {
        const names = homeless.map((lane) => splitName(lane.topic, lane.partition)).join(', ');
        this.fail(new RunError('kafka-unavailable', `${names} cannot be reached for writing`, { passing: true }));
      } else this.#pump();
    };
    const { maxBackoff, backoff } = this.#client.settings;
    this.#relocating = find().then(
      () => done(this.#all().some((lane) => lane.leader < 0) ? backoff : 0),
      (error: unknown) => {
        if (error instanceof RunError && error.passing) return done(maxBackoff);
        this.fail(error);
        return undefined;
      },
    );
  }

  async #until(met: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (met()) return;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

/** No record of these parts has more bytes in a batch. */
function boundOf(key: Uint8Array | null, value: Uint8Array | null, headers: Headers | undefined): number {
  let size = 32 + (key?.length ?? 0) + (value?.length ?? 0);
  if (headers !== undefined) for (const [name, text] of headers) size += 10 + 3 * name.length + (text?.length ?? 0);
  return size;
}

/** The lanes whose batches have waited longest, as many as fit into one request. */
function oldestLanes(lanes: readonly Lane[]): Lane[] {
  const sorted = [...lanes].sort((a, b) => a.waiting[0]!.since - b.waiting[0]!.since);
  let size = 0;
  const chosen = sorted.findIndex((lane) => {
    size += lane.waiting[0]!.batch.length;
    return size > requestBytes;
  });
  return chosen < 0 ? sorted : sorted.slice(0, Math.max(1, chosen));
}
