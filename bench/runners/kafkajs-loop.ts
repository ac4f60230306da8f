/**
 * What a careful developer writes without a job runner: kafkajs in batches, JSON.parse, the last row per key, one upsert
 * a batch. Ends when everything that was there at its start is read.
 *
 *   node kafkajs-loop.js KAFKA TOPIC,TOPIC POSTGRES-URL|-
 */
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

const [kafka = '', topicList = '', database = '-'] = process.argv.slice(2);
const topics = topicList.split(',');
const client = new Kafka({ brokers: [kafka], logLevel: logLevel.ERROR });
const admin = client.admin();
await admin.connect();
let left = 0;
const ends = new Map<string, bigint>();
for (const topic of topics) {
  for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
    ends.set(`${topic}-${partition}`, BigInt(high));
    left += Number(BigInt(high) - BigInt(low));
  }
}
await admin.disconnect();

const db = database === '-' ? undefined : new pg.Client(database);
await db?.connect();
let rows = 0;

const consumer = client.consumer({ groupId: `bench-${process.pid}-${Date.now()}` });
await consumer.connect();
await consumer.subscribe({ topics, fromBeginning: true });
const done = new Promise<void>((resolve, reject) => {
  consumer
    .run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const name = `T${topics.indexOf(batch.topic)}`;
        const newest = new Map<string, { symbol: string; price: number; time: Date }>();
        for (const message of batch.messages) {
          const { symbol, price, event_time_ms } = JSON.parse(message.value!.toString()) as {
            symbol: string;
            price: string;
            event_time_ms: number;
          };
          if (event_time_ms > 1_000_000_000_000) {
            newest.set(symbol, { symbol, price: Number(price), time: new Date(event_time_ms) });
            rows++;
          }
        }
        if (db !== undefined && newest.size > 0) await upsert(db, name, [...newest.values()]);
        left -= batch.messages.length;
        if (left <= 0) resolve();
      },
    })
    .catch(reject);
});
await done;
await consumer.disconnect();
await db?.end();
process.stdout.write(`${JSON.stringify({ rows })}\n`);

async function upsert(
  to: pg.Client,
  topic: string,
  values: readonly { symbol: string; price: number; time: Date }[],
): Promise<void> {
  await to.query(
    `INSERT INTO prices SELECT s, p, t, $4 FROM unnest($1::text[], $2::float8[], $3::timestamp[]) AS u (s, p, t)
     ON CONFLICT (symbol, topic) DO UPDATE SET price = excluded.price, event_time = excluded.event_time`,
    [values.map((v) => v.symbol), values.map((v) => v.price), values.map((v) => v.time), topic],
  );
}
