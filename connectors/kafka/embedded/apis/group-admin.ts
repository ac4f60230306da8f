import { ErrorCode } from '../error-codes.ts';
import {
  deleteGroupsRequest,
  deleteGroupsResponse,
  describeGroupsRequest,
  describeGroupsResponse,
  listGroupsRequest,
  listGroupsResponse,
  offsetDeleteRequest,
  offsetDeleteResponse,
} from '../messages/group-admin.ts';
import { defineApi } from './define-api.ts';
import { notAsked } from './metadata.ts';

export const describeGroups = defineApi({
  key: 15,
  versions: [0, 6],
  flexibleFrom: 5,
  request: describeGroupsRequest,
  response: describeGroupsResponse,
  answer: (request, call, broker) => ({
    throttleTime: 0,
    groups: request.groups.map((groupId) => {
      const group = broker.groups.get(groupId);
      const missing = group === undefined && call.version >= 6;
      return {
        errorCode: missing ? ErrorCode.groupIdNotFound : ErrorCode.none,
        errorMessage: missing ? `Group ${groupId} not found.` : null,
        groupId,
        groupState: group?.state ?? 'Dead',
        protocolType: group?.protocolType ?? '',
        protocolData: group?.state === 'Stable' ? (group.protocolName ?? '') : '',
        members: [...(group?.members.values() ?? [])].map((member) => ({
          memberId: member.id,
          groupInstanceId: member.instanceId,
          clientId: member.clientId,
          clientHost: `/${member.clientHost}`,
          memberMetadata: group!.metadataOf(member),
          memberAssignment: member.assignment,
        })),
        authorizedOperations: notAsked,
      };
    }),
  }),
});

export const listGroups = defineApi({
  key: 16,
  versions: [0, 5],
  flexibleFrom: 3,
  request: listGroupsRequest,
  response: listGroupsResponse,
  answer: ({ statesFilter, typesFilter }, _call, broker) => ({
    throttleTime: 0,
    errorCode: ErrorCode.none,
    groups: [...broker.groups.all()]
      .filter((group) => matches(statesFilter, group.state) && matches(typesFilter, 'classic'))
      .map((group) => ({
        groupId: group.id,
        protocolType: group.protocolType,
        groupState: group.state,
        groupType: 'classic',
      })),
  }),
});

function matches(filter: readonly string[], value: string): boolean {
  return filter.length === 0 || filter.some((wanted) => wanted.toLowerCase() === value.toLowerCase());
}

export const deleteGroups = defineApi({
  key: 42,
  versions: [0, 2],
  flexibleFrom: 2,
  request: deleteGroupsRequest,
  response: deleteGroupsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    results: request.groups.map((groupId) => ({ groupId, errorCode: broker.groups.delete(groupId) })),
  }),
});

export const offsetDelete = defineApi({
  key: 47,
  versions: [0, 0],
  request: offsetDeleteRequest,
  response: offsetDeleteResponse,
  answer: ({ groupId, topics }, _call, broker) => {
    const group = broker.groups.get(groupId);
    if (group === undefined) return { errorCode: ErrorCode.groupIdNotFound, throttleTime: 0, topics: [] };
    const results = topics.map(({ name, partitions }) => {
      const errorCode = group.isSubscribed(name) ? ErrorCode.groupSubscribedToTopic : ErrorCode.none;
      if (errorCode === ErrorCode.none) for (const { partition } of partitions) group.offsets.delete(name, partition);
      return { name, partitions: partitions.map(({ partition }) => ({ partition, errorCode })) };
    });
    return { errorCode: ErrorCode.none, throttleTime: 0, topics: results };
  },
});
