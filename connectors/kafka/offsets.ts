import { RunError } from '../../engine/connector/errors.ts';
import type { Client } from './client.ts';
import { errorCode, errorName, isLeaderChange, notAllowed } from './client-errors.ts';
import { call } from './connection.ts';
import { groupBy } from './group-by.ts';
import { splitName } from './split.ts';
import { listOffsetsV7, offsetCommitV8, offsetFetchV8 } from './wire.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Special timestamps of ListOffsets. */
export const earliest = -2;
export const latest = -1;

/**
 * Split → offset of the first record at or after `timestamp` (ms), or `earliest` or `latest`. Splits without such a
 * record are absent. `latest` is the last stable offset where settings read committed.
 */
export async function listOffsets(
  client: Client,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  let open = partitions;
  const names = [...new Set(partitions.map((p) => p.topic))];
  return client.patiently(
    `the leader of ${partitions.map((p) => splitName(p.topic, p.partition)).join(', ')}`,
    async () => {
      if (open.length === 0) return offsets;
      const topics = await client.metadata(names);
      const byLeader = groupBy(open, (p) => topics.get(p.topic)?.leaders.get(p.partition) ?? -1);
      open = byLeader.get(-1) ?? [];
      byLeader.delete(-1);
      for (const [leader, led] of byLeader)
        open = [...open, ...(await listFrom(client, leader, led, timestamp, offsets))];
      return open.length === 0 ? offsets : undefined;
    },
  );
}

/** Adds the offsets that one broker knows; gives those partitions that it does not lead any more. */
async function listFrom(
  client: Client,
  leader: number,
  partitions: readonly TopicPartition[],
  timestamp: number,
  offsets: Map<string, number>,
): Promise<TopicPartition[]> {
  const request = [...groupBy(partitions, (p) => p.topic)].map(([name, ps]) => ({
    name,
    partitions: ps.map((p) => ({
      partitionIndex: p.partition,
      currentLeaderEpoch: -1,
      timestamp: BigInt(timestamp),
    })),
  }));
  const isolation = client.settings.readCommitted ? 1 : 0;
  const response = await client
    .ask(leader, (connection) => call(connection, listOffsetsV7.api, -1, isolation, request))
    .catch((error: unknown) => {
      if (error instanceof RunError && error.passing) return undefined;
      throw error;
    });
  if (response === undefined) return [...partitions];
  const again: TopicPartition[] = [];
  for (const topic of response.topics) {
    for (const { partitionIndex, errorCode: code, offset } of topic.partitions) {
      const partition = { topic: topic.name, partition: partitionIndex };
      if (code === errorCode.none) {
        if (offset >= 0n) offsets.set(splitName(topic.name, partitionIndex), Number(offset));
      } else if (isLeaderChange(code)) again.push(partition);
      else if (code === errorCode.topicAuthorizationFailed) {
        throw notAllowed(`topic '${topic.name}'`, 'read', client.settings);
      } else {
        const where = splitName(topic.name, partitionIndex);
        throw new RunError('kafka-error', `offsets of ${where} cannot be read: ${errorName(code)}`);
      }
    }
  }
  return again;
}

/** Split → offset that a consumer group committed; splits without one are absent. */
export async function committedOffsets(
  client: Client,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<Map<string, number>> {
  const topics = [...groupBy(partitions, (p) => p.topic)].map(([name, ps]) => ({
    name,
    partitionIndexes: ps.map((p) => p.partition),
  }));
  const { answer } = await client
    .coordinated(0, group, async (connection) => {
      const response = await call(connection, offsetFetchV8.api, [{ groupId: group, memberEpoch: -1, topics }], true);
      const found = response.groups[0];
      const codes = [
        found?.errorCode ?? 0,
        ...(found?.topics.flatMap((t) => t.partitions.map((p) => p.errorCode)) ?? []),
      ];
      return { code: codes.find((c) => c !== 0) ?? 0, answer: found };
    })
    .then((result) => {
      if (result.code === errorCode.groupAuthorizationFailed)
        throw notAllowed(`group '${group}'`, 'read', client.settings);
      if (result.code === errorCode.topicAuthorizationFailed) {
        throw notAllowed(`a topic of group '${group}'`, 'read', client.settings);
      }
      if (result.code !== errorCode.none) {
        throw new RunError('kafka-error', `offsets of group '${group}' cannot be read: ${errorName(result.code)}`);
      }
      return result;
    });
  const offsets = new Map<string, number>();
  for (const topic of answer?.topics ?? []) {
    for (const { partitionIndex, committedOffset } of topic.partitions) {
      if (committedOffset >= 0n) offsets.set(splitName(topic.name, partitionIndex), Number(committedOffset));
    }
  }
  return offsets;
}

/** Commits offsets of a group that has no members; gives the error code of the answer. */
export async function commitOffsets(
  client: Client,
  group: string,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
): Promise<number> {
  const topics = [...groupBy(offsets, (p) => p.topic)].map(([name, ps]) => ({
    name,
    partitions: ps.map((p) => ({
      partitionIndex: p.partition,
      committedOffset: BigInt(p.offset),
      committedLeaderEpoch: -1,
      committedMetadata: '',
    })),
  }));
  const { code } = await client.coordinated(0, group, async (connection) => {
    const response = await call(connection, offsetCommitV8.api, group, -1, '', null, topics);
    const codes = response.topics.flatMap((t) => t.partitions.map((p) => p.errorCode));
    return { code: codes.find((c) => c !== 0) ?? 0 };
  });
  return code;
}
