import { type Broker, nodeId } from '../broker-state.ts';
import { ErrorCode } from '../error-codes.ts';
import type { Topic } from '../log/topics.ts';
import {
  alterConfigsRequest,
  alterConfigsResponse,
  describeConfigsRequest,
  describeConfigsResponse,
  incrementalAlterConfigsRequest,
} from '../messages/configs.ts';
import { checkTopicConfig, type TopicConfig, topicConfigs } from '../topic-configs.ts';
import type { ValueOf } from '../wire/schema.ts';
import { defineApi } from './define-api.ts';

const topicResource = 2;
const brokerResource = 4;
const source = { topic: 1, staticBroker: 4, default: 5 } as const;
const operation = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

type Described = ValueOf<typeof describeConfigsResponse>['results'][number]['configs'][number];
type Failure = readonly [ErrorCode, string];

export const describeConfigs = defineApi({
  key: 32,
  versions: [1, 4],
  flexibleFrom: 4,
  request: describeConfigsRequest,
  response: describeConfigsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    results: request.resources.map(({ resourceType, resourceName, configurationKeys }) => {
      const found = configsOf(broker, resourceType, resourceName);
      const named = { resourceType, resourceName };
      if (!Array.isArray(found)) {
        return { errorCode: found.failure[0], errorMessage: found.failure[1], ...named, configs: [] };
      }
      const configs = found.filter((c) => configurationKeys === null || configurationKeys.includes(c.name));
      return { errorCode: ErrorCode.none, errorMessage: null, ...named, configs };
    }),
  }),
});

function configsOf(broker: Broker, type: number, name: string): Described[] | { readonly failure: Failure } {
  if (type === topicResource) {
    const topic = broker.topics.get(name);
    if (topic === undefined) return { failure: unknownTopic };
    return [...topicConfigs].map(([key, config]) =>
      described(key, config, topic.configs.get(key), topic.configs.has(key) ? source.topic : source.default, false),
    );
  }
  if (type === brokerResource) {
    return [...brokerConfigs(broker)].map(([key, config]) =>
      described(key, config, undefined, source.staticBroker, true),
    );
  }
  return { failure: [ErrorCode.invalidRequest, `resources of type ${type} have no configuration here`] };
}

function brokerConfigs(broker: Broker): Map<string, TopicConfig> {
  return new Map([
    ['auto.create.topics.enable', { value: String(broker.settings.autoCreate), type: 1 }],
    ['broker.id', { value: String(nodeId), type: 3 }],
    ['default.replication.factor', { value: '1', type: 3 }],
    ['listeners', { value: `PLAINTEXT://${broker.host}:${broker.port}`, type: 2 }],
    ['message.max.bytes', { value: topicConfigs.get('max.message.bytes')!.value, type: 3 }],
    ['num.partitions', { value: '1', type: 3 }],
  ]);
}

function described(
  name: string,
  config: TopicConfig,
  set: string | undefined,
  configSource: number,
  readOnly: boolean,
): Described {
  return {
    name,
    value: set ?? config.value,
    readOnly,
    configSource,
    isSensitive: false,
    synonyms: [],
    configType: config.type,
    documentation: null,
  };
}

const unknownTopic: Failure = [ErrorCode.unknownTopicOrPartition, 'This server does not host this topic.'];

/** Replaces all settings of a topic. */
export const alterConfigs = defineApi({
  key: 33,
  versions: [0, 2],
  flexibleFrom: 2,
  request: alterConfigsRequest,
  response: alterConfigsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    responses: request.resources.map(({ resourceType, resourceName, configs }) =>
      alter(
        broker,
        resourceType,
        resourceName,
        request.validateOnly,
        () => new Map(configs.map((c) => [c.name, c.value])),
      ),
    ),
  }),
});

/** Sets and unsets single settings of a topic. */
export const incrementalAlterConfigs = defineApi({
  key: 44,
  versions: [0, 1],
  flexibleFrom: 1,
  request: incrementalAlterConfigsRequest,
  response: alterConfigsResponse,
  answer: (request, _call, broker) => ({
    throttleTime: 0,
    responses: request.resources.map(({ resourceType, resourceName, configs }) =>
      alter(broker, resourceType, resourceName, request.validateOnly, (topic) => {
        const next = new Map<string, string | null>(topic.configs);
        for (const c of configs) applyOperation(next, c.name, c.operation, c.value);
        return next;
      }),
    ),
  }),
});

function applyOperation(configs: Map<string, string | null>, name: string, op: number, value: string | null): void {
  const now = (configs.get(name) ?? topicConfigs.get(name)?.value ?? '').split(',').filter((v) => v !== '');
  switch (op) {
    case operation.delete:
      configs.delete(name);
      break;
    case operation.append:
      configs.set(name, [...now, ...(value ?? '').split(',')].join(','));
      break;
    case operation.subtract:
      configs.set(name, now.filter((v) => !(value ?? '').split(',').includes(v)).join(','));
      break;
    default:
      configs.set(name, value);
  }
}

function alter(
  broker: Broker,
  resourceType: number,
  resourceName: string,
  validateOnly: boolean,
  next: (topic: Topic) => Map<string, string | null>,
) {
  const topic = resourceType === topicResource ? broker.topics.get(resourceName) : undefined;
  let failure: Failure | undefined;
  if (resourceType !== topicResource) failure = [ErrorCode.invalidRequest, 'only topics can be configured'];
  else if (topic === undefined) failure = unknownTopic;
  else failure = applyConfigs(topic, next(topic), validateOnly);
  return { errorCode: failure?.[0] ?? ErrorCode.none, errorMessage: failure?.[1] ?? null, resourceType, resourceName };
}

function applyConfigs(topic: Topic, next: Map<string, string | null>, validateOnly: boolean): Failure | undefined {
  for (const [name, value] of next) {
    const wrong = checkTopicConfig(name, value);
    if (wrong !== undefined) return [ErrorCode.invalidConfig, wrong];
  }
  if (validateOnly) return undefined;
  topic.configs.clear();
  for (const [name, value] of next) topic.configs.set(name, value!);
  return undefined;
}
