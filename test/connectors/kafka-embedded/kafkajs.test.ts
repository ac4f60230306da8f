import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';

let broker: EmbeddedBroker;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startEmbeddedBroker();
  kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });
});

afterAll(() => broker.close());

describe('kafkajs', () => {
  it('produces and consumes', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const sent = await producer.send({ topic: 'first', messages: [{ key: 'k', value: 'v0' }, { value: 'v1' }] });
    expect(sent).toMatchObject([{ topicName: 'first', errorCode: 0, baseOffset: '0' }]);
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: 'g' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'first', fromBeginning: true });
    const seen: (string | undefined)[] = [];
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ message }) => {
          seen.push(message.value?.toString());
          if (seen.length === 2) resolve();
        },
      });
    });
    await consumer.disconnect();
    expect(seen).toEqual(['v0', 'v1']);
  });
});
