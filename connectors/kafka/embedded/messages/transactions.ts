import { array, boolean, int16, int32, int64, nullableString, since, string, struct } from '../wire/schema.ts';

/* InitProducerId Request (0..5) => transactional_id transaction_timeout_ms producer_id (3+) producer_epoch (3+) */
export const initProducerIdRequest = struct({
  transactionalId: nullableString,
  transactionTimeout: int32,
  producerId: since(3, int64, -1),
  producerEpoch: since(3, int16, -1),
});

/* InitProducerId Response => throttle_time_ms error_code producer_id producer_epoch */
export const initProducerIdResponse = struct({
  throttleTime: int32,
  errorCode: int16,
  producerId: int64,
  producerEpoch: int16,
});

/*
  AddPartitionsToTxn Request (0..3) => transactional_id producer_id producer_epoch [topics]
    topics => name [partitions]
*/
export const addPartitionsToTxnRequest = struct({
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  topics: array(struct({ name: string, partitions: array(int32) })),
});

/*
  AddPartitionsToTxn Response => throttle_time_ms [results_by_topic]
    results_by_topic => name [results_by_partition]
      results_by_partition => partition_index partition_error_code
*/
export const addPartitionsToTxnResponse = struct({
  throttleTime: int32,
  topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
});

/* AddOffsetsToTxn Request (0..3) => transactional_id producer_id producer_epoch group_id */
export const addOffsetsToTxnRequest = struct({
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  groupId: string,
});

/* EndTxn Request (0..3) => transactional_id producer_id producer_epoch committed */
export const endTxnRequest = struct({
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  committed: boolean,
});

/* AddOffsetsToTxn Response, EndTxn Response => throttle_time_ms error_code */
export const errorOnlyResponse = struct({ throttleTime: int32, errorCode: int16 });

/*
  TxnOffsetCommit Request (0..3) => transactional_id group_id producer_id producer_epoch generation_id (3+)
                                    member_id (3+) group_instance_id (3+) [topics]
    topics => name [partitions]
      partitions => partition_index committed_offset committed_leader_epoch (2+) committed_metadata
*/
export const txnOffsetCommitRequest = struct({
  transactionalId: string,
  groupId: string,
  producerId: int64,
  producerEpoch: int16,
  generationId: since(3, int32, -1),
  memberId: since(3, string, ''),
  groupInstanceId: since(3, nullableString, null),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({ partition: int32, offset: int64, leaderEpoch: since(2, int32, -1), metadata: nullableString }),
      ),
    }),
  ),
});

/*
  TxnOffsetCommit Response => throttle_time_ms [topics]
    topics => name [partitions]
      partitions => partition_index error_code
*/
export const txnOffsetCommitResponse = struct({
  throttleTime: int32,
  topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
});
