import type { Database } from '../servers/index.ts';

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
