import type { Database, TopicMessage } from '../servers/index.ts';

/** A job with state that is killed: what it reads, what it writes, and what has to be there at the end. */
export interface KillCase {
  /** Topics of four partitions, by the names that the other members use. */
  readonly topics: readonly string[];
  /** The tables it writes; in the database their names begin with a prefix and `_`. */
  readonly tables: Readonly<Record<string, KillTable>>;
  /** The table whose count says how far the job is. */
  readonly progress: string;
  createTables(prefix: string): string;
  jobText(prefix: string, at: KillPlace): string;
  /** Message n, the same each time; the topic is one of `topics`. */
  message(n: number): TopicMessage;
  /** What follows message `sent - 1`: event time that closes windows, or nothing. */
  lastMessages(sent: number): readonly TopicMessage[];
}

export interface KillTable {
  /** An SQL aggregate over the table: how much of what was sent it holds. */
  readonly count: string;
  /** What `count` gives in the end. */
  total(sent: number): number;
  /** Its rows in the end, as PostgreSQL writes rows as text, sorted. */
  rows(sent: number): TableText;
}

/** A table's rows as text, in order. */
export type TableText = readonly string[];

export interface KillPlace {
  readonly kafka: string;
  readonly topics: Readonly<Record<string, string>>;
  readonly database: Database;
}

export const PARTITIONS = 4;

/** The same with so little room for state, '2 kb', that it lives in a file. */
export function spilled(killCase: KillCase, memory: string): KillCase {
  return {
    ...killCase,
    jobText: (...given) => `SET 'cryptopipe.state.memory' = '${memory}';\n${killCase.jobText(...given)}`,
  };
}

/** Connector options of a Kafka table that is read from its start. */
export function kafkaTable({ kafka, topics }: KillPlace, topic: string): string {
  return `'connector' = 'kafka', 'topic' = '${topics[topic]}', 'properties.bootstrap.servers' = '${kafka}',
  'scan.startup.mode' = 'earliest-offset', 'format' = 'json'`;
}

/** Connector options of a table in the database. */
export function jdbcTable({ database }: KillPlace, name: string): string {
  return `'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = '${name}',
  'username' = '${database.user}', 'password' = '${database.password}'`;
}
