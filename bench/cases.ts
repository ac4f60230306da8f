import { distinctMessage, FIRST_TIME, type MakeMessage, oddMessage, seedMessage, wideMessage } from './messages.ts';

/** One thing to measure: messages in Kafka and the job that reads them all. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly messages: number;
  readonly make: MakeMessage;
  readonly sink: 'blackhole' | 'jdbc';
  /** A condition that the table meets in the end; `n` messages were sent. */
  readonly holds?: (n: number) => string;
  /** Columns of the source besides symbol, price and event_time_ms. */
  readonly more?: string;
}

/** The number of the message that a row is of. */
const MILLISECOND = `((extract(epoch FROM event_time) * 1000)::bigint - ${FIRST_TIME})`;

export const cases: readonly Case[] = [
  { name: 'seed', title: 'seed job → blackhole', messages: 12_000_000, make: seedMessage, sink: 'blackhole' },
  {
    name: 'keys',
    title: 'seed job → PostgreSQL, 3 keys',
    messages: 3_000_000,
    make: seedMessage,
    sink: 'jdbc',
    // Of each topic the last message of one of its two partitions, whichever was read last.
    holds: (n) => `count(*) = 3 AND min(${MILLISECOND}) >= ${n - 6} AND max(${MILLISECOND}) < ${n}`,
  },
  {
    name: 'distinct',
    title: 'distinct keys → PostgreSQL',
    messages: 1_000_000,
    make: distinctMessage,
    sink: 'jdbc',
    holds: (n) =>
      `count(*) = ${n} AND sum(${MILLISECOND}) = ${(BigInt(n) * BigInt(n - 1)) / 2n} AND count(DISTINCT symbol) = ${n}`,
  },
  {
    name: 'wide',
    title: '1 kB messages, 4 of 30 fields → blackhole',
    messages: 1_000_000,
    make: wideMessage,
    sink: 'blackhole',
    more: 'exchange STRING',
  },
  {
    name: 'odd',
    title: 'changing key order, escapes, nesting → blackhole',
    messages: 2_000_000,
    make: oddMessage,
    sink: 'blackhole',
  },
];

export interface JobPlaces {
  readonly kafka: string;
  readonly topics: readonly string[];
  readonly database: { readonly jdbcUrl: string; readonly user: string; readonly password: string };
  /** Options of the jdbc sink besides where it is. */
  readonly sinkOptions?: Readonly<Record<string, string>>;
}

/** The job of a case, the same text for cryptopipe and for Flink. */
export function jobOf({ sink, more }: Case, { kafka, topics, database, sinkOptions = {} }: JobPlaces): string {
  const sources = topics.map(
    (topic, i) => `
CREATE TABLE t${i} (symbol STRING, price DOUBLE, event_time_ms BIGINT${more === undefined ? '' : `, ${more}`}) WITH (
  'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${kafka}',
  'properties.group.id' = 'bench', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset',
  'format' = 'json');`,
  );
  const options =
    sink === 'blackhole'
      ? `'connector' = 'blackhole'`
      : [
          ['connector', 'jdbc'],
          ['url', database.jdbcUrl],
          ['username', database.user],
          ['password', database.password],
          ['table-name', 'prices'],
          ...Object.entries(sinkOptions),
        ]
          .map(([key, value]) => `'${key}' = '${value}'`)
          .join(', ');
  const key = sink === 'jdbc' ? ', PRIMARY KEY (symbol, topic) NOT ENFORCED' : '';
  const extra = more === undefined ? '' : ', exchange STRING';
  const selects = topics.map(
    (_, i) => `
SELECT symbol, price, CAST(TO_TIMESTAMP_LTZ(event_time_ms, 3) AS TIMESTAMP(3)) AS event_time, 'T${i}' AS topic${more === undefined ? '' : ', exchange'}
FROM t${i} WHERE event_time_ms > 1000000000000`,
  );
  return `SET 'table.local-time-zone' = 'UTC';
${sources.join('')}
CREATE TABLE prices (symbol STRING, price DOUBLE, event_time TIMESTAMP(3), topic STRING${extra}${key}) WITH (${options});
INSERT INTO prices${selects.join('\nUNION ALL')};
`;
}

export const CREATE_TARGET =
  'CREATE TABLE prices (symbol TEXT, price DOUBLE PRECISION, event_time TIMESTAMP(3), topic TEXT, PRIMARY KEY (symbol, topic))';
