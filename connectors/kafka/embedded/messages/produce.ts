import { array, int16, int32, int64, nullableString, records, since, string, struct } from '../wire/schema.ts';

/*
  Produce Request (3..11) => transactional_id acks timeout_ms [topic_data]
    topic_data => name [partition_data]
      partition_data => index records
*/
export const produceRequest = struct({
  transactionalId: nullableString,
  acks: int16,
  timeout: int32,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, records })) })),
});

/*
  Produce Response => [responses] throttle_time_ms
    responses => name [partition_responses]
      partition_responses => index error_code base_offset log_append_time_ms log_start_offset (5+)
                             [record_errors] (8+) error_message (8+)
        record_errors => batch_index batch_index_error_message
*/
export const produceResponse = struct({
  responses: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          errorCode: int16,
          baseOffset: int64,
          logAppendTime: int64,
          logStartOffset: since(5, int64, -1),
          recordErrors: since(8, array(struct({ batchIndex: int32, message: nullableString })), []),
          errorMessage: since(8, nullableString, null),
        }),
      ),
    }),
  ),
  throttleTime: int32,
});
