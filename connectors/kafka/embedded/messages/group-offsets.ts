import {
  array,
  boolean,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  until,
} from '../wire/schema.ts';

/*
  OffsetCommit Request (2..9) => group_id generation_id_or_member_epoch member_id group_instance_id (7+)
                                 retention_time_ms (2-4) [topics]
    topics => name [partitions]
      partitions => partition_index committed_offset committed_leader_epoch (6+) committed_metadata
*/
export const offsetCommitRequest = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(7, nullableString, null),
  retentionTime: until(4, int64, -1),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({ partition: int32, offset: int64, leaderEpoch: since(6, int32, -1), metadata: nullableString }),
      ),
    }),
  ),
});

/*
  OffsetCommit Response => throttle_time_ms (3+) [topics]
    topics => name [partitions]
      partitions => partition_index error_code
*/
export const offsetCommitResponse = struct({
  throttleTime: since(3, int32, 0),
  topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
});

/*
  OffsetFetch Request (1..9) => group_id (1-7) [topics] (1-7) [groups] (8+) require_stable (7+)
    topics => name [partition_indexes]
    groups => group_id member_id (9+) member_epoch (9+) [topics]
      topics => name [partition_indexes]
  All topics: NULL.
*/
const wantedOffsets = nullableArray(struct({ name: string, partitions: array(int32) }));
export const offsetFetchRequest = struct({
  groupId: until(7, string, ''),
  topics: until(7, wantedOffsets, null),
  groups: since(
    8,
    array(
      struct({
        groupId: string,
        memberId: since(9, nullableString, null),
        memberEpoch: since(9, int32, -1),
        topics: wantedOffsets,
      }),
    ),
    [],
  ),
  requireStable: since(7, boolean, false),
});

/*
  OffsetFetch Response => throttle_time_ms (3+) [topics] (1-7) error_code (2-7) [groups] (8+)
    groups => group_id [topics] error_code
      topics => name [partitions]
        partitions => partition_index committed_offset committed_leader_epoch (5+) metadata error_code
*/
const committedOffsets = array(
  struct({
    name: string,
    partitions: array(
      struct({
        partition: int32,
        offset: int64,
        leaderEpoch: since(5, int32, -1),
        metadata: nullableString,
        errorCode: int16,
      }),
    ),
  }),
);
export const offsetFetchResponse = struct({
  throttleTime: since(3, int32, 0),
  topics: until(7, committedOffsets, []),
  errorCode: since(2, int16, 0, 7),
  groups: since(8, array(struct({ groupId: string, topics: committedOffsets, errorCode: int16 })), []),
});
