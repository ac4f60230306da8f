import { array, boolean, bytes, int16, int32, nullableString, since, string, struct } from '../wire/schema.ts';

/* DescribeGroups Request (0..6) => [groups] include_authorized_operations (3+) */
export const describeGroupsRequest = struct({
  groups: array(string),
  includeAuthorizedOperations: since(3, boolean, false),
});

/*
  DescribeGroups Response => throttle_time_ms (1+) [groups]
    groups => error_code error_message (6+) group_id group_state protocol_type protocol_data [members]
              authorized_operations (3+)
      members => member_id group_instance_id (4+) client_id client_host member_metadata member_assignment
*/
export const describeGroupsResponse = struct({
  throttleTime: since(1, int32, 0),
  groups: array(
    struct({
      errorCode: int16,
      errorMessage: since(6, nullableString, null),
      groupId: string,
      groupState: string,
      protocolType: string,
      protocolData: string,
      members: array(
        struct({
          memberId: string,
          groupInstanceId: since(4, nullableString, null),
          clientId: string,
          clientHost: string,
          memberMetadata: bytes,
          memberAssignment: bytes,
        }),
      ),
      authorizedOperations: since(3, int32, 0),
    }),
  ),
});

/* ListGroups Request (0..5) => [states_filter] (4+) [types_filter] (5+) */
export const listGroupsRequest = struct({
  statesFilter: since(4, array(string), []),
  typesFilter: since(5, array(string), []),
});

/*
  ListGroups Response => throttle_time_ms (1+) error_code [groups]
    groups => group_id protocol_type group_state (4+) group_type (5+)
*/
export const listGroupsResponse = struct({
  throttleTime: since(1, int32, 0),
  errorCode: int16,
  groups: array(
    struct({
      groupId: string,
      protocolType: string,
      groupState: since(4, string, ''),
      groupType: since(5, string, ''),
    }),
  ),
});

/* DeleteGroups Request (0..2) => [groups_names]; Response => throttle_time_ms [results]; results => group_id error_code */
export const deleteGroupsRequest = struct({ groups: array(string) });
export const deleteGroupsResponse = struct({
  throttleTime: int32,
  results: array(struct({ groupId: string, errorCode: int16 })),
});

/*
  OffsetDelete Request (0) => group_id [topics]
    topics => name [partitions]
      partitions => partition_index
*/
export const offsetDeleteRequest = struct({
  groupId: string,
  topics: array(struct({ name: string, partitions: array(struct({ partition: int32 })) })),
});

/*
  OffsetDelete Response => error_code throttle_time_ms [topics]
    topics => name [partitions]
      partitions => partition_index error_code
*/
export const offsetDeleteResponse = struct({
  errorCode: int16,
  throttleTime: int32,
  topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
});
