import type { Log } from '../../engine/connector/context.ts';
import type { ReportOption } from '../../engine/connector/define.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { Role } from '../../engine/connector/options.ts';
import { Client, type Topic } from './client.ts';
import { errorCode, errorName, notAllowed } from './client-errors.ts';
import { call } from './connection.ts';
import { committedOffsets } from './offsets.ts';
import type { ScanMode } from './scan-options.ts';
import type { Settings } from './settings.ts';
import { failForMissing, type TopicChoice } from './topics.ts';
import { metadataV10 } from './wire.ts';

/** What a table wants of a cluster. `start`: where a source begins. */
export interface TopicUse {
  readonly settings: Settings;
  readonly topics: TopicChoice;
  readonly role: Role;
  readonly start?: ScanMode;
}

/** Bits of the operations that a cluster allows on a topic: Kafka's AclOperation. */
const operation = { source: { name: 'Read', bit: 3 }, sink: { name: 'Write', bit: 4 } } as const;

/** Reports everything that would keep a table from being read or written: brokers, login, topics, partitions, rights. */
export async function inspectTopics(use: TopicUse, log: Log, report: ReportOption): Promise<void> {
  const client = new Client(use.settings, log);
  try {
    await client.open();
    const topics = await inspectNames(client, use, report);
    await inspectPartitions(client, topics, use, report);
    if (use.role === 'source') await inspectGroup(client, topics, report);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    reportError(error, keyOf(error), 'unreachable', report);
  } finally {
    await client.close();
  }
}

/** Reports names without a topic; the topics that there are. */
async function inspectNames(
  client: Client,
  { topics: choice, role }: TopicUse,
  report: ReportOption,
): Promise<Map<string, Topic>> {
  const key = choice.kind === 'pattern' ? 'topic-pattern' : 'topic';
  const all = await client.metadata(choice.kind === 'pattern' ? null : choice.names);
  const found = new Map<string, Topic>();
  const missing = new Map<string, Topic>();
  for (const [name, topic] of all) {
    if (choice.kind === 'pattern' && (topic.internal || !choice.pattern.test(name))) continue;
    if (topic.error === errorCode.unknownTopicOrPartition) missing.set(name, topic);
    else if (topic.error === errorCode.topicAuthorizationFailed) {
      const action = role === 'source' ? 'read' : 'write';
      reportError(notAllowed(`topic '${name}'`, action, client.settings), key, 'unfit-target', report);
    } else if (topic.error !== errorCode.none && topic.error !== errorCode.leaderNotAvailable) {
      report({ key, code: 'missing-target', message: `topic '${name}' cannot be used: ${errorName(topic.error)}` });
    } else found.set(name, topic);
  }
  if (missing.size > 0) {
    await failForMissing(client, missing).catch((error: unknown) => {
      if (!(error instanceof RunError)) throw error;
      reportError(error, key, 'missing-target', report);
    });
  }
  if (choice.kind === 'pattern' && found.size === 0) {
    report({
      key,
      code: 'missing-target',
      severity: 'warning',
      message: `no topic fits '${choice.text}' now; the job would wait for one`,
    });
  }
  return found;
}

async function inspectPartitions(
  client: Client,
  topics: ReadonlyMap<string, Topic>,
  { role, start, topics: choice }: TopicUse,
  report: ReportOption,
): Promise<void> {
  const key = choice.kind === 'pattern' ? 'topic-pattern' : 'topic';
  for (const [name, { leaders }] of topics) {
    const leaderless = [...leaders].filter(([, leader]) => leader < 0).map(([partition]) => partition);
    if (leaderless.length > 0) {
      report({
        key,
        code: 'unreachable',
        message: `topic '${name}' has no leader for ${partitionsText(leaderless)}`,
        help: 'the brokers that hold them are away',
      });
    }
    if (start?.kind !== 'specific-offsets') continue;
    const unknown = [...start.offsets.keys()].filter((partition) => !leaders.has(partition));
    if (unknown.length === 0) continue;
    report({
      key: 'scan.startup.specific-offsets',
      code: 'missing-target',
      message: `topic '${name}' has no ${partitionsText(unknown)}, it has ${leaders.size}`,
      help: `partitions are numbered from 0 to ${leaders.size - 1}`,
    });
  }
  if (topics.size === 0) return;
  const names = [...topics.keys()];
  const answer = await client.askAny((connection) => call(connection, metadataV10.api, names, false, true));
  const { name: wanted, bit } = operation[role];
  for (const { name, topicAuthorizedOperations: allowed } of answer.topics) {
    // The lowest number: the broker does not say.
    if (typeof name !== 'string' || allowed === -2147483648 || (allowed & (1 << bit)) !== 0) continue;
    reportError(
      notAllowed(`topic '${name}'`, wanted === 'Read' ? 'read' : 'write', client.settings),
      key,
      'unfit-target',
      report,
    );
  }
}

/** Whether the group of the table may be used. */
async function inspectGroup(client: Client, topics: ReadonlyMap<string, Topic>, report: ReportOption): Promise<void> {
  const group = client.settings.groupId;
  if (group === undefined || topics.size === 0) return;
  const partitions = [...topics].flatMap(([topic, { leaders }]) =>
    [...leaders.keys()].map((partition) => ({ topic, partition })),
  );
  await committedOffsets(client, group, partitions).catch((error: unknown) => {
    if (!(error instanceof RunError)) throw error;
    reportError(error, 'properties.group.id', 'unfit-target', report);
  });
}

function partitionsText(partitions: readonly number[]): string {
  return `partition${partitions.length === 1 ? '' : 's'} ${partitions.join(', ')}`;
}

function reportError(
  { message, help }: RunError,
  key: string,
  code: 'unreachable' | 'missing-target' | 'unfit-target',
  report: ReportOption,
): void {
  report({ key, code, message, ...(help === undefined ? {} : { help }) });
}

function keyOf({ code }: RunError): string {
  return code === 'kafka-authentication' ? 'properties.sasl.jaas.config' : 'properties.bootstrap.servers';
}
