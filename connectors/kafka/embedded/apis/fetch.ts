import { type Broker, leaderEpoch } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { waitForChange } from '../log/wait-for-change.ts';
import { fetchRequest, fetchResponse } from '../messages/fetch.ts';
import type { ValueOf } from '../wire/schema.ts';
import { type Call, defineApi } from './define-api.ts';

type FetchRequest = ValueOf<typeof fetchRequest>;
type FetchResponse = ValueOf<typeof fetchResponse>;
type WantedPartition = FetchRequest['topics'][number]['partitions'][number];
type FetchedPartition = FetchResponse['responses'][number]['partitions'][number];

const readCommitted = 1;

/**
 * Reads record batches; waits up to max_wait_ms for min_bytes. Fetch sessions are not kept: every answer has session 0,
 * which tells clients to go on with full requests.
 */
export const fetch = defineApi({
  key: 1,
  versions: [4, 16],
  flexibleFrom: 12,
  request: fetchRequest,
  response: fetchResponse,
  answer: async (request, call, broker) => {
    const deadline = performance.now() + request.maxWait;
    for (;;) {
      const read = readAll(request, call, broker);
      const left = deadline - performance.now();
      if (read.failed || read.bytes >= request.minBytes || left <= 0 || call.closed.aborted) return read.response;
      await waitForChange(read.logs, left, call.closed);
    }
  },
});

function readAll(request: FetchRequest, call: Call, broker: Broker) {
  const logs: PartitionLog[] = [];
  let bytes = 0;
  let failed = false;
  const responses = request.topics.map((wanted) => {
    const topic = call.version >= 13 ? broker.topics.byId(wanted.topicId) : broker.topics.get(wanted.topic);
    const partitions = wanted.partitions.map((partition) => {
      const log = topic?.partitions[partition.partition];
      if (log === undefined) {
        failed = true;
        const errorCode = call.version >= 13 ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition;
        return failure(partition.partition, errorCode);
      }
      const errorCode = check(partition, log);
      if (errorCode !== ErrorCode.none) {
        failed = true;
        return failure(partition.partition, errorCode, log);
      }
      logs.push(log);
      const committed = request.isolationLevel === readCommitted;
      const fetched = read(partition, log, committed, request.maxBytes - bytes, bytes === 0);
      for (const batch of fetched.records ?? []) bytes += batch.length;
      return fetched;
    });
    return { topicId: topic?.id ?? wanted.topicId, topic: wanted.topic, partitions };
  });
  const response: FetchResponse = { throttleTime: 0, errorCode: ErrorCode.none, sessionId: 0, responses };
  return { response, bytes, failed, logs };
}

function check(wanted: WantedPartition, log: PartitionLog): ErrorCode {
  const epoch = wanted.currentLeaderEpoch;
  if (epoch >= 0 && epoch < leaderEpoch) return ErrorCode.fencedLeaderEpoch;
  if (epoch > leaderEpoch) return ErrorCode.unknownLeaderEpoch;
  if (wanted.fetchOffset < log.start || wanted.fetchOffset > log.end) return ErrorCode.offsetOutOfRange;
  return ErrorCode.none;
}

/** `first`: nothing was read for this request yet, so that a batch larger than the limits is given all the same. */
function read(
  wanted: WantedPartition,
  log: PartitionLog,
  committed: boolean,
  maxBytes: number,
  first: boolean,
): FetchedPartition {
  const stable = log.stable;
  const limit = committed ? stable : log.end;
  const records = log.read(wanted.fetchOffset, limit, Math.min(wanted.partitionMaxBytes, maxBytes), first);
  const aborted = committed && records.length > 0 ? log.abortedBetween(wanted.fetchOffset, limit) : [];
  return {
    partition: wanted.partition,
    errorCode: ErrorCode.none,
    highWatermark: log.end,
    lastStableOffset: stable,
    logStartOffset: log.start,
    aborted: committed ? aborted : null,
    preferredReadReplica: -1,
    records,
  };
}

function failure(partition: number, errorCode: ErrorCode, log?: PartitionLog): FetchedPartition {
  return {
    partition,
    errorCode,
    highWatermark: log?.end ?? -1,
    lastStableOffset: log?.stable ?? -1,
    logStartOffset: log?.start ?? -1,
    aborted: null,
    preferredReadReplica: -1,
    records: [],
  };
}
