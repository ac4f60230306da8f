import type { Broker } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import type { Group } from '../groups/group.ts';
import type { CommittedOffset } from '../groups/offsets.ts';
import {
  offsetCommitRequest,
  offsetCommitResponse,
  offsetFetchRequest,
  offsetFetchResponse,
} from '../messages/group-offsets.ts';
import type { ValueOf } from '../wire/schema.ts';
import { defineApi } from './define-api.ts';

const maxMetadata = 4096;

type WantedTopics = ValueOf<typeof offsetFetchRequest>['topics'];
type FetchedTopics = ValueOf<typeof offsetFetchResponse>['topics'];

export const offsetCommit = defineApi({
  key: 8,
  versions: [2, 9],
  flexibleFrom: 8,
  request: offsetCommitRequest,
  response: offsetCommitResponse,
  answer: (request, _call, broker) => {
    const { groupId, memberId, generationId, groupInstanceId, topics } = request;
    const mayCommit = checkGroup(broker, groupId, memberId, generationId, groupInstanceId);
    return {
      throttleTime: 0,
      topics: commitAll(broker, mayCommit, topics, (topic, partition, offset) =>
        broker.groups.getOrCreate(groupId).offsets.commit(topic, partition, offset),
      ),
    };
  },
});

/** Whether offsets of a group may be committed. A group that was never heard of takes them from outside of it only. */
export function checkGroup(
  broker: Broker,
  groupId: string,
  memberId: string,
  generationId: number,
  instanceId: string | null,
): ErrorCode {
  if (groupId === '') return ErrorCode.invalidGroupId;
  const group = broker.groups.get(groupId);
  if (group !== undefined) return group.checkCommit(memberId, generationId, instanceId);
  return generationId < 0 ? ErrorCode.none : ErrorCode.illegalGeneration;
}

interface CommitTopic {
  readonly name: string;
  readonly partitions: readonly (CommittedOffset & { readonly partition: number })[];
}

/** Commits each offset that may be committed and gives the error codes of all. */
export function commitAll(
  broker: Broker,
  mayCommit: ErrorCode,
  topics: readonly CommitTopic[],
  commit: (topic: string, partition: number, offset: CommittedOffset) => void,
) {
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition, offset, leaderEpoch, metadata }) => {
      let errorCode: ErrorCode = mayCommit;
      if (errorCode === ErrorCode.none) {
        if (broker.topics.partition(name, partition) === undefined) errorCode = ErrorCode.unknownTopicOrPartition;
        else if (Buffer.byteLength(metadata ?? '') > maxMetadata) errorCode = ErrorCode.offsetMetadataTooLarge;
        else commit(name, partition, { offset, leaderEpoch, metadata });
      }
      return { partition, errorCode };
    }),
  }));
}

export const offsetFetch = defineApi({
  key: 9,
  versions: [1, 9],
  flexibleFrom: 6,
  request: offsetFetchRequest,
  response: offsetFetchResponse,
  answer: (request, call, broker) => {
    const fetch = (groupId: string, topics: WantedTopics): FetchedTopics =>
      offsetsOf(broker.groups.get(groupId), topics, request.requireStable);
    return {
      throttleTime: 0,
      topics: call.version < 8 ? fetch(request.groupId, request.topics) : [],
      errorCode: ErrorCode.none,
      groups: request.groups.map(({ groupId, topics }) => ({
        groupId,
        topics: fetch(groupId, topics),
        errorCode: ErrorCode.none,
      })),
    };
  },
});

function offsetsOf(group: Group | undefined, wanted: WantedTopics, requireStable: boolean): FetchedTopics {
  const topics =
    wanted ?? [...(group?.offsets.all() ?? [])].map(([name, offsets]) => ({ name, partitions: [...offsets.keys()] }));
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => {
      const unstable = requireStable && group?.offsets.isUnstable(name, partition);
      const committed = unstable ? undefined : group?.offsets.get(name, partition);
      return {
        partition,
        offset: committed?.offset ?? -1,
        leaderEpoch: committed?.leaderEpoch ?? -1,
        metadata: committed?.metadata ?? '',
        errorCode: unstable ? ErrorCode.unstableOffsetCommit : ErrorCode.none,
      };
    }),
  }));
}
