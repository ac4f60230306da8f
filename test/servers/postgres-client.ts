import pg from 'pg';
import { uniqueName } from './kafka-client.ts';

/** One row as `pg` gives it, by column name. */
export type Row = Record<string, unknown>;

/** A database that belongs to a test. */
export interface Database {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** `jdbc:postgresql://host:port/database`, without credentials. */
  readonly jdbcUrl: string;
  readonly user: string;
  readonly password: string;
  /** Runs one statement on a connection of its own. */
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Ends all connections to it and deletes it. */
  drop(): Promise<void>;
}

/** Creates an empty database on the server of `url`. */
export async function freshDatabase(url: string): Promise<Database> {
  const name = uniqueName('cryptopipe').replaceAll('-', '_');
  await query(url, `CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    jdbcUrl: `jdbc:postgresql://${own.host}/${name}`,
    user: decodeURIComponent(own.username),
    password: decodeURIComponent(own.password),
    query: (sql, values) => query(own.href, sql, values),
    drop: async () => {
      await query(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A connection the server ends shows as the failure of the query; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
