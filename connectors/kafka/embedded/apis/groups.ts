import { type Broker, nodeId } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import { joinError, syncError } from '../groups/group.ts';
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
  heartbeatRequest,
  heartbeatResponse,
  joinGroupRequest,
  joinGroupResponse,
  leaveGroupRequest,
  leaveGroupResponse,
  syncGroupRequest,
  syncGroupResponse,
} from '../messages/groups.ts';
import { defineApi } from './define-api.ts';

const maxSessionTimeout = 1_800_000;

/** There is one node: it coordinates everything. */
export const findCoordinator = defineApi({
  key: 10,
  versions: [0, 5],
  flexibleFrom: 3,
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
  answer: (request, _call, broker) => {
    const known = request.keyType === 0 || request.keyType === 1;
    const found = known
      ? { errorCode: ErrorCode.none, errorMessage: null, ...here(broker) }
      : { errorCode: ErrorCode.invalidRequest, errorMessage: 'only groups and transactions', ...nowhere };
    return { throttleTime: 0, ...found, coordinators: request.keys.map((key) => ({ key, ...found })) };
  },
});

function here(broker: Broker) {
  return { nodeId, host: broker.host, port: broker.port };
}

const nowhere = { nodeId: -1, host: '', port: -1 };

export const joinGroup = defineApi({
  key: 11,
  versions: [0, 9],
  flexibleFrom: 6,
  request: joinGroupRequest,
  response: joinGroupResponse,
  answer: (request, call, broker) => {
    if (request.groupId === '') return joinError(ErrorCode.invalidGroupId, request.memberId);
    if (request.sessionTimeout < 1 || request.sessionTimeout > maxSessionTimeout) {
      return joinError(ErrorCode.invalidSessionTimeout, request.memberId);
    }
    const { clientId, clientHost } = call;
    const group = broker.groups.getOrCreate(request.groupId);
    return group.join(request, { clientId, clientHost, joinsTwice: call.version >= 4 });
  },
});

export const syncGroup = defineApi({
  key: 14,
  versions: [0, 5],
  flexibleFrom: 4,
  request: syncGroupRequest,
  response: syncGroupResponse,
  answer: (request, _call, broker) =>
    broker.groups.get(request.groupId)?.sync(request) ?? syncError(ErrorCode.unknownMemberId),
});

export const heartbeat = defineApi({
  key: 12,
  versions: [0, 4],
  flexibleFrom: 4,
  request: heartbeatRequest,
  response: heartbeatResponse,
  answer: ({ groupId, memberId, generationId, groupInstanceId }, _call, broker) => ({
    throttleTime: 0,
    errorCode:
      broker.groups.get(groupId)?.heartbeat(memberId, generationId, groupInstanceId) ?? ErrorCode.unknownMemberId,
  }),
});

export const leaveGroup = defineApi({
  key: 13,
  versions: [0, 5],
  flexibleFrom: 4,
  request: leaveGroupRequest,
  response: leaveGroupResponse,
  answer: (request, call, broker) => {
    const group = broker.groups.get(request.groupId);
    const leave = (memberId: string, instanceId: string | null): ErrorCode =>
      group?.leave(memberId, instanceId) ?? ErrorCode.unknownMemberId;
    if (call.version < 3) return { throttleTime: 0, errorCode: leave(request.memberId, null), members: [] };
    const members = request.members.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      errorCode: leave(memberId, groupInstanceId),
    }));
    return { throttleTime: 0, errorCode: ErrorCode.none, members };
  },
});
