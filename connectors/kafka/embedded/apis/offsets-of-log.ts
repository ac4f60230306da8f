import { leaderEpoch } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import { findNewest, findTimestamp } from '../log/find-timestamp.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import {
  deleteRecordsRequest,
  deleteRecordsResponse,
  listOffsetsRequest,
  listOffsetsResponse,
  offsetForLeaderEpochRequest,
  offsetForLeaderEpochResponse,
} from '../messages/offsets-of-log.ts';
import { defineApi } from './define-api.ts';

const latest = -1;
const earliest = -2;
const largestTimestamp = -3;
const earliestLocal = -4;
const readCommitted = 1;

export const listOffsets = defineApi({
  key: 2,
  versions: [1, 8],
  flexibleFrom: 6,
  request: listOffsetsRequest,
  response: listOffsetsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition, timestamp }) => {
        const log = broker.topics.partition(name, partition);
        if (log === undefined) {
          const errorCode = ErrorCode.unknownTopicOrPartition;
          return { partition, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 };
        }
        const found = lookUp(log, timestamp, request.isolationLevel === readCommitted);
        const epoch = found.offset < 0 ? -1 : leaderEpoch;
        return { partition, errorCode: ErrorCode.none, ...found, leaderEpoch: epoch };
      }),
    })),
  }),
});

function lookUp(log: PartitionLog, timestamp: number, committed: boolean): { timestamp: number; offset: number } {
  const none = { timestamp: -1, offset: -1 };
  switch (timestamp) {
    case latest:
      return { timestamp: -1, offset: committed ? log.stable : log.end };
    case earliest:
    case earliestLocal:
      return { timestamp: -1, offset: log.start };
    case largestTimestamp:
      return findNewest(log) ?? none;
    default: {
      const found = findTimestamp(log, timestamp);
      return found === undefined || (committed && found.offset >= log.stable) ? none : found;
    }
  }
}

/** Where an epoch of a partition ends; there is only one, which ends at the end. */
export const offsetForLeaderEpoch = defineApi({
  key: 23,
  versions: [2, 4],
  flexibleFrom: 4,
  request: offsetForLeaderEpochRequest,
  response: offsetForLeaderEpochResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition, leaderEpoch: wanted }) => {
        const log = broker.topics.partition(name, partition);
        if (log === undefined) {
          return { errorCode: ErrorCode.unknownTopicOrPartition, partition, leaderEpoch: -1, endOffset: -1 };
        }
        const known = wanted === leaderEpoch;
        return {
          errorCode: ErrorCode.none,
          partition,
          leaderEpoch: known ? leaderEpoch : -1,
          endOffset: known ? log.end : -1,
        };
      }),
    })),
  }),
});

export const deleteRecords = defineApi({
  key: 21,
  versions: [0, 2],
  flexibleFrom: 2,
  request: deleteRecordsRequest,
  response: deleteRecordsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition, offset }) => {
        const log = broker.topics.partition(name, partition);
        if (log === undefined) return { partition, lowWatermark: -1, errorCode: ErrorCode.unknownTopicOrPartition };
        const before = offset === latest ? log.end : offset;
        if (before < 0 || before > log.end)
          return { partition, lowWatermark: -1, errorCode: ErrorCode.offsetOutOfRange };
        log.truncateBefore(before);
        return { partition, lowWatermark: log.start, errorCode: ErrorCode.none };
      }),
    })),
  }),
});
