import {
  createTopic,
  type Database,
  freshDatabase,
  openProducer,
  startKafka,
  startPostgres,
  type TestProducer,
} from '../test/servers/index.ts';
import type { MakeMessage } from './messages.ts';

/** The servers of a run, with their data. */
export interface Place {
  readonly kafka: string;
  readonly database: Database;
  openProducer(): Promise<TestProducer>;
  /** A topic of two partitions. */
  topic(): Promise<string>;
  /** Three topics filled with `count` messages, made once per `make`. */
  filled(make: MakeMessage, count: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A real Kafka and a real PostgreSQL of the run's own, on loopback. */
export async function openPlace(say: (text: string) => void): Promise<Place> {
  const [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  const database = await freshDatabase(postgres.url);
  const made = new Map<string, readonly string[]>();
  const { address } = kafka;
  return {
    kafka: address,
    database,
    openProducer: () => openProducer(address),
    topic: () => createTopic(address, { partitions: 2 }),
    async filled(make, count) {
      const known = made.get(`${make.name} ${count}`);
      if (known !== undefined) return known;
      say(`producing ${count} messages …`);
      const topics = await Promise.all([0, 1, 2].map(() => createTopic(address, { partitions: 2 })));
      const producer = await openProducer(address);
      // A batch of kafkajs is one record batch for each partition: brokers take 1 MB.
      const step = Math.min(30_000, Math.floor(4_000_000 / make(0).length));
      for (let at = 0; at < count; at += step) {
        const messages = Array.from({ length: Math.min(step, count - at) }, (_, i) => ({
          topic: topics[(at + i) % 3]!,
          partition: Math.floor((at + i) / 3) & 1,
          value: make(at + i),
        }));
        await producer.send(messages);
      }
      await producer.close();
      made.set(`${make.name} ${count}`, topics);
      return topics;
    },
    async close() {
      await kafka.remove();
      await postgres.remove();
    },
  };
}
