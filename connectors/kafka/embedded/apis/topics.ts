import { type Broker, nodeId } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import { isTopicName, type Topic } from '../log/topics.ts';
import {
  createPartitionsRequest,
  createPartitionsResponse,
  createTopicsRequest,
  createTopicsResponse,
  deleteTopicsRequest,
  deleteTopicsResponse,
} from '../messages/topics.ts';
import { checkTopicConfig, topicConfigs } from '../topic-configs.ts';
import { noId, type ValueOf } from '../wire/schema.ts';
import { defineApi } from './define-api.ts';

type NewTopic = ValueOf<typeof createTopicsRequest>['topics'][number];
type CreatedTopic = ValueOf<typeof createTopicsResponse>['topics'][number];
type Failure = readonly [ErrorCode, string];

const maxPartitions = 10_000;

export const createTopics = defineApi({
  key: 19,
  versions: [2, 7],
  flexibleFrom: 5,
  request: createTopicsRequest,
  response: createTopicsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    topics: request.topics.map((wanted): CreatedTopic => {
      const failure = checkNewTopic(wanted, broker);
      if (failure !== undefined) return failedTopic(wanted.name, failure);
      const partitions = wanted.assignments.length > 0 ? wanted.assignments.length : Math.abs(wanted.numPartitions);
      const configs = wanted.configs.map((c): [string, string] => [c.name, c.value!]);
      const topic = request.validateOnly ? undefined : broker.topics.create(wanted.name, partitions, configs);
      return {
        name: wanted.name,
        topicId: topic?.id ?? noId,
        errorCode: ErrorCode.none,
        errorMessage: null,
        numPartitions: partitions,
        replicationFactor: 1,
        configs: describeConfigs(new Map(configs)),
      };
    }),
  }),
});

function checkNewTopic(wanted: NewTopic, broker: Broker): Failure | undefined {
  if (!isTopicName(wanted.name)) return [ErrorCode.invalidTopic, `'${wanted.name}' is no name for a topic`];
  if (broker.topics.get(wanted.name) !== undefined) {
    return [ErrorCode.topicAlreadyExists, `Topic '${wanted.name}' already exists.`];
  }
  if (wanted.assignments.length > 0) {
    const fits = wanted.assignments.every((a) => a.brokerIds.length === 1 && a.brokerIds[0] === nodeId);
    if (!fits) return [ErrorCode.invalidReplicaAssignment, `the only broker is ${nodeId}`];
  } else {
    const { numPartitions } = wanted;
    if (numPartitions !== -1 && (numPartitions < 1 || numPartitions > maxPartitions)) {
      return [
        ErrorCode.invalidPartitions,
        `the number of partitions must be 1 to ${maxPartitions}, not ${numPartitions}`,
      ];
    }
    if (wanted.replicationFactor !== -1 && wanted.replicationFactor !== 1) {
      return [
        ErrorCode.invalidReplicationFactor,
        `replication factor ${wanted.replicationFactor}: there is one broker`,
      ];
    }
  }
  for (const { name, value } of wanted.configs) {
    const wrong = checkTopicConfig(name, value);
    if (wrong !== undefined) return [ErrorCode.invalidConfig, wrong];
  }
  return undefined;
}

function failedTopic(name: string, [errorCode, errorMessage]: Failure): CreatedTopic {
  return { name, topicId: noId, errorCode, errorMessage, numPartitions: -1, replicationFactor: -1, configs: [] };
}

function describeConfigs(set: ReadonlyMap<string, string>) {
  return [...topicConfigs].map(([name, { value }]) => ({
    name,
    value: set.get(name) ?? value,
    readOnly: false,
    configSource: set.has(name) ? 1 : 5,
    isSensitive: false,
  }));
}

export const deleteTopics = defineApi({
  key: 20,
  versions: [1, 6],
  flexibleFrom: 4,
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
  answer: (request, _call, broker) => {
    const named = request.topicNames.map((name) => ({ name, topicId: noId }));
    const responses = [...request.topics, ...named].map(({ name, topicId }) => {
      const topic = name === null ? broker.topics.byId(topicId) : broker.topics.get(name);
      if (topic !== undefined) {
        broker.topics.delete(topic);
        broker.groups.forgetTopic(topic.name);
        return { name: topic.name, topicId: topic.id, errorCode: ErrorCode.none, errorMessage: null };
      }
      const errorCode = name === null ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition;
      return { name, topicId, errorCode, errorMessage: 'This server does not host this topic.' };
    });
    return { throttleTime: 0, responses };
  },
});

export const createPartitions = defineApi({
  key: 37,
  versions: [0, 3],
  flexibleFrom: 2,
  request: createPartitionsRequest,
  response: createPartitionsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    results: request.topics.map(({ name, count }) => {
      const topic = broker.topics.get(name);
      const failure = checkCount(topic, count);
      if (failure !== undefined) return { name, errorCode: failure[0], errorMessage: failure[1] };
      if (!request.validateOnly) broker.topics.grow(topic!, count);
      return { name, errorCode: ErrorCode.none, errorMessage: null };
    }),
  }),
});

function checkCount(topic: Topic | undefined, count: number): Failure | undefined {
  if (topic === undefined) return [ErrorCode.unknownTopicOrPartition, 'This server does not host this topic.'];
  const now = topic.partitions.length;
  if (count > now && count <= maxPartitions) return undefined;
  return [
    ErrorCode.invalidPartitions,
    `the topic has ${now} partitions, ${count} is not more (at most ${maxPartitions})`,
  ];
}
