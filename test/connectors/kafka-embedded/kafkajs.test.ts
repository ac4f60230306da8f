import {
  CompressionTypes,
  type Consumer,
  type EachMessagePayload,
  Kafka,
  type KafkaMessage,
  logLevel,
  type Message,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';
import { until } from '../../servers/index.ts';
import { RawClient } from './raw-client.ts';

// kafkajs is an independent client: what it makes of the broker's bytes is what the protocol says.

let broker: EmbeddedBroker;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startEmbeddedBroker();
  kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });
});

afterAll(() => broker.close());

async function produce(topic: string, values: readonly string[], partition = 0): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
  await producer.disconnect();
}

async function createTopic(topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] });
  await admin.disconnect();
}

/** Starts a consumer that collects values; its rebalances take 200 ms instead of seconds. */
async function collect(groupId: string, topic: string, into: (payload: EachMessagePayload) => void): Promise<Consumer> {
  const consumer = kafka.consumer({
    groupId,
    heartbeatInterval: 100,
    sessionTimeout: 1000,
    rebalanceTimeout: 2000,
    maxWaitTimeInMs: 100,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async (payload) => into(payload) });
  return consumer;
}

describe('records', () => {
  it('come back as they were sent: keys, values, headers, timestamps', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const message = { key: 'k', value: 'v', headers: { h: 'x' }, timestamp: '1700000000123' };
    const sent = await producer.send({ topic: 'records', messages: [message, { value: null, key: null }] });
    expect(sent).toMatchObject([{ topicName: 'records', errorCode: 0, baseOffset: '0' }]);
    await producer.disconnect();
    const seen: EachMessagePayload[] = [];
    const consumer = await collect('records', 'records', (payload) => seen.push(payload));
    await until('two messages', () => seen.length === 2);
    await consumer.disconnect();
    expect(seen[0]!.message).toMatchObject({
      offset: '0',
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      timestamp: '1700000000123',
      headers: { h: Buffer.from('x') },
    });
    expect(seen[1]!.message).toMatchObject({ offset: '1', key: null, value: null });
  });

  it('larger than one fetch arrive whole and in order', async () => {
    const values = Array.from({ length: 40 }, (_, i) => `${i}:${'x'.repeat(50_000)}`);
    for (const value of values) await produce('large', [value]);
    const seen: string[] = [];
    const consumer = await collect('large', 'large', ({ message }) => seen.push(message.value!.toString()));
    await until('all messages', () => seen.length === values.length);
    await consumer.disconnect();
    expect(seen).toEqual(values);
  });

  it('that do not fit are refused by name of the error', async () => {
    const producer = kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    const tooLarge = producer.send({ topic: 'refused', messages: [{ value: 'x'.repeat(1_100_000) }] });
    await expect(tooLarge).rejects.toThrow('The request included a message larger than the max message size');
    await producer.disconnect();
  });
});

describe('topics that change what they take', () => {
  const topicWith = async (topic: string, name: string, value: string): Promise<void> => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, configEntries: [{ name, value }] }] });
    await admin.disconnect();
  };
  const produceOne = async (topic: string, message: Message, compression: CompressionTypes) => {
    const producer = kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    try {
      return await producer.send({ topic, messages: [message], compression });
    } finally {
      await producer.disconnect();
    }
  };
  const readOne = async (topic: string): Promise<KafkaMessage> => {
    const seen: KafkaMessage[] = [];
    const consumer = await collect(`reads ${topic}`, topic, ({ message }) => seen.push(message));
    await until('the message', () => seen.length === 1);
    await consumer.disconnect();
    return seen[0]!;
  };

  it.each([
    ['gzip', CompressionTypes.None, 1],
    ['uncompressed', CompressionTypes.GZIP, 0],
  ])('compress as they say: %s', async (type, compression, code) => {
    await topicWith(`compressed-${type}`, 'compression.type', type);
    const value = 'x'.repeat(1000);
    await produceOne(`compressed-${type}`, { value }, compression);
    const message = await readOne(`compressed-${type}`);
    expect(message.value!.toString()).toBe(value);
    const raw = new RawClient(broker.address);
    expect((await raw.fetch(`compressed-${type}`, 0)).bytes.readInt16BE(21) & 7).toBe(code);
    raw.close();
  });

  it("give records the broker's time", async () => {
    await topicWith('append-time', 'message.timestamp.type', 'LogAppendTime');
    const before = Date.now();
    const [sent] = await produceOne('append-time', { value: 'v', timestamp: '1000' }, CompressionTypes.None);
    expect(Number(sent!.logAppendTime)).toBeGreaterThanOrEqual(before);
    expect((await readOne('append-time')).timestamp).toBe(sent!.logAppendTime);
  });

  it('want keys where they are compacted', async () => {
    await topicWith('compacted', 'cleanup.policy', 'compact');
    await produceOne('compacted', { key: 'k', value: 'v' }, CompressionTypes.GZIP);
    await expect(produceOne('compacted', { value: 'v' }, CompressionTypes.GZIP)).rejects.toThrow();
  });
});

describe('groups', () => {
  it('share partitions, and go on from committed offsets after a restart', async () => {
    await createTopic('shared', 2);
    const seenBy: Record<string, Set<number>> = { a: new Set(), b: new Set() };
    let count = 0;
    const see = (who: string) => (payload: EachMessagePayload) => {
      seenBy[who]!.add(payload.partition);
      count++;
    };
    const a = await collect('sharing', 'shared', see('a'));
    await produce('shared', ['1'], 0);
    await produce('shared', ['2'], 1);
    await until('one consumer reads both partitions', () => seenBy.a!.size === 2);
    const b = await collect('sharing', 'shared', see('b'));
    await until('each consumer reads one partition', async () => {
      seenBy.a!.clear();
      seenBy.b!.clear();
      const before = count;
      await produce('shared', ['x'], 0);
      await produce('shared', ['x'], 1);
      await until('both messages', () => count === before + 2);
      return seenBy.a!.size === 1 && seenBy.b!.size === 1 && [...seenBy.a!][0] !== [...seenBy.b!][0];
    });
    await Promise.all([a.disconnect(), b.disconnect()]);
    await produce('shared', ['last']);
    const after: string[] = [];
    const c = await collect('sharing', 'shared', ({ message }) => after.push(message.value!.toString()));
    await until('the last message', () => after.includes('last'));
    await c.disconnect();
    expect(after).toEqual(['last']);
  });

  it('are empty when their members left, and can be deleted then', async () => {
    const admin = kafka.admin();
    await admin.connect();
    await createTopic('left', 1);
    const state = async () => (await admin.describeGroups(['left'])).groups[0]!;
    const consumer = await collect('left', 'left', () => {});
    await until('the member', async () => (await state()).state === 'Stable');
    expect((await state()).members).toHaveLength(1);
    await expect(admin.deleteGroups(['left'])).rejects.toThrow();
    await consumer.disconnect();
    expect((await state()).state).toBe('Empty');
    await admin.deleteGroups(['left']);
    expect((await admin.listGroups()).groups.map((g) => g.groupId)).not.toContain('left');
    await admin.disconnect();
  });
});

describe('admin', () => {
  it('creates, extends, describes and deletes topics', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const config = [{ name: 'cleanup.policy', value: 'compact' }];
    expect(await admin.createTopics({ topics: [{ topic: 'admin', numPartitions: 2, configEntries: config }] })).toBe(
      true,
    );
    expect(await admin.createTopics({ topics: [{ topic: 'admin' }] })).toBe(false);
    await admin.createPartitions({ topicPartitions: [{ topic: 'admin', count: 3 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: ['admin'] });
    expect(topics[0]!.partitions.map((p) => p.partitionId).sort()).toEqual([0, 1, 2]);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: 'admin', configNames: ['cleanup.policy'] }],
    });
    expect(resources[0]!.configEntries).toMatchObject([{ configName: 'cleanup.policy', configValue: 'compact' }]);
    await admin.deleteTopics({ topics: ['admin'] });
    expect(await admin.listTopics()).not.toContain('admin');
    await expect(admin.createTopics({ topics: [{ topic: 'no good' }] })).rejects.toThrow();
    await admin.disconnect();
  });

  it('lists, sets and deletes offsets', async () => {
    const admin = kafka.admin();
    await admin.connect();
    await createTopic('offsets', 1);
    const producer = kafka.producer();
    await producer.connect();
    for (const timestamp of ['1000', '2000', '3000']) {
      await producer.send({ topic: 'offsets', messages: [{ value: 'v', timestamp }] });
    }
    await producer.disconnect();
    expect(await admin.fetchTopicOffsets('offsets')).toEqual([{ partition: 0, offset: '3', high: '3', low: '0' }]);
    expect(await admin.fetchTopicOffsetsByTimestamp('offsets', 1500)).toEqual([{ partition: 0, offset: '1' }]);
    expect(await admin.fetchTopicOffsetsByTimestamp('offsets', 9999)).toEqual([{ partition: 0, offset: '3' }]);
    await admin.setOffsets({ groupId: 'set', topic: 'offsets', partitions: [{ partition: 0, offset: '2' }] });
    const [fetched] = await admin.fetchOffsets({ groupId: 'set', topics: ['offsets'] });
    expect(fetched!.partitions).toMatchObject([{ partition: 0, offset: '2' }]);
    await admin.deleteTopicRecords({ topic: 'offsets', partitions: [{ partition: 0, offset: '2' }] });
    expect(await admin.fetchTopicOffsets('offsets')).toMatchObject([{ low: '2', high: '3' }]);
    await admin.disconnect();
  });
});

describe('transactions', () => {
  it('are read once committed, never when aborted, together with their offsets', async () => {
    await createTopic('tx', 1);
    const producer = kafka.producer({ transactionalId: 'tx', maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const committed = await producer.transaction();
    await committed.send({ topic: 'tx', messages: [{ value: 'committed' }] });
    await committed.sendOffsets({
      consumerGroupId: 'tx',
      topics: [{ topic: 'tx', partitions: [{ partition: 0, offset: '5' }] }],
    });
    await committed.commit();
    const aborted = await producer.transaction();
    await aborted.send({ topic: 'tx', messages: [{ value: 'aborted' }] });
    await aborted.sendOffsets({
      consumerGroupId: 'tx',
      topics: [{ topic: 'tx', partitions: [{ partition: 0, offset: '6' }] }],
    });
    await aborted.abort();
    await producer.send({ topic: 'tx', messages: [{ value: 'afterwards' }] });
    await producer.disconnect();
    const seen: string[] = [];
    const consumer = await collect('tx-reader', 'tx', ({ message }) => seen.push(message.value!.toString()));
    await until('what follows the aborted one', () => seen.includes('afterwards'));
    await consumer.disconnect();
    expect(seen).toEqual(['committed', 'afterwards']);
    const admin = kafka.admin();
    await admin.connect();
    const [offsets] = await admin.fetchOffsets({ groupId: 'tx', topics: ['tx'] });
    expect(offsets!.partitions).toMatchObject([{ partition: 0, offset: '5' }]);
    await admin.disconnect();
  });
});
