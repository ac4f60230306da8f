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
  uuid,
} from '../wire/schema.ts';

/*
  Metadata Request (0..12) => [topics] allow_auto_topic_creation (4+)
                              include_cluster_authorized_operations (8-10) include_topic_authorized_operations (8+)
    topics => topic_id (10+) name
  All topics: NULL, in version 0 an empty list. A name is NULL where an id is given.
*/
export const metadataRequest = struct({
  topics: nullableArray(struct({ topicId: since(10, uuid, noId), name: nullableString })),
  allowAutoTopicCreation: since(4, boolean, true),
  includeClusterAuthorizedOperations: since(8, boolean, false, 10),
  includeTopicAuthorizedOperations: since(8, boolean, false),
});

/*
  Metadata Response => throttle_time_ms (3+) [brokers] cluster_id (2+) controller_id (1+) [topics]
                       cluster_authorized_operations (8-10)
    brokers => node_id host port rack (1+)
    topics => error_code name topic_id (10+) is_internal (1+) [partitions] topic_authorized_operations (8+)
      partitions => error_code partition_index leader_id leader_epoch (7+) [replica_nodes] [isr_nodes]
                    [offline_replicas] (5+)
*/
export const metadataResponse = struct({
  throttleTime: since(3, int32, 0),
  brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString, null) })),
  clusterId: since(2, nullableString, null),
  controllerId: since(1, int32, -1),
  topics: array(
    struct({
      errorCode: int16,
      name: nullableString,
      topicId: since(10, uuid, noId),
      isInternal: since(1, boolean, false),
      partitions: array(
        struct({
          errorCode: int16,
          partitionIndex: int32,
          leaderId: int32,
          leaderEpoch: since(7, int32, -1),
          replicaNodes: array(int32),
          isrNodes: array(int32),
          offlineReplicas: since(5, array(int32), []),
        }),
      ),
      topicAuthorizedOperations: since(8, int32, 0),
    }),
  ),
  clusterAuthorizedOperations: since(8, int32, 0, 10),
});

/* DescribeCluster Request (0..1) => include_cluster_authorized_operations endpoint_type (1+) */
export const describeClusterRequest = struct({
  includeClusterAuthorizedOperations: boolean,
  endpointType: since(1, int8, 1),
});

/*
  DescribeCluster Response => throttle_time_ms error_code error_message endpoint_type (1+) cluster_id controller_id
                              [brokers] cluster_authorized_operations
    brokers => broker_id host port rack
*/
export const describeClusterResponse = struct({
  throttleTime: int32,
  errorCode: int16,
  errorMessage: nullableString,
  endpointType: since(1, int8, 1),
  clusterId: string,
  controllerId: int32,
  brokers: array(struct({ brokerId: int32, host: string, port: int32, rack: nullableString })),
  clusterAuthorizedOperations: int32,
});
