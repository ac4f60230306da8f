import { randomBytes } from 'node:crypto';
import { type Admin, type IHeaders, Kafka, logLevel, type Message, Partitioners } from 'kafkajs';
import { until } from './child.ts';

/** A message for `produce`: kafkajs chooses the partition where none is given. */
export interface TestMessage {
  readonly key?: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly partition?: number;
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A name nothing else in this or an earlier run has. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/** Creates a topic, by default with a unique name and two partitions; returns its name once it can be written to. */
export async function createTopic(
  kafka: string,
  options: { name?: string; partitions?: number; config?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const topic = options.name ?? uniqueName();
  const configEntries = Object.entries(options.config ?? {}).map(([name, value]) => ({ name, value }));
  const numPartitions = options.partitions ?? 2;
  await withAdmin(kafka, async (admin) => {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, configEntries }] });
    await until(`topic ${topic}`, async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]!.partitions.filter((partition) => partition.leader >= 0).length === numPartitions;
    });
  });
  return topic;
}

/** Produces with kafkajs, in the order given per partition; resolves when the broker has all of them. */
export function produce(kafka: string, topic: string, messages: readonly TestMessage[]): Promise<void> {
  return produceTo(
    kafka,
    messages.map((message) => ({ ...message, topic })),
  );
}

/** As `produce`, to the topic that each message names. */
export async function produceTo(kafka: string, messages: readonly TopicMessage[]): Promise<void> {
  const producer = await openProducer(kafka);
  try {
    await producer.send(messages);
  } finally {
    await producer.close();
  }
}

/** A message and its topic. */
export type TopicMessage = TestMessage & { readonly topic: string };

/** A connected kafkajs producer, for tests that produce again and again. */
export interface TestProducer {
  /** Resolves when the broker has all of them. */
  send(messages: readonly TopicMessage[]): Promise<void>;
  close(): Promise<void>;
}

/** Connects a producer. Idempotent: a retry after a partition had no leader yet must not write the others twice. */
export async function openProducer(kafka: string): Promise<TestProducer> {
  const producer = client(kafka).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
  });
  await producer.connect();
  return {
    async send(messages) {
      for (let at = 0; at < messages.length; at += 10_000) {
        const batches = new Map<string, Message[]>();
        for (const { topic, ...message } of messages.slice(at, at + 10_000)) {
          const batch = batches.get(topic) ?? [];
          batches.set(topic, batch);
          batch.push(toKafkajs(message));
        }
        await producer.sendBatch({ topicMessages: [...batches].map(([topic, m]) => ({ topic, messages: m })) });
      }
    },
    close: () => producer.disconnect(),
  };
}

function toKafkajs({ key, timestamp, headers, ...message }: TestMessage): Message {
  return {
    ...message,
    key: key ?? null,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
  };
}

/** A message as an independent client (kafkajs, read_committed) sees it. */
export interface ReadMessage {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: string;
  readonly headers: IHeaders;
}

/** Reads a topic from its beginning to the end it has now, ordered by partition and offset. */
export async function readTopic(kafka: string, topic: string): Promise<ReadMessage[]> {
  const ends = await endOffsets(kafka, topic);
  const left = new Set([...ends].filter(([, end]) => end > 0).map(([partition]) => partition));
  const read: ReadMessage[] = [];
  if (left.size === 0) return read;
  const consumer = client(kafka).consumer({ groupId: uniqueName('reader'), readUncommitted: false });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      // The end is known from the position, not from a message: the last offset may be a transaction's marker.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (Number(payload.lastOffset) + 1 >= ends.get(payload.partition)!) left.delete(payload.partition);
        if (left.size === 0) resolve();
      });
      void consumer
        .run({
          eachBatchAutoResolve: true,
          eachBatch: async ({ batch }) => {
            for (const m of batch.messages) {
              read.push({
                partition: batch.partition,
                offset: m.offset,
                key: m.key?.toString() ?? null,
                value: m.value?.toString() ?? null,
                timestamp: m.timestamp,
                headers: m.headers ?? {},
              });
            }
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return read.sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
}

/** A group's committed offset per partition; partitions without one are absent. */
export async function committedOffsets(kafka: string, groupId: string, topic: string): Promise<Map<number, number>> {
  return withAdmin(kafka, async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const known = (found?.partitions ?? []).filter((p) => Number(p.offset) >= 0);
    return new Map(known.map((p) => [p.partition, Number(p.offset)]));
  });
}

/** The offset after the last message, per partition. */
export async function endOffsets(kafka: string, topic: string): Promise<Map<number, number>> {
  const found = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(found.map((p) => [p.partition, Number(p.high)]));
}

/** True when the broker answers and knows itself; fails or returns false where not yet. */
export async function isKafkaUp(kafka: string): Promise<boolean> {
  return withAdmin(kafka, async (admin) => (await admin.describeCluster()).brokers.length > 0);
}

/** Runs `use` with kafkajs' admin client. */
export async function withAdmin<T>(kafka: string, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client(kafka).admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

function client(kafka: string): Kafka {
  return new Kafka({
    brokers: [kafka],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    retry: { retries: 5, initialRetryTime: 100 },
  });
}
