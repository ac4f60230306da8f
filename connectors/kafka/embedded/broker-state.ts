import { randomBytes } from 'node:crypto';
import { Groups } from './groups/groups.ts';
import { Topics } from './log/topics.ts';
import { Transactions } from './transactions/transactions.ts';

export interface BrokerSettings {
  /** Create a topic of one partition when a client asks for one that is missing, as Kafka does. */
  readonly autoCreate: boolean;
  /** Memory for records; the oldest ones are dropped. */
  readonly maxBytes: number;
}

/** All that the broker holds. `host` and `port` are what clients are told to connect to. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
  readonly settings: BrokerSettings;
  readonly topics: Topics;
  readonly groups: Groups;
  readonly transactions: Transactions;
}

/** The only node of the cluster: leader of all partitions, coordinator of all groups and transactions. */
export const nodeId = 1;

/** There are no elections: every partition stays in its first epoch. */
export const leaderEpoch = 0;

export function createBroker(host: string, port: number, settings: BrokerSettings): Broker {
  const topics = new Topics(settings.maxBytes);
  const groups = new Groups();
  return {
    host,
    port,
    clusterId: randomBytes(16).toString('base64url'),
    settings,
    topics,
    groups,
    transactions: new Transactions(topics, groups),
  };
}
