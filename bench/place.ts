import {
  createTopic,
  type Database,
  freshDatabase,
  openProducer,
  startKafka,
  startPostgres,
  type TestProducer,
} from '../test/servers/index.ts';
import { fill, PARTITIONS } from './fill.ts';
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
    topic: () => createTopic(address, { partitions: PARTITIONS }),
    async filled(make, count) {
      const known = made.get(`${make.name} ${count}`);
      if (known !== undefined) return known;
      say(`producing ${count} messages …`);
      const topics = await Promise.all([0, 1, 2].map(() => createTopic(address, { partitions: PARTITIONS })));
      await fill(address, topics, make, count);
      made.set(`${make.name} ${count}`, topics);
      return topics;
    },
    async close() {
      await kafka.remove();
      await postgres.remove();
    },
  };
}
