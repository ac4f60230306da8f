import {
  Admin,
  Consumer,
  MessagesStreamModes,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startEmbeddedBroker({ topics: [{ name: 'two', partitions: 2 }] });
});

afterAll(() => broker.close());

const base = () => ({ clientId: 'test', bootstrapBrokers: [broker.address] });

describe('@platformatic/kafka', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4'] as const)('produces and consumes in a group, %s', async (compression) => {
    const topic = `group-${compression}`;
    const producer = new Producer({ ...base(), serializers: stringSerializers, compression, autocreateTopics: true });
    const messages = Array.from({ length: 100 }, (_, i) => ({ topic, key: `k${i}`, value: `v${i}`.repeat(20) }));
    const produced = await producer.send({ messages, acks: ProduceAcks.ALL });
    expect(produced.offsets).toMatchObject([{ topic, partition: 0, offset: 0n }]);
    await producer.close();
    const consumer = new Consumer({ ...base(), groupId: topic, deserializers: stringDeserializers });
    const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, autocommit: false });
    const seen: string[] = [];
    for await (const message of stream) {
      seen.push(`${message.offset} ${message.key} ${message.value}`);
      if (seen.length === messages.length) {
        await message.commit();
        break;
      }
    }
    await consumer.close(true);
    expect(seen).toEqual(messages.map((m, i) => `${i} ${m.key} ${m.value}`));
    const again = new Consumer({ ...base(), groupId: topic });
    const offsets = await again.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] });
    expect(offsets.get(topic)).toEqual([100n]);
    await again.close(true);
  });

  it('administers topics and groups', async () => {
    const admin = new Admin(base());
    await admin.createTopics({ topics: ['made'], partitions: 3, replicas: 1 });
    const metadata = await admin.metadata({ topics: ['made'] });
    expect(metadata.topics.get('made')!.partitionsCount).toBe(3);
    await expect(admin.createTopics({ topics: ['made'], partitions: 3, replicas: 1 })).rejects.toThrow();
    await admin.deleteTopics({ topics: ['made'] });
    expect(await admin.listTopics()).not.toContain('made');
    await admin.close();
  });

  it('produces idempotently and in transactions', async () => {
    const producer = new Producer({
      ...base(),
      serializers: stringSerializers,
      idempotent: true,
      transactionalId: 'platformatic',
    });
    const send = (value: string) => ({ messages: [{ topic: 'two', partition: 1, value }], acks: ProduceAcks.ALL });
    const first = await producer.beginTransaction();
    await first.send(send('aborted'));
    await first.abort();
    const second = await producer.beginTransaction();
    await second.send(send('committed'));
    await second.commit();
    await producer.close();
    const consumer = new Consumer({ ...base(), groupId: 'tx', deserializers: stringDeserializers });
    const offsets = await consumer.listOffsets({ topics: ['two'] });
    // Two records and two markers.
    expect(offsets.get('two')).toEqual([0n, 4n]);
    await consumer.close(true);
  });
});
