import { createTopic, type Database, produceTo, uniqueName, until } from '../servers/index.ts';
import { TOPICS, type Topic } from './ticks.ts';

/** The job's target table, as its README has it. */
export const CREATE_TABLE = `
CREATE SCHEMA machine;
CREATE TABLE machine.crypto_prices (
  symbol     TEXT NOT NULL,
  price      DOUBLE PRECISION,
  event_time TIMESTAMP(3),
  topic      TEXT NOT NULL,
  PRIMARY KEY (symbol, topic)
)`;

/** A row of the table, exactly: the shortest text that gives the double, the time to the millisecond. */
export interface PriceRow {
  readonly symbol: string;
  readonly topic: string;
  readonly price: string | null;
  readonly event_time: string | null;
}

/** The table, ordered by topic and symbol, as PostgreSQL itself writes the values. */
export async function readTable(database: Database): Promise<PriceRow[]> {
  const rows = await database.query(
    `SELECT symbol, topic, price::text, to_char(event_time, 'YYYY-MM-DD HH24:MI:SS.MS') AS event_time
     FROM machine.crypto_prices ORDER BY topic COLLATE "C", symbol COLLATE "C"`,
  );
  return rows as unknown as PriceRow[];
}

/** The environment that leads the job to these servers. */
export function environment(servers: { kafka: string; database: Database }): Record<string, string> {
  return {
    KAFKA_BOOTSTRAP_SERVERS: servers.kafka,
    JDBC_URL: servers.database.jdbcUrl,
    JDBC_USER: servers.database.user,
    JDBC_PASSWORD: servers.database.password,
  };
}

/** The job's text with its variables filled in, by other means than `cryptopipe render`. */
export function fillIn(job: string, servers: { kafka: string; database: Database }): string {
  const values = environment(servers);
  return job.replaceAll(/\$\{(\w+):-[^}]*\}/g, (_, name: string) => values[name]!.replaceAll("'", "''"));
}

/** The job with topics and group of the test's own in place of BTC, SOL and BNB, so that tests can share a broker. */
export function withTopics(job: string, topics: Readonly<Record<Topic, string>>): string {
  const renamed = TOPICS.reduce(
    (text, name) => text.replace(`'topic' = '${name}'`, `'topic' = '${topics[name]}'`),
    job,
  );
  return renamed.replaceAll("'properties.group.id' = 'crypto_prices'", `'properties.group.id' = 'group-${topics.BTC}'`);
}

/** Creates the three topics under names of the test's own. */
export async function createTopics(kafka: string): Promise<Record<Topic, string>> {
  const names = await Promise.all(TOPICS.map((name) => createTopic(kafka, { name: uniqueName(name) })));
  return Object.fromEntries(TOPICS.map((name, i) => [name, names[i]!])) as Record<Topic, string>;
}

/**
 * Produces probes to every topic until a row of each has arrived: from then on the job, which starts at the end of the
 * topics, reads everything. Then takes the probes' rows away.
 */
export async function untilReading(
  kafka: string,
  topics: readonly string[],
  database: Database,
  child?: { readonly exited: Promise<number | NodeJS.Signals>; readonly stderr: string },
): Promise<void> {
  const probe = (topic: string) => ({ topic, key: 'PROBE', value: tick('PROBE', 1, 1_700_000_000_000) });
  const ended = child?.exited.then((code) => {
    throw new Error(`the job ended (${code})\n${child.stderr}`);
  });
  ended?.catch(() => undefined); // Only told while the probes are waited for.
  const arrived = until(
    'the probes in the table',
    async () => {
      await produceTo(kafka, topics.map(probe));
      return (await readTable(database)).length === topics.length;
    },
    { timeout: 90_000, every: 300 },
  );
  await Promise.race(ended === undefined ? [arrived] : [arrived, ended]);
  await database.query('DELETE FROM machine.crypto_prices');
}

/** A message's text. */
export function tick(symbol: string, price: number | string, millis: number): string {
  return JSON.stringify({ symbol, price, event_time_ms: millis });
}
