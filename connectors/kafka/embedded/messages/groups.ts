import {
  array,
  boolean,
  bytes,
  int8,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
  until,
} from '../wire/schema.ts';

/*
  FindCoordinator Request (0..5) => key (0-3) key_type (1+) [coordinator_keys] (4+)
  key_type: 0 group, 1 transaction
*/
export const findCoordinatorRequest = struct({
  key: until(3, string, ''),
  keyType: since(1, int8, 0),
  keys: since(4, array(string), []),
});

/*
  FindCoordinator Response => throttle_time_ms (1+) error_code (0-3) error_message (1-3) node_id (0-3) host (0-3)
                              port (0-3) [coordinators] (4+)
    coordinators => key node_id host port error_code error_message
*/
export const findCoordinatorResponse = struct({
  throttleTime: since(1, int32, 0),
  errorCode: until(3, int16, 0),
  errorMessage: since(1, nullableString, null, 3),
  nodeId: until(3, int32, 0),
  host: until(3, string, ''),
  port: until(3, int32, 0),
  coordinators: since(
    4,
    array(
      struct({
        key: string,
        nodeId: int32,
        host: string,
        port: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    ),
    [],
  ),
});

/*
  JoinGroup Request (0..9) => group_id session_timeout_ms rebalance_timeout_ms (1+) member_id group_instance_id (5+)
                              protocol_type [protocols] reason (8+)
    protocols => name metadata
*/
export const joinGroupRequest = struct({
  groupId: string,
  sessionTimeout: int32,
  rebalanceTimeout: since(1, int32, -1),
  memberId: string,
  groupInstanceId: since(5, nullableString, null),
  protocolType: string,
  protocols: array(struct({ name: string, metadata: bytes })),
  reason: since(8, nullableString, null),
});

/*
  JoinGroup Response => throttle_time_ms (2+) error_code generation_id protocol_type (7+) protocol_name leader
                        skip_assignment (9+) member_id [members]
    members => member_id group_instance_id (5+) metadata
*/
export const joinGroupResponse = struct({
  throttleTime: since(2, int32, 0),
  errorCode: int16,
  generationId: int32,
  protocolType: since(7, nullableString, null),
  protocolName: nullableString,
  leader: string,
  skipAssignment: since(9, boolean, false),
  memberId: string,
  members: array(struct({ memberId: string, groupInstanceId: since(5, nullableString, null), metadata: bytes })),
});

/*
  SyncGroup Request (0..5) => group_id generation_id member_id group_instance_id (3+) protocol_type (5+)
                              protocol_name (5+) [assignments]
    assignments => member_id assignment
*/
export const syncGroupRequest = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullableString, null),
  protocolType: since(5, nullableString, null),
  protocolName: since(5, nullableString, null),
  assignments: array(struct({ memberId: string, assignment: bytes })),
});

/* SyncGroup Response => throttle_time_ms (1+) error_code protocol_type (5+) protocol_name (5+) assignment */
export const syncGroupResponse = struct({
  throttleTime: since(1, int32, 0),
  errorCode: int16,
  protocolType: since(5, nullableString, null),
  protocolName: since(5, nullableString, null),
  assignment: bytes,
});

/* Heartbeat Request (0..4) => group_id generation_id member_id group_instance_id (3+) */
export const heartbeatRequest = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullableString, null),
});

/* Heartbeat Response => throttle_time_ms (1+) error_code */
export const heartbeatResponse = struct({ throttleTime: since(1, int32, 0), errorCode: int16 });

/*
  LeaveGroup Request (0..5) => group_id member_id (0-2) [members] (3+)
    members => member_id group_instance_id reason (5+)
*/
export const leaveGroupRequest = struct({
  groupId: string,
  memberId: until(2, string, ''),
  members: since(
    3,
    array(struct({ memberId: string, groupInstanceId: nullableString, reason: since(5, nullableString, null) })),
    [],
  ),
});

/*
  LeaveGroup Response => throttle_time_ms (1+) error_code [members] (3+)
    members => member_id group_instance_id error_code
*/
export const leaveGroupResponse = struct({
  throttleTime: since(1, int32, 0),
  errorCode: int16,
  members: since(3, array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 })), []),
});
