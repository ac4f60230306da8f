import {
  array,
  int8,
  int16,
  int32,
  int64,
  noId,
  nullableArray,
  records,
  since,
  string,
  struct,
  until,
  uuid,
} from '../wire/schema.ts';

/*
  Fetch Request (4..16) => replica_id (4-14) max_wait_ms min_bytes max_bytes isolation_level session_id (7+)
                           session_epoch (7+) [topics] [forgotten_topics_data] (7+) rack_id (11+)
    topics => topic_id (13+) topic (4-12) [partitions]
      partitions => partition current_leader_epoch (9+) fetch_offset last_fetched_epoch (12+) log_start_offset (5+)
                    partition_max_bytes
    forgotten_topics_data => topic_id (13+) topic (7-12) [partitions]
*/
export const fetchRequest = struct({
  replicaId: until(14, int32, -1),
  maxWait: int32,
  minBytes: int32,
  maxBytes: int32,
  isolationLevel: int8,
  sessionId: since(7, int32, 0),
  sessionEpoch: since(7, int32, -1),
  topics: array(
    struct({
      topicId: since(13, uuid, noId),
      topic: until(12, string, ''),
      partitions: array(
        struct({
          partition: int32,
          currentLeaderEpoch: since(9, int32, -1),
          fetchOffset: int64,
          lastFetchedEpoch: since(12, int32, -1),
          logStartOffset: since(5, int64, -1),
          partitionMaxBytes: int32,
        }),
      ),
    }),
  ),
  forgotten: since(
    7,
    array(struct({ topicId: since(13, uuid, noId), topic: until(12, string, ''), partitions: array(int32) })),
    [],
  ),
  rackId: since(11, string, ''),
});

/*
  Fetch Response => throttle_time_ms error_code (7+) session_id (7+) [responses]
    responses => topic_id (13+) topic (4-12) [partitions]
      partitions => partition_index error_code high_watermark last_stable_offset log_start_offset (5+)
                    [aborted_transactions] preferred_read_replica (11+) records
        aborted_transactions => producer_id first_offset
*/
export const fetchResponse = struct({
  throttleTime: int32,
  errorCode: since(7, int16, 0),
  sessionId: since(7, int32, 0),
  responses: array(
    struct({
      topicId: since(13, uuid, noId),
      topic: until(12, string, ''),
      partitions: array(
        struct({
          partition: int32,
          errorCode: int16,
          highWatermark: int64,
          lastStableOffset: int64,
          logStartOffset: since(5, int64, -1),
          aborted: nullableArray(struct({ producerId: int64, firstOffset: int64 })),
          preferredReadReplica: since(11, int32, -1),
          records,
        }),
      ),
    }),
  ),
});
