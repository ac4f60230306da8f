import { array, int8, int16, int32, int64, since, string, struct } from '../wire/schema.ts';

/*
  ListOffsets Request (1..8) => replica_id isolation_level (2+) [topics]
    topics => name [partitions]
      partitions => partition_index current_leader_epoch (4+) timestamp
  timestamp: -1 latest, -2 earliest, -3 record of the largest timestamp, -4 earliest on local disk, else milliseconds
*/
export const listOffsetsRequest = struct({
  replicaId: int32,
  isolationLevel: since(2, int8, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ partition: int32, currentLeaderEpoch: since(4, int32, -1), timestamp: int64 })),
    }),
  ),
});

/*
  ListOffsets Response => throttle_time_ms (2+) [topics]
    topics => name [partitions]
      partitions => partition_index error_code timestamp offset leader_epoch (4+)
*/
export const listOffsetsResponse = struct({
  throttleTime: since(2, int32, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          partition: int32,
          errorCode: int16,
          timestamp: int64,
          offset: int64,
          leaderEpoch: since(4, int32, -1),
        }),
      ),
    }),
  ),
});

/*
  OffsetForLeaderEpoch Request (2..4) => replica_id (3+) [topics]
    topics => topic [partitions]
      partitions => partition current_leader_epoch leader_epoch
*/
export const offsetForLeaderEpochRequest = struct({
  replicaId: since(3, int32, -2),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ partition: int32, currentLeaderEpoch: int32, leaderEpoch: int32 })),
    }),
  ),
});

/*
  OffsetForLeaderEpoch Response => throttle_time_ms [topics]
    topics => topic [partitions]
      partitions => error_code partition leader_epoch end_offset
*/
export const offsetForLeaderEpochResponse = struct({
  throttleTime: int32,
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ errorCode: int16, partition: int32, leaderEpoch: int32, endOffset: int64 })),
    }),
  ),
});

/*
  DeleteRecords Request (0..2) => [topics] timeout_ms
    topics => name [partitions]
      partitions => partition_index offset
*/
export const deleteRecordsRequest = struct({
  topics: array(struct({ name: string, partitions: array(struct({ partition: int32, offset: int64 })) })),
  timeout: int32,
});

/*
  DeleteRecords Response => throttle_time_ms [topics]
    topics => name [partitions]
      partitions => partition_index low_watermark error_code
*/
export const deleteRecordsResponse = struct({
  throttleTime: int32,
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ partition: int32, lowWatermark: int64, errorCode: int16 })),
    }),
  ),
});
