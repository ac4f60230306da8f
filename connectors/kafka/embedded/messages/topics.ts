import {
  array,
  boolean,
  int8,
  int16,
  int32,
  noId,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  until,
  uuid,
} from '../wire/schema.ts';

/*
  CreateTopics Request (2..7) => [topics] timeout_ms validate_only
    topics => name num_partitions replication_factor [assignments] [configs]
      assignments => partition_index [broker_ids]
      configs => name value
*/
export const createTopicsRequest = struct({
  topics: array(
    struct({
      name: string,
      numPartitions: int32,
      replicationFactor: int16,
      assignments: array(struct({ partition: int32, brokerIds: array(int32) })),
      configs: array(struct({ name: string, value: nullableString })),
    }),
  ),
  timeout: int32,
  validateOnly: boolean,
});

/*
  CreateTopics Response => throttle_time_ms [topics]
    topics => name topic_id (7+) error_code error_message num_partitions (5+) replication_factor (5+) [configs] (5+)
      configs => name value read_only config_source is_sensitive
*/
export const createTopicsResponse = struct({
  throttleTime: int32,
  topics: array(
    struct({
      name: string,
      topicId: since(7, uuid, noId),
      errorCode: int16,
      errorMessage: nullableString,
      numPartitions: since(5, int32, -1),
      replicationFactor: since(5, int16, -1),
      configs: since(
        5,
        nullableArray(
          struct({
            name: string,
            value: nullableString,
            readOnly: boolean,
            configSource: int8,
            isSensitive: boolean,
          }),
        ),
        [],
      ),
    }),
  ),
});

/*
  DeleteTopics Request (1..6) => [topics] (6+) [topic_names] (1-5) timeout_ms
    topics => name topic_id
*/
export const deleteTopicsRequest = struct({
  topics: since(6, array(struct({ name: nullableString, topicId: uuid })), []),
  topicNames: until(5, array(string), []),
  timeout: int32,
});

/*
  DeleteTopics Response => throttle_time_ms [responses]
    responses => name topic_id (6+) error_code error_message (5+)
*/
export const deleteTopicsResponse = struct({
  throttleTime: int32,
  responses: array(
    struct({
      name: nullableString,
      topicId: since(6, uuid, noId),
      errorCode: int16,
      errorMessage: since(5, nullableString, null),
    }),
  ),
});

/*
  CreatePartitions Request (0..3) => [topics] timeout_ms validate_only
    topics => name count [assignments]
      assignments => [broker_ids]
*/
export const createPartitionsRequest = struct({
  topics: array(
    struct({ name: string, count: int32, assignments: nullableArray(struct({ brokerIds: array(int32) })) }),
  ),
  timeout: int32,
  validateOnly: boolean,
});

/*
  CreatePartitions Response => throttle_time_ms [results]
    results => name error_code error_message
*/
export const createPartitionsResponse = struct({
  throttleTime: int32,
  results: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
});
