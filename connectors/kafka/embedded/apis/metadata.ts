import { type Broker, leaderEpoch, nodeId } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import { isTopicName, type Topic } from '../log/topics.ts';
import {
  describeClusterRequest,
  describeClusterResponse,
  metadataRequest,
  metadataResponse,
} from '../messages/metadata.ts';
import { noId, type ValueOf } from '../wire/schema.ts';
import { defineApi } from './define-api.ts';

/** Authorized operations that were not asked for. */
export const notAsked = -2147483648;

type MetadataRequest = ValueOf<typeof metadataRequest>;
type TopicMetadata = ValueOf<typeof metadataResponse>['topics'][number];

/** Brokers, topics and partitions; creates missing topics where client and broker both want that. */
export const metadata = defineApi({
  key: 3,
  versions: [0, 12],
  flexibleFrom: 9,
  request: metadataRequest,
  response: metadataResponse,
  answer: (request, call, broker) => ({
    throttleTime: 0,
    brokers: [{ nodeId, host: broker.host, port: broker.port, rack: null }],
    clusterId: broker.clusterId,
    controllerId: nodeId,
    topics: topicsOf(request, call.version, broker),
    clusterAuthorizedOperations: notAsked,
  }),
});

function topicsOf(request: MetadataRequest, version: number, broker: Broker): TopicMetadata[] {
  const all = request.topics === null || (version === 0 && request.topics.length === 0);
  if (all) return [...broker.topics.all()].map(describe);
  return request.topics.map(({ name, topicId }) => {
    if (name === null) {
      const topic = broker.topics.byId(topicId);
      return topic === undefined ? missing(null, topicId, ErrorCode.unknownTopicId) : describe(topic);
    }
    const topic = broker.topics.get(name);
    if (topic !== undefined) return describe(topic);
    if (!isTopicName(name)) return missing(name, noId, ErrorCode.invalidTopic);
    if (!request.allowAutoTopicCreation || !broker.settings.autoCreate) {
      return missing(name, noId, ErrorCode.unknownTopicOrPartition);
    }
    return describe(broker.topics.create(name, 1));
  });
}

function describe(topic: Topic): TopicMetadata {
  return {
    errorCode: ErrorCode.none,
    name: topic.name,
    topicId: topic.id,
    isInternal: false,
    partitions: topic.partitions.map((_, partitionIndex) => ({
      errorCode: ErrorCode.none,
      partitionIndex,
      leaderId: nodeId,
      leaderEpoch,
      replicaNodes: [nodeId],
      isrNodes: [nodeId],
      offlineReplicas: [],
    })),
    topicAuthorizedOperations: notAsked,
  };
}

function missing(name: string | null, topicId: string, errorCode: ErrorCode): TopicMetadata {
  return { errorCode, name, topicId, isInternal: false, partitions: [], topicAuthorizedOperations: notAsked };
}

export const describeCluster = defineApi({
  key: 60,
  versions: [0, 1],
  flexibleFrom: 0,
  request: describeClusterRequest,
  response: describeClusterResponse,
  answer: (_request, _call, broker) => ({
    throttleTime: 0,
    errorCode: ErrorCode.none,
    errorMessage: null,
    endpointType: 1,
    clusterId: broker.clusterId,
    controllerId: nodeId,
    brokers: [{ brokerId: nodeId, host: broker.host, port: broker.port, rack: null }],
    clusterAuthorizedOperations: notAsked,
  }),
});
