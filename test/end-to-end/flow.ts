import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openProducer, until } from '../servers/index.ts';

/** Messages that keep coming, `{"id": n}` with n counting up, until `stop`. */
export interface Flow {
  /** The first id that the broker has not acknowledged: the number of messages, when counting from 0. */
  readonly sent: number;
  /** Ends it; resolves with `sent`. */
  stop(): Promise<number>;
}

/** Starts a flow of about 5000 messages a second to a topic. Ids count from `first`. */
export function startFlow(kafka: string, topic: string, first = 0): Flow {
  let stopped = false;
  let sent = first;
  const done = (async () => {
    const producer = await openProducer(kafka);
    while (!stopped) {
      const messages = Array.from({ length: 250 }, (_, i) => ({
        topic,
        key: String(sent + i),
        value: `{"id":${sent + i},"text":"message ${sent + i}"}`,
      }));
      await producer.send(messages);
      sent += messages.length;
      await sleep(30);
    }
    await producer.close();
    return sent;
  })();
  return {
    get sent() {
      return sent;
    },
    stop() {
      stopped = true;
      return done;
    },
  };
}

/** What is in the table `flow`: how many rows, and how many different ids. */
export async function countRows(database: Database): Promise<{ rows: number; ids: number }> {
  const [found] = await database.query('SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids FROM flow');
  return found as { rows: number; ids: number };
}

/** Waits until there are `ids` different ids in the table or 30 s have passed; returns what is there. */
export async function untilIds(database: Database, ids: number): Promise<{ rows: number; ids: number }> {
  await until('all ids', async () => (await countRows(database)).ids >= ids, { every: 200, timeout: 45_000 }).catch(
    () => {
      // The caller's assertion shows what is missing.
    },
  );
  return countRows(database);
}

/** A job that copies the topic into the table `flow`, which has a primary key or none. */
export function flowJob(kafka: string, topic: string, database: Database, key: 'with key' | 'without key'): string {
  return `
    CREATE TABLE messages (id BIGINT, text STRING) WITH (
      'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${kafka}',
      'properties.group.id' = 'group-${topic}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
    CREATE TABLE flow (id BIGINT, text STRING${key === 'with key' ? ', PRIMARY KEY (id) NOT ENFORCED' : ''}) WITH (
      'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = 'flow',
      'username' = '${database.user}', 'password' = '${database.password}');
    INSERT INTO flow SELECT id, text FROM messages;`;
}

/** The table `flow`, by hand. */
export function createFlowTable(key: 'with key' | 'without key'): string {
  return `CREATE TABLE flow (id BIGINT ${key === 'with key' ? 'PRIMARY KEY' : ''}, text TEXT)`;
}
